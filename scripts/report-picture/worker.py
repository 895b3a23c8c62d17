"""A warm worker for the picture of a report: stamps pages, takes its time, and fails on some."""

import os
import random
import sys
import time

sys.path.insert(0, os.environ["MGPU_PYTHON_FOLDER"])

import demo_translate
import mgpu_worker


def load():
    time.sleep(1.5)
    return {"translator": "picture"}


def translate(page_in, page_out, page):
    random.seed(page.id)
    print("%s: 1 page, %d text regions" % (page.id, random.randint(0, 14)))
    time.sleep(random.uniform(0.12, 0.5))
    if page.id.endswith(("3/011.png", "5/004.png", "6/017.png")):
        time.sleep(0.4)
        raise RuntimeError("CUDA out of memory. Tried to allocate 3.62 GiB (GPU 0; 14.57 GiB total capacity)")
    if page.id.endswith("4/013.png"):
        print("ocr: 48px_ctc failed on region 3")
        raise ValueError("cannot reshape array of size 0 into shape (48, 0, 3)")
    with open(page_in, "rb") as file:
        data = file.read()
    with open(page_out, "wb") as file:
        file.write(data if page.id.endswith("1/009.png") else demo_translate.stamped(data, page.id))
    return "untranslated" if page.id.endswith(("2/001.png", "7/001.png")) else None


mgpu_worker.run(load=load, translate=translate)
