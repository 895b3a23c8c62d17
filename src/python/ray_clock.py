"""A clock that goes on while this machine is suspended: leases elsewhere run out by it."""

import time


def now():
    """In seconds."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Sleeps:
    """How often this process did not come to look for so many seconds: it was stopped, or its machine was suspended."""

    def __init__(self, seconds):
        self._seconds = seconds
        self._looked = now()
        self._count = 0

    def look(self):
        """To be called much more often than that; returns the count so far."""
        before, self._looked = self._looked, now()
        if self._looked - before >= self._seconds:
            self._count += 1
        return self._count
