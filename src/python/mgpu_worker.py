"""Makes a worker of mgpu-translate from two functions. Standard library alone, Python 3.8 or later.

    import mgpu_worker  # first, before anything that may print

    model = None

    def load():
        global model                      # translate() finds it here
        model = load_model("weights.pt")  # once

    def translate(page_in, page_out):
        model.run(page_in, page_out)      # for each page: read page_in, write page_out

    if __name__ == "__main__":
        mgpu_worker.run(load=load, translate=translate)

The launcher's workers find it without a copy. By hand, with a copy beside it or its folder on PYTHONPATH,
try it on one page:          python my_worker.py page.png out.png
Run it on every GPU:         mgpu-translate run INPUT --translator worker:my_worker.py
"""

import errno
import gc
import json
import os
import re
import signal
import sys
import threading
import time

__all__ = ["Busy", "OutOfMemory", "Page", "Unreadable", "run"]

PROTOCOL = 1
# Patterns are compiled where they are needed: a worker is at work sooner.
# Parameters of `translate` by their names: what is no path, and the paths of what is read and written.
OTHER_FIRST = r"model|^(self|cls|net|network|pipe|pipeline|translator|engine|state|ctx|context|session|loaded)s?$"
READ = r"in$|^in|input|src|source|read|page|path"
WRITTEN = r"out|dst|dest|target|save|result|write"
OUTCOMES = ("translated", "no-text", "untranslated")
LONGEST_MESSAGE = 2000
MOST_NOTES = 10

# Made by scripts/write-worker-words.ts from src/translators/out-of-memory.ts: from here
_OUT_OF_MEMORY = (
    r"\b(?:cuda|hip|rocm|mps|xpu|sycl|gpu|vulkan|metal|directml|tensorrt|backend|device|host|system|heap|runtime|(?:cuda|hip)malloc\w*|cumemalloc\w*|m?alloc\w*|\w*errors?|\w*exception|failed|failure|fatal)\b[^'/\\\x22]{0,60}\bout of memory\b(?!(?: [\w-]+)?(?:\.(?:png|jpe?g|webp|gif|bmp|tiff?|avif)\b|[/\\]))",
    r"\bfailure(?: \d+)? 'out of memory'",
    r"\bout of memory (?:error on|allocating|(?:while|when)(?: trying to)? allocat)",
    r"^(?:.{0,120}\berror\W{1,4}(?:\[\w+\] )?|[\s|]*)(?:[\w.]+\.)?(?:\w*OutOfMemory\w*|\w*MemoryError)\s*(?::|$)",
    r"\b(?:java\.lang\.OutOfMemoryError|System\.OutOfMemoryException): ",
    r"\binstance of '[\w:]*OutOfMemory\w*'",
    r"OUT_OF_(?:DEVICE_|HOST_|POOL_)?MEMORY\b|\bErrorOutOf(?:Device|Host|Pool)Memory\b|\bCL_OUT_OF_RESOURCES\b",
    r"\b(?:cuda|hip)ErrorMemoryAllocation\b|\bhipErrorOutOfMemory\b|\bCL_MEM_OBJECT_ALLOCATION_FAILURE\b",
    r"_ALLOC(?:ATION)?_FAILED\b|\b(?:rocblas_status_memory_error|miopenStatusAllocFailed)\b",
    r"\bE_OUTOFMEMORY\b|\b8007000E\b|CallbackErrorOutOfMemory\b|\bENOMEM\b|\[Errno 12\]",
    r"\bUnable to find a valid cuDNN algorithm\b|\b(?:FIND|GET) was unable to find an engine\b",
    r"\bOOM when allocating\b|\bDst tensor is not initialized\b",
    r"\bvkAllocateMemory\b",
    r"\bNot enough memory resources are available\b|\bnot enough GPU (?:video )?memory\b",
    r"\bamount of GPU memory \(\d+ bytes\) could not be allocated\b|\bsmaller than requested bytes of \d+",
    r"\b(?:failed|unable) to allocate (?:(?:CUDA|ROCm|Vulkan|Metal|GPU|device)\w* )?(?:memory|buffer)\b",
    r"\btried to allocate [\d.,]+ ?(?:bytes|[KMGTP]?i?B)\b",
    r"\b(?:failed|unable|cannot) (?:to )?allocate (?:request for )?[\d.,]+ ?(?:bytes|[KMGTP]?i?B)\b",
    r"\bAttempting to allocate [\d.,]+ ?[KMGTP]?i?B?\. That was not possible\b",
    r"\bmemory allocation of [\d.,]+ bytes failed\b",
    r"\bInsufficient memory\b(?!(?: [\w-]+)?(?:\.(?:png|jpe?g|webp|gif|bmp|tiff?|avif)\b|[/\\]))",
    r"\bCannot allocate memory\b(?!(?: [\w-]+)?(?:\.(?:png|jpe?g|webp|gif|bmp|tiff?|avif)\b|[/\\]))",
    r"\bstd::bad_alloc\b",
)
_NO_FAILURE = (
    r"^[\W\d_]*(?:warn|warning|debug|info|notice)\b\W",
    r"^.{0,120}?(?: - |\| *|\[ *)(?:warn|warning|debug|info|notice)(?: - | *\|| *\])",
    r"^(?:\S+:\d+: )?[\w.]*Warning: ",
    r"\bcaller indicates that this is not a failure\b",
    r"^\s+(?:raise|except|return|if|elif|assert)\b",
)
# to here
_NO_IMAGE = (
    r"cannot identify image file|image file is truncated|broken (?:data stream|PNG file)|Truncated File Read"
    r"|unrecognized data stream contents|could not create decoder object"
)
_STARTED = time.monotonic()


class Unreadable(Exception):
    """To be raised for a page that is no image or a broken one: another try would not help."""


class OutOfMemory(Exception):
    """To be raised where memory was short and the error itself doesn't say so."""


class Busy(Exception):
    """To be raised where a service that the worker asks takes no requests now: too many of them, or it is overloaded.

    The page is tried again later, and this try does not count against it. `retry_after` is how many seconds the service asked
    to wait, a number or the text of a Retry-After header. Leave it out where the service did not say. Not for a quota that is
    used up or a key that is wrong: waiting would not help.
    """

    def __init__(self, message="the service is busy", retry_after=None):
        super().__init__(message)
        self.retry_after = retry_after


class Page:
    """The page at work: the third parameter of `translate`, for those who want it."""

    def __init__(self, request, tell_stage):
        self.id = request["id"]
        #: Pages of one group belong together, as those of a folder.
        self.group = request.get("group", "")
        #: In pixels; None where they are not known.
        self.width = request.get("width")
        self.height = request.get("height")
        self.input = request["input"]
        self.output = request["output"]
        self._tell_stage = tell_stage
        self._lock = threading.Lock()
        self._stages = {}
        self._stage = None
        self._since = 0.0
        self._without_output = False
        self._cost = 0.0
        self._notes = []

    def stage(self, name):
        """Tells that this stage begins, and with it that the one before is over. A name may come again: times add up."""
        with self._lock:
            self._end_stage()
            self._stage, self._since = str(name), time.monotonic()
        self._tell_stage(self.id, str(name))

    def cost(self, amount):
        """Tells what a request for this page has cost, in whatever is paid; several add up."""
        self._cost += float(amount)

    def note(self, text):
        """Adds a short text to the page in the report: ten of 200 characters at most, the rest is left out."""
        with self._lock:
            if len(self._notes) < MOST_NOTES:
                # Longer than what is shown: the launcher takes secrets out before it cuts.
                self._notes.append(str(text)[:LONGEST_MESSAGE])

    def no_output(self):
        """Tells that no file is right for this page: it is not missed then."""
        self._without_output = True

    def _end_stage(self):
        if self._stage is not None:
            spent = time.monotonic() - self._since
            self._stages[self._stage] = self._stages.get(self._stage, 0.0) + spent
            self._stage = None

    def _seconds_of_stages(self):
        with self._lock:
            self._end_stage()
            return {name: round(seconds, 3) for name, seconds in self._stages.items()}


def run(load=None, translate=None):
    """Takes pages from the launcher until it has no more. Called by hand with two files, translates that one page.

    `load()` is called once; it may return a dict with "translator", "version" and "device" for the launcher to show.
    `translate(page_in, page_out)` is called for each page with two paths and has to write the second; the folder is there.
    A third parameter, where it has one, gets the `Page`. It returns None or "translated", "no-text" or "untranslated";
    what it raises fails that page, and the next one comes.
    """
    if not callable(translate):
        raise TypeError("run() needs a function translate(page_in, page_out)")
    call = _caller(translate)
    if _by_hand():
        sys.exit(_try_one_page(load, call, sys.argv[-2], sys.argv[-1]))
    if _wire is None and os.isatty(0):
        sys.exit("To try this worker on one page:  python %s page.png out.png" % sys.argv[0])

    wire = _wire or _Wire()
    _ignore_interrupts()
    about = dict(_about(load() if load is not None else None), **_held_memory())
    wire.send(type="ready", protocol=PROTOCOL, loadSeconds=round(time.monotonic() - _STARTED, 3), **about)

    def tell_stage(page, stage):
        wire.send(type="stage", id=page, stage=stage)

    for line in iter(wire.pages.readline, b""):
        request = json.loads(line.decode("utf-8"))
        # A later launcher may say more than this file knows.
        if request.get("type") == "page":
            request.update(input=_path(request["input"]), output=_path(request["output"]))
            wire.send(**_answer(call, Page(request, tell_stage)))


class _Wire:
    """The launcher's pipes, moved off fd 0 and fd 1: there, whoever prints or waits for an answer would spoil them."""

    def __init__(self):
        self.pages = os.fdopen(os.dup(0), "rb")
        self._answers = os.dup(1)
        self._lock = threading.Lock()
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        for stream in (sys.stdout, sys.stderr):
            # A locale that lacks a letter must not fail the page whose name has it.
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace", line_buffering=True)

    def send(self, **message):
        line = json.dumps(message).encode("ascii") + b"\n"
        with self._lock:
            while line:
                line = line[os.write(self._answers, line) :]


def _answer(call, page):
    """Translates one page; the line that says what became of it. Raises nothing that `translate` raises."""
    cuda = _cuda()
    _quietly(cuda and cuda.reset_peak_memory_stats)
    began = time.monotonic()
    failure = outcome = None
    try:
        folder = os.path.dirname(page.output)
        if folder:
            os.makedirs(folder, exist_ok=True)
        outcome = call(page) or "translated"
        if outcome not in OUTCOMES:
            raise ValueError("translate() returned %.200r; it may return None or one of %s" % (outcome, ", ".join(OUTCOMES)))
    except BaseException as error:  # sys.exit() in a page ends that page alone
        failure = {"reason": _quietly(lambda: _reason(error)) or "error", "message": _words(error)}
        wait = failure["reason"] == "busy" and _quietly(lambda: _seconds_to_wait(error))
        if wait:
            failure["retryAfterSeconds"] = wait
        _tell_traceback(error)
    seconds = round(time.monotonic() - began, 3)
    if failure:
        if failure["reason"] == "oom":
            _free_memory()
        return dict(failure, type="failed", id=page.id, seconds=seconds)

    answer = {"type": "done", "id": page.id, "outcome": outcome, "seconds": seconds}
    stages = page._seconds_of_stages()
    if stages:
        answer["stages"] = stages
    # torch may be there only since this page.
    cuda = _cuda()
    peak = _quietly(cuda and cuda.max_memory_allocated)
    if peak:
        answer["peakMemoryBytes"] = int(peak)
    if page._cost > 0:
        answer["cost"] = round(page._cost, 9)
    if page._notes:
        answer["notes"] = list(page._notes)
    if page._without_output:
        answer["output"] = None
    return answer


def _caller(translate):
    """`translate`, called with what it has parameters for. Exits with a line where it can't be called so."""
    if _takes_page(translate):
        return lambda page: translate(page.input, page.output, page)
    return lambda page: translate(page.input, page.output)


def _takes_page(translate):
    # A plain function of two parameters needs no `inspect`, whose import takes longer than all of this file.
    if type(translate) is type(_takes_page) and not translate.__dict__ and _has_two(translate.__code__):
        return False
    import inspect

    try:
        signature = inspect.signature(translate)
    except (TypeError, ValueError):
        return False
    parameters = signature.parameters.values()
    placed = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    third = placed[2:3]
    needed = [p.name for p in placed if p.default is p.empty]
    if not (_binds(signature, 2) or _binds(signature, 3)) or (len(needed) == 3 and _is_shifted(needed)):
        name = getattr(translate, "__name__", "translate")
        sys.exit(
            "%s%s can't be called: it has to be %s(page_in, page_out) or %s(page_in, page_out, page), and finds what load() made"
            " in a global variable" % (name, signature, name, name)
        )
    # One with a default is somebody's own, unless its name says otherwise.
    return bool(third) and (third[0].name == "page" or third[0].default is third[0].empty)


def _has_two(code):
    return code.co_argcount == 2 and code.co_kwonlyargcount == 0


def _binds(signature, count):
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True


def _is_shifted(names):
    """True where something stands before the two paths: it would get the path of a page."""
    first, second, third = (name.lower() for name in names)
    return bool(re.search(OTHER_FIRST, first) or (re.search(READ, second) and re.search(WRITTEN, third)))


def _reason(error):
    """`busy`, `oom`, `unreadable` or `error`, told from the error and those that led to it, whatever library they are of."""
    chain = _chain(error)
    if isinstance(error, Busy):
        return "busy"
    if any(_is_out_of_memory(each) for each in chain):
        return "oom"
    if any(isinstance(each, Busy) for each in chain):
        return "busy"
    return "unreadable" if any(_is_no_image(each) for each in chain) else "error"


def _seconds_to_wait(error):
    """How long the service asked to wait; None where it did not say, or gave a date."""
    busy = next(each for each in _chain(error) if isinstance(each, Busy))
    seconds = float(busy.retry_after)
    return seconds if 0 < seconds < float("inf") else None


def _chain(error):
    """The error and those that led to it, as its traceback shows them; those of a group, too."""
    found = []
    waiting = [error]
    while waiting:
        error = waiting.pop(0)
        if error is None or any(error is each for each in found):
            continue
        found.append(error)
        waiting.append(error.__cause__ or (None if error.__suppress_context__ else error.__context__))
        group = getattr(error, "exceptions", None)
        waiting += [each for each in group if isinstance(each, BaseException)] if isinstance(group, tuple) else []
    return found


def _type_names(error):
    return {kind.__name__ for kind in type(error).__mro__}


def _is_out_of_memory(error):
    if isinstance(error, (OutOfMemory, MemoryError)) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    # torch's, cupy's; onnxruntime and older versions of torch have it in the text alone.
    return "OutOfMemoryError" in _type_names(error) or _tells_out_of_memory(_in_full(error))


def _tells_out_of_memory(text):
    """As the launcher reads the last lines of a script."""
    says_so, no_failure = "|".join(_OUT_OF_MEMORY), "|".join(_NO_FAILURE)
    flags = re.IGNORECASE | re.ASCII
    lines = (line[:LONGEST_MESSAGE] for line in text[: 10 * LONGEST_MESSAGE].split("\n"))
    return any(re.search(says_so, line, flags) and not re.search(no_failure, line, flags) for line in lines)


def _is_no_image(error):
    if isinstance(error, Unreadable):
        return True
    names = _type_names(error)
    # Pillow's names, so that it need not be imported.
    if "UnidentifiedImageError" in names or "DecompressionBombError" in names:
        return True
    return bool(names & {"OSError", "SyntaxError"}) and bool(re.search(_NO_IMAGE, _text(error), re.IGNORECASE))


def _text(error):
    try:
        return str(error)
    except Exception:
        return ""


def _words(error):
    return _in_full(error)[:LONGEST_MESSAGE]


def _in_full(error):
    """As a traceback's last line has it: `torch.OutOfMemoryError: CUDA out of memory. ...`"""
    kind = type(error)
    if kind.__module__ in (__name__, "__main__", "builtins"):
        name = kind.__qualname__
    else:
        name = "%s.%s" % (kind.__module__, kind.__qualname__)
    text = _text(error)
    return "%s: %s" % (name, text) if text else name


def _tell_traceback(error):
    def tell():
        import traceback  # only here: a worker is at work sooner without it

        traceback.print_exception(type(error), error, error.__traceback__)
        for each in _chain(error):
            # Somebody may keep the error, and with it the tensors of every function that it went through.
            traceback.clear_frames(each.__traceback__)

    _quietly(tell)


def _free_memory():
    gc.collect()
    cuda = _cuda()
    _quietly(cuda and cuda.empty_cache)


def _held_memory():
    cuda = _cuda()
    held = _quietly(cuda and cuda.memory_allocated)
    return {"memoryBytes": int(held)} if held else {}


def _cuda():
    """torch.cuda where somebody loaded and used it; it is not loaded for this."""
    try:
        cuda = sys.modules["torch"].cuda
        return cuda if cuda.is_initialized() else None
    except Exception:
        return None


def _quietly(function):
    """For what is good to have and must not fail a page."""
    try:
        return function() if function else None
    except Exception:
        return None


def _about(told):
    """What `ready` says of the translator: what `load` told, else what can be seen."""
    told = told if isinstance(told, dict) else {}
    name = os.path.splitext(os.path.basename(sys.argv[0]))[0] or "worker"
    known = {"translator": name, "version": "unknown", "device": None}
    known.update((key, told[key]) for key in known if told.get(key) is not None)
    return {key: str(value or _device()) for key, value in known.items()}


def _device():
    if os.environ.get("CUDA_VISIBLE_DEVICES") == "":
        return "cpu"
    torch = sys.modules.get("torch")
    if torch is None:
        return "unknown"
    return "cuda:0" if _quietly(lambda: torch.cuda.is_available()) else "cpu"


def _path(text):
    """The path as this process's locale writes it: under one that isn't UTF-8, others would not find the file."""
    return os.fsdecode(text.encode("utf-8", "surrogatepass"))


def _ignore_interrupts():
    # Ctrl-C is the launcher's: it lets the page be finished first. Fails outside of the main thread, and is not needed there.
    _quietly(lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    for name in ("SIGUSR1", "SIGUSR2"):
        # So are these: a batch system tells every process of a job that its time is nearly up.
        _quietly(lambda: _ignore_if_deadly(getattr(signal, name)))


def _ignore_if_deadly(number):
    if signal.getsignal(number) == signal.SIG_DFL:
        signal.signal(number, signal.SIG_IGN)


def _by_hand():
    return "MGPU_SLOT" not in os.environ and len(sys.argv) > 2 and not any(word.startswith("-") for word in sys.argv[-2:])


def _try_one_page(load, call, page_in, page_out):
    """Translates one page by hand; the exit code."""
    if not os.path.isfile(page_in):
        print("There is no file %s" % page_in, file=sys.stderr)
        return 2
    print("Loading ...", flush=True)
    about = _about(load() if load is not None else None)
    print("Loaded in %.1f s: %s (version %s) on %s" % (time.monotonic() - _STARTED, *about.values()), flush=True)
    request = {"id": os.path.basename(page_in), "input": os.path.abspath(page_in), "output": os.path.abspath(page_out)}
    page = Page(request, lambda _, stage: print("  %s ..." % stage, flush=True))
    answer = _answer(call, page)

    for stage, seconds in answer.get("stages", {}).items():
        print("  %s: %.1f s" % (stage, seconds))
    for note in answer.get("notes", []):
        print("  note: %s" % note)
    if answer["type"] == "failed":
        print("Failed after %.1f s (%s): %s" % (answer["seconds"], answer["reason"], answer["message"]))
        return 1
    peak = answer.get("peakMemoryBytes")
    used = "" if peak is None else ", at most %.2f GiB of GPU memory" % (peak / 1024.0**3)
    print("Page %s in %.1f s%s" % (answer["outcome"], answer["seconds"], used))
    if "output" in answer:
        print("No output, as translate() said")
        return 0
    if not os.path.isfile(page.output) or os.path.getsize(page.output) == 0:
        print("But nothing was written to %s: mgpu-translate would say no-output" % page_out)
        return 1
    print("Wrote %s, %d bytes" % (page_out, os.path.getsize(page.output)))
    return 0


def _take_over():
    """At import, before others can print: where the launcher started this very process, and not a child of it."""
    if "MGPU_SLOT" not in os.environ:
        return None
    mine = str(os.getpid())
    return _Wire() if os.environ.setdefault("MGPU_WORKER_PID", mine) == mine else None


_wire = _take_over()
