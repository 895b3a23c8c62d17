"""The launcher, as the driver sees it: one JSON object a line on stdin, and on what was stdout."""

import json
import os
import queue
import sys
import threading

LONGEST_LINE = 16 * 1024 * 1024
LONGEST_SAID = 1000 * 1000
# What waits to be read by the launcher: above it nothing more is fetched from the nodes.
MOST_UNREAD = 4 * 1024 * 1024


class Launcher:
    def __init__(self):
        # Ray, and whatever prints, writes to stderr.
        self._out = os.dup(1)
        os.dup2(2, 1)
        self._said = queue.SimpleQueue()
        self._unread = 0
        self._lock = threading.Lock()
        self._writer = threading.Thread(target=self._write, daemon=True)
        self._writer.start()

    def first_message(self):
        """The launcher's first line; None where there is none."""
        return self._parsed(sys.stdin.buffer.readline(LONGEST_LINE))

    def listen(self, heard, ended):
        """From here on, in a thread of its own, `heard` is called with each message and `ended` at the end of stdin."""

        def read():
            while True:
                line = sys.stdin.buffer.readline(LONGEST_LINE)
                if not line:
                    return ended()
                message = self._parsed(line)
                if message is not None:
                    heard(message)

        threading.Thread(target=read, daemon=True).start()

    def say(self, type, **fields):
        line = encoded(dict(fields, type=type))
        self._count(len(line))
        self._said.put(line)

    def is_behind(self):
        return self._unread > MOST_UNREAD

    def finish(self, seconds):
        """Returns once all that was said is written, or after so long."""
        self._said.put(None)
        self._writer.join(seconds)

    def _write(self):
        while True:
            line = self._said.get()
            if line is None:
                return
            left = memoryview(line)
            try:
                while left:
                    left = left[os.write(self._out, left) :]
            except OSError:
                # Nobody reads any more: the end of stdin says so, too.
                pass
            self._count(-len(line))

    def _count(self, size):
        with self._lock:
            self._unread += size

    @staticmethod
    def _parsed(line):
        try:
            message = json.loads(line)
        except ValueError:
            return None
        return message if isinstance(message, dict) and isinstance(message.get("type"), str) else None


def encoded(message):
    """A message as a line of at most 1 MB: lines of a worker that are longer with their escapes are cut."""
    line = one_line(message)
    if len(line) > LONGEST_SAID and message["type"] == "lines":
        share = LONGEST_SAID // 8 // max(1, len(message["out"]) + len(message["err"]))
        short = {stream: [text if len(text) <= share else text[:share] + " … [cut]" for text in message[stream]] for stream in ("out", "err")}
        line = one_line(dict(message, **short))
    return line


def one_line(message):
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    # A name that is no UTF-8 has half characters, which can't be written as such.
    return text.encode("utf-8", "backslashreplace") + b"\n"
