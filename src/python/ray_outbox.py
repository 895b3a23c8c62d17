"""What an actor has to tell the driver: in order, and kept until the driver has it."""

import collections
import os
import threading
import time

from ray_trouble import trouble_words

# Text that waits for the driver; beyond it nobody reads what workers write, as with a full pipe.
MOST_WAITING = 4 * 1024 * 1024
MOST_LINES_EVENT = 128 * 1024


class Item:
    """One event. `part` is where its bytes are, (path, offset, size), read when it is fetched; `done` runs once it was received."""

    def __init__(self, number, event, size, part, done):
        self.number, self.event, self.size, self.part, self.done = number, event, size, part, done

    def loaded(self):
        if self.part is None:
            return self.event
        path, offset, size = self.part
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as file:
                file.seek(offset)
                return dict(self.event, bytes=file.read(size))
        except OSError as error:
            return dict(self.event, bytes=b"", trouble=trouble_words(error))


class Outbox:
    def __init__(self):
        self._items = collections.deque()
        self._changed = threading.Condition()
        self._last = 0
        self._fetched = 0
        self._waiting = 0

    def add(self, event, part=None, done=None):
        with self._changed:
            self._append(event, part[2] if part else 256, part, done)

    def add_line(self, slot, stream, text):
        """A line of a worker's output, in one event with those before it where these were not fetched yet."""
        size = len(text) + 16
        with self._changed:
            last = self._items[-1] if self._items else None
            if (
                last is not None
                and last.number > self._fetched
                and last.event["type"] == "lines"
                and last.event["slot"] == slot
                and last.size + size <= MOST_LINES_EVENT
            ):
                last.event[stream].append(text)
                last.size += size
                self._waiting += size
            else:
                event = {"type": "lines", "slot": slot, "out": [], "err": []}
                event[stream].append(text)
                self._append(event, size, None, None)

    def _append(self, event, size, part, done):
        self._last += 1
        self._items.append(Item(self._last, event, size, part, done))
        if part is None:
            self._waiting += size
        self._changed.notify_all()

    def is_full(self):
        return self._waiting > MOST_WAITING

    def wait_for_room(self):
        with self._changed:
            self._changed.wait_for(lambda: not self.is_full())

    def fetch(self, received, seconds, most_bytes):
        """Forgets the events up to number `received`; returns the next ones as (number, event), at the latest after so long."""
        with self._changed:
            done = self._forget(received)
            deadline = time.monotonic() + seconds
            while not self._items and most_bytes > 0:
                left = deadline - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    break
            chosen, size = [], 0
            for item in self._items:
                if most_bytes <= 0 or (chosen and size + item.size > most_bytes):
                    break
                chosen.append(item)
                size += item.size
            if chosen:
                self._fetched = max(self._fetched, chosen[-1].number)
        for each in done:
            each()
        return [(item.number, item.loaded()) for item in chosen]

    def _forget(self, received):
        done = []
        while self._items and self._items[0].number <= received:
            item = self._items.popleft()
            if item.part is None:
                self._waiting -= item.size
            if item.done is not None:
                done.append(item.done)
        self._changed.notify_all()
        return done
