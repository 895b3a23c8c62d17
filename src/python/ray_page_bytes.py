"""Files of pages on the launcher's machine: inputs that are read for a node, outputs that came from one."""

import errno
import itertools
import os
import stat

from ray_trouble import trouble_words

PART_BYTES = 4 * 1024 * 1024
# Of a slot no more pages are at work than a few.
MOST_EXPECTED = 64
COUNT = itertools.count()


def open_input(path):
    """A file to be read. Raises OSError for what is no regular file, too."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    file = os.fdopen(handle, "rb")
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "no regular file", path)
    return file


class SlotOutputs:
    """What the pages of one slot came to: each file is written under another name, then renamed."""

    def __init__(self):
        self._expected = {}
        self._failed = set()
        self._open = None

    def expect(self, id, output):
        self._expected.pop(id, None)
        self._expected[id] = output
        self._failed.discard(id)
        while len(self._expected) > MOST_EXPECTED:
            del self._expected[next(iter(self._expected))]

    def take(self, event):
        """Writes a part of a file. Returns what keeps the page from having its output, in words, once for a page."""
        id = event["id"]
        if id in self._failed or id not in self._expected:
            return None
        trouble = event.get("trouble")
        if trouble is None:
            try:
                self._write(event)
                return None
            except Exception as error:
                trouble = trouble_words(error)
        self._failed.add(id)
        self.drop()
        return trouble

    def drop(self):
        """Removes the file that is not whole. Never raises: a disk that fails may keep it."""
        if self._open is None:
            return
        file, path, _ = self._open
        self._open = None
        for each in (file.close, lambda: os.unlink(path)):
            try:
                each()
            except OSError:
                pass

    def _write(self, event):
        if event["offset"] == 0:
            self.drop()
            folder = os.path.dirname(self._expected[event["id"]])
            path = os.path.join(folder, ".mgpu-ray-%d-%d.part" % (os.getpid(), next(COUNT)))
            # Unbuffered: a full disk says so here.
            self._open = open(path, "xb", buffering=0), path, os.path.join(folder, os.path.basename(event["name"]))
        file, path, target = self._open
        left = memoryview(event["bytes"])
        while left:
            left = left[file.write(left) :]
        if event["last"]:
            file.close()
            os.replace(path, target)
            self._open = None
