"""The process of the driver: what it leaves to the launcher, and that it ends with it."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def leave_signals_to_launcher():
    """Ctrl-C and what a batch system sends to all processes of a job is for the launcher: it closes stdin when it is time."""
    for name in ("SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGXCPU"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)


def die_with_launcher():
    """Where the launcher is killed while something else holds its end of stdin."""
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    except (OSError, AttributeError):
        # No Linux.
        pass


def use_utf8():
    """The launcher's paths are UTF-8 whatever the user's locale is: starts this program again where Python would not have it so."""
    if sys.getfilesystemencoding().lower() != "utf-8" and not sys.flags.utf8_mode:
        os.execve(sys.executable, [sys.executable] + sys.argv, dict(os.environ, PYTHONUTF8="1"))
