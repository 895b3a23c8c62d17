"""Commands that come twice, as the answer to the first was lost."""

import threading


class Repeats:
    """Numbers of commands, of which each is done once. What it holds is bounded by how many the driver waits for."""

    def __init__(self):
        self._lock = threading.Lock()
        self._begun = {}
        self._oldest = 0

    def once(self, number, oldest, work):
        """
        Does the work where no command with this number was begun; otherwise returns once that one is over. `oldest` is the least number
        that the driver still waits for: those before it were answered.
        """
        with self._lock:
            self._oldest = max(self._oldest, oldest)
            self._begun = {each: over for each, over in self._begun.items() if each >= self._oldest}
            if number < self._oldest:
                return
            before = self._begun.get(number)
            over = before or self._begun.setdefault(number, threading.Event())
        if before is not None:
            over.wait()
            return
        try:
            work()
        finally:
            over.set()
