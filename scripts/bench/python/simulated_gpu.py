"""A translator without models: it loads for some seconds, takes time for a page by its pixels, and copies it.

What it costs is set by the environment, so that every launcher starts the same program:
SIM_LOAD_SECONDS, SIM_NS_PER_PIXEL; SIM_WAIT_SHARE (of a page's time, off the GPU: a request to a service); SIM_SAVE_SHARE (of a
page's time, while its output is half written); SIM_SLOW_GPU (`3:2`: GPU 3 takes twice as long); SIM_LOCKS (folder: workers of
one GPU take turns on it); SIM_CARDS (folder) and SIM_WORKER_MIB, SIM_MIB_A_MEGAPIXEL, SIM_CARD_MIB (what a worker takes of its
GPU's memory, what a page takes besides, and what there is, `12288,4096` where GPUs differ: who finds none fails as torch does); SIM_REFUSE_AT (`20,200`: as these pages are begun, counted over all workers in
SIM_CARDS, the service refuses); SIM_JOURNAL (file that gets a line for each load); SIM_CRASH (name of the page that ends the process);
SIM_KILL_AT (name of a page, or `load`) and SIM_KILL_FILE (made once that page is half written).
"""

import fcntl
import os
import signal
import time

_PNG_END = b"\x00\x00\x00\x00IEND\xaeB\x60\x82"
_SET = os.environ.get


class Simulation:
    """One translator on the GPU that this process sees. To make it loads the models."""

    def __init__(self):
        self._gpu = (_SET("CUDA_VISIBLE_DEVICES") or "0").split(",")[0]
        slow_gpu, _, factor = _SET("SIM_SLOW_GPU", "").partition(":")
        slower = float(factor) if slow_gpu == self._gpu else 1.0
        self._seconds_per_pixel = float(_SET("SIM_NS_PER_PIXEL", "0")) * 1e-9 * slower
        self._wait_share = float(_SET("SIM_WAIT_SHARE", "0"))
        self._save_share = float(_SET("SIM_SAVE_SHARE", "0"))
        self._crash = _SET("SIM_CRASH")
        self._kill_at = _SET("SIM_KILL_AT")
        locks = _SET("SIM_LOCKS")
        self._lock = os.open(os.path.join(locks, "gpu-" + self._gpu), os.O_RDWR | os.O_CREAT) if locks else None
        _tell_load(self._gpu)
        self._worker_mib = int(_SET("SIM_WORKER_MIB", "0"))
        self._mib_a_pixel = float(_SET("SIM_MIB_A_MEGAPIXEL", "0")) / 1e6
        self._held_mib = self._worker_mib
        _take_memory(self._gpu, self._worker_mib)
        if self._kill_at == "load":
            _ask_for_the_kill()
        time.sleep(float(_SET("SIM_LOAD_SECONDS", "0")))

    def translate(self, page_in, page_out):
        """Copies the page, with a byte more, after the time that it takes. Raises ValueError for a broken image."""
        with open(page_in, "rb") as file:
            page = file.read()
        if not page.endswith(_PNG_END):
            raise ValueError("image file is truncated: %s" % os.path.basename(page_in))
        _ask_service()
        pixels = int.from_bytes(page[16:20], "big") * int.from_bytes(page[20:24], "big")
        if self._mib_a_pixel:
            # It is kept afterwards, as torch's allocator keeps it.
            needed = max(self._held_mib, self._worker_mib + round(pixels * self._mib_a_pixel))
            _take_memory(self._gpu, needed)
            self._held_mib = needed
        seconds = pixels * self._seconds_per_pixel
        name = os.path.basename(page_in)
        if name == self._crash:
            time.sleep(seconds / 2)
            os.kill(os.getpid(), signal.SIGSEGV)
        self._compute(seconds * (1 - self._wait_share - self._save_share))
        if self._wait_share:
            time.sleep(seconds * self._wait_share)
        # An output that equals its source would say that nothing was translated.
        page += b"\0"
        with open(page_out, "wb", buffering=0) as file:
            if self._save_share:
                file.write(page[: len(page) // 2])
                if name == self._kill_at:
                    _ask_for_the_kill()
                time.sleep(seconds * self._save_share)
                file.write(page[len(page) // 2 :])
            else:
                file.write(page)

    def _compute(self, seconds):
        if self._lock is None:
            if seconds > 0:
                time.sleep(seconds)
            return
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            time.sleep(seconds)
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)


def _card_mib(gpu):
    each = _SET("SIM_CARD_MIB", "16384").split(",")
    return int(each[min(int(gpu), len(each) - 1)])


def _take_memory(gpu, mib):
    """Writes down what this process holds of its card, beside the others that are alive. Raises RuntimeError where it does not fit."""
    cards = _SET("SIM_CARDS")
    if not cards or not mib:
        return
    file = os.open(os.path.join(cards, "gpu-" + gpu), os.O_RDWR | os.O_CREAT)
    fcntl.flock(file, fcntl.LOCK_EX)
    lines = os.read(file, 1 << 20).decode().split("\n")
    own = str(os.getpid())
    held = [line for line in lines if line and line.split()[0] != own and os.path.exists("/proc/" + line.split()[0])]
    free = _card_mib(gpu) - sum(int(line.split()[1]) for line in held)
    if free >= mib:
        held.append("%d %d" % (os.getpid(), mib))
        os.ftruncate(file, 0)
        os.pwrite(file, ("\n".join(held) + "\n").encode(), 0)
    os.close(file)
    if free < mib:
        with open(os.path.join(cards, "out-of-memory"), "a") as failed:
            failed.write(".")
        raise RuntimeError("CUDA out of memory. Tried to allocate %d MiB. GPU %s has %d MiB free" % (mib, gpu, free))


def _ask_service():
    refused = _SET("SIM_REFUSE_AT")
    if not refused:
        return
    count = os.open(os.path.join(_SET("SIM_CARDS"), "asked"), os.O_RDWR | os.O_CREAT | os.O_APPEND)
    fcntl.flock(count, fcntl.LOCK_EX)
    os.write(count, b".")
    asked = os.fstat(count).st_size
    os.close(count)
    if str(asked) in refused.split(","):
        raise RuntimeError("openai.RateLimitError: Error code: 429 - Rate limit reached")


def _tell_load(gpu):
    """One line: the GPU, this process, when it was started and now (seconds since boot), and its parent's memory in kB."""
    path = _SET("SIM_JOURNAL")
    if not path:
        return
    with open("/proc/self/stat") as file:
        started = int(file.read().rsplit(")", 1)[1].split()[19]) / os.sysconf("SC_CLK_TCK")
    now = time.clock_gettime(time.CLOCK_BOOTTIME)
    line = "%s %d %.3f %.3f %d\n" % (gpu, os.getpid(), started, now, _memory_of(os.getppid()))
    journal = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(journal, line.encode())
    os.close(journal)


def _memory_of(pid):
    try:
        with open("/proc/%d/status" % pid) as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))
    except (OSError, StopIteration):
        return 0


def _ask_for_the_kill():
    path = _SET("SIM_KILL_FILE")
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    except OSError:
        return  # this is the second start
    if _SET("SIM_KILL_AT") != "load":
        time.sleep(60)
