"""The raylet, by which Ray knows a node: the process that started this one."""

import os


class Raylet:
    def __init__(self):
        self._pid = os.getppid()
        self._is_known = about(self._pid)[:1] == ["raylet"]

    def is_gone(self):
        """
        Whether it has ended. Ray ends its processes then, but for those that take it for alive, as a zombie: in a container whose first
        process reaps nobody it stays one. False where another process started this one.
        """
        return self._is_known and (os.getppid() != self._pid or about(self._pid)[1:] in ([], ["Z"], ["X"]))


def about(pid):
    """Name and state of a process; nothing where there is none."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            name, _, rest = file.read().partition(b"(")[2].rpartition(b")")
        return [name.decode(errors="replace"), rest.split()[0].decode()]
    except (OSError, IndexError):
        return []
