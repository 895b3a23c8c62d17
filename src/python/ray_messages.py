"""What the launcher says before there is anybody to hear it, and then as it comes."""

import os
import threading


class Messages:
    """None is the end of them."""

    def __init__(self):
        self._lock = threading.Lock()
        self._early = []
        self._hear = None

    def put(self, message):
        with self._lock:
            if self._hear is not None:
                self._hear(message)
            elif message is None:
                # Nothing was started yet.
                os._exit(0)
            else:
                self._early.append(message)

    def give_to(self, hear):
        with self._lock:
            self._hear = hear
            for message in self._early:
                hear(message)
