"""Runs a command and measures it: python measured.py SPEC.json, which names command, cwd, log, result, and where wanted
limitSeconds, killFile, killAfterSeconds (after the file is there), ledger (a file whose lines are counted) and sampleAt (counts).

Seconds are those from the start to the end of the command itself; its CPU and memory are its own, without its children's.
Whatever it leaves running is ended.
"""

import ctypes
import glob
import json
import os
import signal
import sys
import threading
import time

PR_SET_CHILD_SUBREAPER = 36
TICKS = os.sysconf("SC_CLK_TCK")


def main():
    with open(sys.argv[1]) as file:
        spec = json.load(file)
    # Orphans come to this process instead of init, so that none is missed.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # Told to stop, it still ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.chdir(spec["cwd"])
    watch = Watch(spec)
    started_at = time.clock_gettime(time.CLOCK_BOOTTIME)
    pid = os.posix_spawnp(spec["command"][0], spec["command"], os.environ, file_actions=quietly(spec["log"]), setpgroup=0)
    watch.begin(pid)
    try:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        seconds = time.clock_gettime(time.CLOCK_BOOTTIME) - started_at
        # Of a process that has ended and wasn't reaped yet, the times are final and its own.
        user, system = stat_of(pid)[11:13]
        _, status, usage = os.wait4(pid, 0)
    finally:
        watch.end()
        end_descendants()
    result = {
        "startedAt": started_at,
        "seconds": seconds,
        "exitCode": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        "ended": watch.ended,
        "cpuSeconds": (int(user) + int(system)) / TICKS,
        "peakBytes": usage.ru_maxrss * 1024,
        "samples": watch.samples,
    }
    with open(spec["result"], "w") as file:
        json.dump(result, file)


def quietly(log):
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    return [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, log, flags, 0o644),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]


class Watch:
    """Ends the command when it is asked for or out of time; takes its memory at counts of the ledger's lines."""

    def __init__(self, spec):
        self.ended = "itself"
        self.samples = []
        self._spec = spec
        self._over = threading.Event()
        self._lines = 0
        self._ledger = None

    def begin(self, pid):
        self._pid = pid
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self):
        self._over.set()
        self._thread.join()

    def _look(self):
        spec = self._spec
        limit = time.monotonic() + spec.get("limitSeconds", 3600)
        kill_file, at = spec.get("killFile"), list(spec.get("sampleAt", []))
        while not self._over.wait(0.02 if kill_file or at else 0.25):
            if kill_file and os.path.exists(kill_file):
                if self._over.wait(spec.get("killAfterSeconds", 0)):
                    return
                self._kill("kill")
                return
            if time.monotonic() > limit:
                self._kill("limit")
                return
            if at and self._done() >= at[0]:
                self.samples.append({"pages": at.pop(0), "bytes": memory_of(self._pid)})

    def _done(self):
        try:
            self._ledger = self._ledger or open(self._spec["ledger"], "rb")
            self._lines += self._ledger.read().count(b"\n")
        except OSError:
            pass
        return self._lines

    def _kill(self, why):
        self.ended = why
        children = descendants(os.getpid())
        for pid in children:
            send(pid, signal.SIGKILL)


def end_descendants():
    while True:
        left = descendants(os.getpid())
        if not left:
            return
        for pid in left:
            send(pid, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.01)


def descendants(root):
    children = {}
    for path in glob.glob("/proc/[0-9]*"):
        pid = int(path[6:])
        try:
            children.setdefault(int(stat_of(pid)[1]), []).append(pid)
        except (OSError, IndexError):
            continue
    found, open_ = [], [root]
    while open_:
        below = children.get(open_.pop(), [])
        found += below
        open_ += below
    return found


def stat_of(pid):
    """The fields of /proc/PID/stat from the state on."""
    with open("/proc/%d/stat" % pid) as file:
        return file.read().rsplit(")", 1)[1].split()


def memory_of(pid):
    try:
        with open("/proc/%d/status" % pid) as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmRSS:"))
    except (OSError, StopIteration):
        return 0


def send(pid, what):
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        pass


main()
