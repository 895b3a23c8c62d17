"""Cuts what a worker writes into whole lines of text."""

import time

LONGEST_LINE = 900 * 1000
PROGRESS_SECONDS = 1.0


class Lines:
    """What is no UTF-8 becomes U+FFFD; a line is cut at 900 kB and says so; of a bar that is redrawn the last state counts."""

    def __init__(self, tell):
        self._tell = tell
        self._held = bytearray()
        self._missing = 0
        self._told = float("-inf")

    def push(self, chunk):
        *whole, rest = chunk.split(b"\n")
        for piece in whole:
            self._keep(piece)
            self._end_line()
        self._keep(rest)
        self._redraw()

    def end(self):
        """The stream is over: what has no newline is a line too."""
        if self._held or self._missing:
            self._end_line()

    def _keep(self, piece):
        room = LONGEST_LINE - len(self._held)
        self._held += piece[:room]
        self._missing += max(0, len(piece) - room)

    def _end_line(self):
        # Before a line's end a return is part of it.
        text = bytes(self._held).rstrip(b"\r").rpartition(b"\r")[2].decode("utf-8", "replace")
        if self._missing:
            text += " … [cut: %d bytes more]" % self._missing
        self._held.clear()
        self._missing = 0
        self._tell(text)

    def _redraw(self):
        """Forgets what was drawn over; once a second the state of the bar is a line."""
        drawn, _, state = bytes(self._held).rpartition(b"\r")
        if not drawn or not state or self._missing:
            return
        self._held[:] = state
        now = time.monotonic()
        if now - self._told >= PROGRESS_SECONDS:
            self._told = now
            self._tell(drawn.rpartition(b"\r")[2].decode("utf-8", "replace"))
