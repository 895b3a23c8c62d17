"""Draws pages with text, and says what became of the text: pages.py draw FOLDER | pages.py check PAGES MADE SCALE cleared|kept"""

import json
import os
import sys

from PIL import Image, ImageDraw, ImageFont

SIZE = (320, 448)
LINES = ["WHERE ARE WE GOING", "I SAW IT TOO", "RUN FOR THE DOOR", "NOT TONIGHT", "LOOK BEHIND YOU", "IT IS RAINING"]
PAPER = [(255, 255, 255), (236, 236, 228), (210, 222, 236)]


def draw(folder):
    """Twelve pages in two chapters, three lines of text on each; boxes.json beside them says where the text is."""
    boxes = {}
    for number in range(12):
        name = "chapter-%d/%03d.png" % (number // 6 + 1, number % 6 + 1)
        page = Image.new("RGB", SIZE, PAPER[number % len(PAPER)])
        pen = ImageDraw.Draw(page)
        pen.rectangle((6, 6, SIZE[0] - 7, SIZE[1] - 7), outline=(20, 20, 20), width=2)
        boxes[name] = []
        for line in range(3):
            text = LINES[(number + line) % len(LINES)]
            at = (30 + 12 * line, 50 + 130 * line)
            font = ImageFont.load_default(size=22)
            pen.text(at, text, fill=(10, 10, 10), font=font)
            boxes[name].append(pen.textbbox(at, text, font=font))
        os.makedirs(os.path.join(folder, os.path.dirname(name)), exist_ok=True)
        page.save(os.path.join(folder, name))
    with open(os.path.join(folder, "boxes.json"), "w") as file:
        json.dump(boxes, file)


def ink(page, box):
    """The share of dark pixels in a box."""
    grey = page.convert("L").crop(box)
    return sum(grey.histogram()[:100]) / (grey.width * grey.height)


def check(pages, made, scale, text):
    with open(os.path.join(pages, "boxes.json")) as file:
        boxes = json.load(file)
    for name, places in boxes.items():
        with Image.open(os.path.join(pages, name)) as before, Image.open(os.path.join(made, name)) as after:
            if after.size != tuple(scale * side for side in before.size):
                return "%s is %s, from %s" % (name, after.size, before.size)
            frame = (0, 0, after.width, 20 * scale)
            if ink(after, frame) < 0.5 * ink(before, (0, 0, before.width, 20)):
                return "%s has lost its frame" % name
            for box in places:
                had = ink(before, box)
                has = ink(after, [scale * side for side in box])
                if text == "cleared" and has > 0.05 * had or text == "kept" and abs(has - had) > 0.3 * had:
                    return "%s: its text at %s had %.3f of ink, and has %.3f" % (name, box, had, has)
    print("%d pages, the text is %s" % (len(boxes), text))
    return None


if __name__ == "__main__":
    if sys.argv[1] == "draw":
        draw(sys.argv[2])
    else:
        sys.exit(check(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5]))
