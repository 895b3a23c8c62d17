"""The demo as a warm worker: python demo_worker.py [options]

Stamps GPU, slot and name on each PNG that it is given and copies other images, as demo_translate.py does for a folder of them.
"""

import argparse
import sys
import time

sys.dont_write_bytecode = True

import mgpu_worker

import demo_page
import demo_translate


def arguments():
    parser = argparse.ArgumentParser(
        description="Stamps GPU, slot and name on each PNG that it is given, and copies other images."
    )
    parser.add_argument("--seconds", type=float, default=0.3, metavar="S", help="time a page takes (default 0.3)")
    parser.add_argument("--load-seconds", type=float, default=0.5, metavar="L", help="time the start takes (default 0.5)")
    parser.add_argument("--ns-per-pixel", type=float, default=0.0, metavar="N", help="added for each pixel (default 0)")
    parser.add_argument("by_hand", nargs="*", metavar="PAGE", help="a page and where to put it, to try one")
    return parser.parse_args()


def pixels(data):
    """Of a PNG, as its header has it; 0 for another image."""
    if not demo_page.is_png(data):
        return 0
    return int.from_bytes(data[16:20], "big") * int.from_bytes(data[20:24], "big")


def main():
    args = arguments()

    def load():
        time.sleep(args.load_seconds)
        gpu = demo_translate.gpu_number()
        return {"translator": "demo", "version": "1", "device": "cpu" if gpu is None else "cuda:0"}

    def translate(page_in, page_out, page):
        began = time.monotonic()
        with open(page_in, "rb") as file:
            data = file.read()
        due = began + args.seconds + pixels(data) * args.ns_per_pixel / 1e9
        try:
            made = demo_translate.stamped(data, page.id)
        except demo_page.Broken as error:
            raise mgpu_worker.Unreadable(str(error))
        with open(page_out, "wb") as file:
            file.write(made)
        time.sleep(max(0.0, due - time.monotonic()))

    mgpu_worker.run(load=load, translate=translate)


if __name__ == "__main__":
    main()
