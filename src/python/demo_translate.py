"""The demo translator: python demo_translate.py --input DIR --output OUT

Stamps GPU, slot and name on every PNG, with Python's standard library alone, and copies all other images as they are. It
stands in for a real translator, so that a first run shows where the pages go.
"""

import argparse
import os
import re
import sys
import time

sys.dont_write_bytecode = True

import demo_page

SUFFIXES = (".png", ".jpg", ".jpeg", ".jfif", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".avif", ".jxl")


def log(text):
    print(text, file=sys.stderr, flush=True)


def natural(name):
    """Sorts page 2 before page 10."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"([0-9]+)", name.lower())]


def pages_in(folder, left_out):
    """Relative paths of the images below a folder, naturally sorted folder by folder."""
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(
            (name for name in folders if name[0] != "." and os.path.abspath(os.path.join(where, name)) != left_out),
            key=natural,
        )
        for name in sorted(files, key=natural):
            if name[0] != "." and name.lower().endswith(SUFFIXES):
                yield os.path.relpath(os.path.join(where, name), folder)


def gpu_number():
    """The number of the GPU that this process was given; None on the CPU."""
    given = os.environ.get("MGPU_GPU") or os.environ.get("CUDA_VISIBLE_DEVICES") or ""
    return int(given) if given.isdigit() else None


def banner(page):
    gpu = gpu_number()
    place = "CPU" if gpu is None else "GPU %d" % gpu
    slot = os.environ.get("MGPU_SLOT")
    return [place + (" - SLOT " + slot if slot else ""), page]


def stamped(data, page):
    """The page with its banner; as it is where the demo can't write on it. Raises demo_page.Broken."""
    try:
        return demo_page.stamp(data, banner(page), gpu_number() or 0)
    except demo_page.NotStampable as error:
        log("[demo] Copied as it is: %s" % error)
        return data


def translate(source, target, page, due):
    """Writes the stamped page, whole or not at all, when it is due. Raises demo_page.Broken, OSError."""
    with open(source, "rb") as file:
        made = stamped(file.read(), page)
    time.sleep(max(0.0, due - time.monotonic()))
    log('[demo] Saving "%s"' % target)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    unfinished = os.path.join(os.path.dirname(target), ".demo-%d.tmp" % os.getpid())
    with open(unfinished, "wb") as file:
        file.write(made)
    os.replace(unfinished, target)


def main():
    parser = argparse.ArgumentParser(
        description="Stamps GPU, slot and name on every PNG of a folder, and copies other images."
    )
    parser.add_argument("--input", required=True, metavar="DIR")
    parser.add_argument("--output", required=True, metavar="OUT")
    parser.add_argument("--seconds", type=float, default=0.3, metavar="S", help="time a page takes (default 0.3)")
    parser.add_argument("--load-seconds", type=float, default=0.5, metavar="L", help="time the start takes (default 0.5)")
    args = parser.parse_args()
    if not os.path.isdir(args.input):
        parser.error("no such folder: %s" % args.input)

    began = time.monotonic()
    log("[demo] Loading")
    time.sleep(args.load_seconds)
    translated = failed = 0
    for page in pages_in(args.input, os.path.abspath(args.output)):
        source = os.path.join(args.input, page)
        due = time.monotonic() + args.seconds
        log('[demo] Translating: "%s"' % source)
        try:
            translate(source, os.path.join(args.output, page), page, due)
            translated += 1
        except (demo_page.Broken, OSError) as error:
            log("ERROR: [demo] %s: %s" % (page, error))
            failed += 1
    log("[demo] Done. Translated %d images in %.1f seconds" % (translated, time.monotonic() - began))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
