"""The files of the pages of one worker on its node: copies of the inputs, and what the worker makes of them."""

import collections
import errno
import hashlib
import json
import os
import re
import shutil
import stat

# What a worker writes beside its output under other names, notes and masks, is taken too.
MOST_FILES = 64
RECENT = 8
PART_BYTES = 4 * 1024 * 1024


class PageFiles:
    def __init__(self, folder):
        self._folder = folder
        self._inputs = {}
        self._at_work = {}
        # Of pages that were answered: a line of stderr may be read after the answer that it came before.
        self._answered = collections.deque(maxlen=RECENT)
        self._handed_over = 0

    def put(self, id, name, offset, content):
        """Writes a part of an input; its first part makes the file. Raises OSError."""
        path = self._input(id, name)
        if offset == 0:
            self.forget_input(id)
            os.makedirs(os.path.dirname(path), 0o700)
        with open(path, "wb" if offset == 0 else "r+b") as file:
            file.seek(offset)
            file.write(content)
        self._inputs[id] = path

    def forget_input(self, id):
        self._inputs.pop(id, None)
        shutil.rmtree(self._place("in", id), ignore_errors=True)

    def hand_over(self, text, id, output):
        """A page's line with the node's paths in it, and the OSError where there is no room for its output. Raises ValueError."""
        request = json.loads(text)
        if not isinstance(request, dict) or not all(isinstance(request.get(key), str) for key in ("id", "input", "output")):
            raise ValueError("no page")
        page = request["id"]
        given = dict(request)
        # Another folder for each try: that of the one before may not be fetched yet.
        self._handed_over += 1
        folder = "%s.%d" % (self._place("out", id), self._handed_over)
        trouble = None
        try:
            os.makedirs(folder, 0o700)
        except OSError as error:
            trouble = error
        # Without a copy the worker finds no file, and says so.
        request["input"] = self._inputs.get(id) or os.path.join(self._place("in", id), os.path.basename(given["input"]))
        request["output"] = os.path.join(folder, os.path.basename(output))
        pairs = [
            (request["output"], given["output"]),
            (request["input"], given["input"]),
            # With their slashes: the folder of page 1 is no part of that of page 10.
            (os.path.join(folder, ""), os.path.join(os.path.dirname(given["output"]), "")),
            (os.path.join(os.path.dirname(request["input"]), ""), os.path.join(os.path.dirname(given["input"]), "")),
        ]
        self._at_work[page] = {"id": id, "folder": folder, "pairs": pairs}
        return json.dumps(request, ensure_ascii=False, separators=(",", ":")), trouble

    def answered(self, line):
        """Whether a line of a worker's stdout answers a page: (its id, whether it has outputs), or None."""
        if '"done"' not in line and '"failed"' not in line:
            return None
        try:
            said = json.loads(line)
        except ValueError:
            return None
        if not isinstance(said, dict) or said.get("type") not in ("done", "failed"):
            return None
        page = said.get("id")
        if not isinstance(page, str) or page not in self._at_work:
            return None
        return page, said["type"] == "done" and not ("output" in said and said["output"] is None)

    def outputs(self, page):
        """What lies where the worker was to write: (name, path, size) of each file."""
        folder = self._at_work[page]["folder"]
        found = []
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            status = os.lstat(path)
            if stat.S_ISREG(status.st_mode):
                found.append((name, path, status.st_size))
        return found[:MOST_FILES]

    def id_of(self, page):
        return self._at_work[page]["id"]

    def settle(self, page):
        """The worker is done with the page. Returns what removes its outputs, for when they are fetched."""
        entry = self._at_work.pop(page)
        self._answered.append(entry)
        self.forget_input(entry["id"])
        return lambda: shutil.rmtree(entry["folder"], ignore_errors=True)

    def restored(self, text, is_json):
        """A text with the launcher's paths instead of the node's."""
        if self._folder not in text:
            return text
        entries = list(self._at_work.values()) + list(self._answered)
        pairs = [pair for entry in entries for pair in entry["pairs"]]
        if is_json:
            try:
                return json.dumps(mapped(json.loads(text), pairs), ensure_ascii=False, separators=(",", ":"))
            except ValueError:
                pass
        return replaced(text, pairs)

    def _input(self, id, name):
        if name in ("", ".", "..") or "/" in name or "\0" in name:
            raise OSError(errno.EINVAL, "no file name: %r" % name)
        return os.path.join(self._place("in", id), name)

    def _place(self, kind, id):
        """A page's folder; what is no plain name goes by its hash."""
        plain = re.match(r"[A-Za-z0-9_-]{1,64}\Z", id)
        name = id if plain else hashlib.sha1(id.encode("utf-8", "replace")).hexdigest()
        return os.path.join(self._folder, kind, name)


def mapped(value, pairs):
    if isinstance(value, str):
        return replaced(value, pairs)
    if isinstance(value, list):
        return [mapped(each, pairs) for each in value]
    if isinstance(value, dict):
        return {key: mapped(each, pairs) for key, each in value.items()}
    return value


def replaced(text, pairs):
    for ours, theirs in pairs:
        text = text.replace(ours, theirs)
    return text
