"""Finds the text of each page with RapidOCR and paints its boxes over in the colour around them.

A warm worker for mgpu-translate on a real model that comes with its package (pip install rapidocr-onnxruntime pillow).
With onnxruntime-gpu in place of onnxruntime it runs on the worker's GPU.
"""

import mgpu_worker  # first: from here on, whatever is printed goes to the log

import importlib.metadata
import os

import numpy
import onnxruntime
from PIL import Image
from rapidocr_onnxruntime import RapidOCR

# Boxes found with less confidence are as often drawing as text.
LEAST_CONFIDENCE = 0.5
# Boxes end at the letters' edges; their anti-aliased rim lies outside. In pixels.
MARGIN = 3

ocr = None


def load():
    global ocr
    has_gpu = os.environ.get("MGPU_GPU", "cpu") != "cpu"
    on_gpu = has_gpu and "CUDAExecutionProvider" in onnxruntime.get_available_providers()
    threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
    ocr = RapidOCR(det_use_cuda=on_gpu, cls_use_cuda=on_gpu, rec_use_cuda=on_gpu, intra_op_num_threads=threads)
    return {
        "translator": "rapidocr-onnxruntime",
        "version": importlib.metadata.version("rapidocr-onnxruntime"),
        "device": "cuda:0" if on_gpu else "cpu",
    }


def translate(page_in, page_out, page):
    with Image.open(page_in) as image:
        pixels = numpy.array(image.convert("RGB"))
    page.stage("ocr")
    found, _seconds = ocr(pixels[:, :, ::-1].copy())  # BGR, as OpenCV has it
    boxes = [box for box, _text, confidence in found or [] if float(confidence) >= LEAST_CONFIDENCE]
    page.stage("clearing")
    for box in boxes:
        clear(pixels, box)
    Image.fromarray(pixels).save(page_out)
    return "translated" if boxes else "no-text"


def clear(pixels, box):
    """Paints a box over in the median colour of the frame around it."""
    height, width = pixels.shape[:2]
    xs, ys = zip(*box)
    left, right = max(int(min(xs)) - MARGIN, 0), min(int(max(xs)) + MARGIN + 1, width)
    top, bottom = max(int(min(ys)) - MARGIN, 0), min(int(max(ys)) + MARGIN + 1, height)
    inside = pixels[top:bottom, left:right]
    frame = numpy.concatenate([inside[0], inside[-1], inside[:, 0], inside[:, -1]])
    inside[:] = numpy.median(frame, axis=0)


if __name__ == "__main__":
    mgpu_worker.run(load=load, translate=translate)
