"""The translator of the chaos runs: a warm worker, or with --input and --output a script. It misbehaves when it is told to.

A fault is a file in CHAOS_STAGE/waiting, named `NUMBER.FAULT`: whichever process begins a page next moves it to
CHAOS_STAGE/taken and does it. Start faults are named `NUMBER.start-FAULT` and are taken by the next process that starts.
CHAOS_CURSED names pages that always break, as JSON: page -> fault. Standard library alone; started with -S -E.
"""

import json
import os
import signal
import sys
import time
import zlib

ENV = os.environ
STAGE = ENV["CHAOS_STAGE"]
CURSED = json.loads(ENV.get("CHAOS_CURSED", "{}"))
LEAST_MS, MOST_MS = (int(text) for text in ENV["CHAOS_PAGE_MS"].split("-"))
SECRETS = [ENV["CHAOS_API_KEY"]] + [sys.argv[at + 1] for at, word in enumerate(sys.argv) if word == "--api-key"]
END = b"\x00\x00\x00\x00IEND\xaeB`\x82"


class Failure(Exception):
    def __init__(self, reason, message):
        super().__init__(message)
        self.reason = reason


def main():
    begin()
    if "--input" in sys.argv:
        run_script(sys.argv[sys.argv.index("--input") + 1], sys.argv[sys.argv.index("--output") + 1])
    else:
        run_warm()


def begin():
    if ENV.get("CHAOS_HELPER"):
        start_helper()
    time.sleep(int(ENV.get("CHAOS_LOAD_MS", "0")) / 1000)
    fault = take("start-")
    if fault == "start-never":
        time.sleep(3600)
    elif fault == "start-crash":
        log("ImportError: no module named chaos")
        os._exit(1)
    elif fault == "start-killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif fault == "start-twice" and "--input" not in sys.argv:
        ready()
    elif fault == "start-noise":
        write(1, b"Loading checkpoint shards: 100%\n{\"type\":\"hello\"}\n{\n")


# --- a warm worker


def run_warm():
    ready()
    # The page before may still be looked at.
    before = [None, None]
    for line in sys.stdin.buffer:
        request = json.loads(line)
        if request.get("type") != "page":
            continue
        page, output = request["id"], request["output"]
        fault = CURSED.get(page) or take("")
        if not warm_fault(fault, page):
            try:
                translate(page, request["input"], output, fault, before[0])
                send(type="done", id=page, outcome="untranslated" if fault == "untranslated" else "translated")
            except Failure as failure:
                answer = {"retryAfterSeconds": 0.3} if failure.reason == "busy" else {}
                send(type="failed", id=page, reason=failure.reason, message=str(failure), **answer)
        if fault == "twice":
            send(type="done", id=page, outcome="translated")
        elif fault == "after-exit":
            os._exit(0)
        before = [before[1], output]


def warm_fault(fault, page):
    """What is wrong before the page is begun. True: it has its answer already."""
    if fault == "garbage":
        write(1, b"\x00\xff\xfe{not json\n[]\n\"text\"\n{\"type\":\"done\"\n")
    elif fault == "other-page":
        send(type="done", id=page + "-no-such", outcome="translated")
    elif fault == "ready-again":
        ready()
    elif fault == "close-stdout":
        os.close(1)
        time.sleep(3600)
    elif fault == "half-answer":
        write(1, b'{"type":"done","id":"')
        os._exit(0)
    elif fault == "stages":
        for stage in ("detection", SECRETS[0], "ocr" * 200):
            send(type="stage", id=page, stage=stage)
    elif fault == "secret-message":
        message = "401 for key " + SECRETS[-1] + " of " + SECRETS[0]
        send(type="failed", id=page, reason="error", message=message)
        return True
    return False


def ready():
    send(type="ready", protocol=1, translator="chaos", version="1", device="cpu", loadSeconds=0)


def send(**message):
    write(1, json.dumps(message).encode() + b"\n")


# --- a script


def run_script(source, target):
    pages = sorted(
        os.path.relpath(os.path.join(folder, name), source) for folder, _, names in os.walk(source) for name in names
    )
    habit = ENV.get("CHAOS_NAMES", "before")
    for page in pages:
        output = os.path.join(target, page)
        fault = CURSED.get(page) or take("")
        if habit == "before":
            log("INFO: translating " + page)
        try:
            translate(page, os.path.join(source, page), output, fault, None)
        except Failure as failure:
            log("ERROR: %s: %s" % (page, failure))
            if failure.reason == "oom":
                os._exit(1)
        if habit == "after":
            log("INFO: saved " + page)
    if take("end-"):
        time.sleep(3600)


# --- a page


def translate(page, source, output, fault, earlier):
    def half():
        pass

    if fault == "hang":
        time.sleep(3600)
    elif fault == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(3600)
    elif fault == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif fault == "exit0":
        os._exit(0)
    elif fault == "exit1":
        log("Traceback (most recent call last):\n  File \"chaos.py\", line 1, in <module>\nRuntimeError: chaos")
        os._exit(1)
    elif fault == "die-oom":
        log("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 13.42 GiB")
        os._exit(1)
    elif fault == "oom":
        raise Failure("oom", "CUDA out of memory. Tried to allocate 13.42 GiB")
    elif fault == "error":
        raise Failure("error", "RuntimeError: chaos")
    elif fault == "busy":
        raise Failure("busy", "429 too many requests")
    elif fault == "unreadable":
        raise Failure("unreadable", "cannot identify image file")
    elif fault == "flood":
        write(2 if "--input" not in sys.argv else 1, b"noise " * 16 * 2000 + b"\n" * 20000)
    elif fault == "flood-stdout":
        write(1, (b"not a line of the protocol " * 4 + b"\n") * 4000)
    elif fault == "secret":
        write(1, SECRETS[0].encode()[:7])
        time.sleep(0.02)
        write(1, SECRETS[0].encode()[7:] + b"\n")
        log("ERROR: Authorization: Bearer " + SECRETS[-1])
    elif fault == "grandchild":
        start_grandchild()
        os._exit(3)
    elif fault == "leak":
        LEAKED.append(bytearray(b"x") * (120 << 20))
    elif fault == "half-killed":
        def half():
            os.kill(os.getpid(), signal.SIGKILL)

    elif fault == "half-hang":
        def half():
            time.sleep(3600)

    if HELPER and os.waitpid(HELPER[0], os.WNOHANG)[0] != 0:
        HELPER[:] = [0]
    if HELPER == [0]:
        raise Failure("error", "RuntimeError: the helper process died")
    with open(source, "rb") as file:
        data = file.read()
    if not data.startswith(b"\x89PNG\r\n\x1a\n") or not data.endswith(END):
        raise Failure("unreadable", "image file is truncated")
    seconds = (LEAST_MS + zlib.crc32(data) % (MOST_MS - LEAST_MS + 1)) / 1000
    time.sleep(seconds * 0.7)
    made = data[: -len(END)] + chunk(b"tEXt", b"translated\0%08x" % zlib.crc32(data)) + END
    if fault == "no-output":
        return
    if fault == "misplaced" and earlier:
        output = earlier
    elif fault == "misnamed":
        output += "_out.png"
    try:
        os.makedirs(os.path.dirname(output), exist_ok=True)
        with open(output, "wb") as file:
            file.write(made[: len(made) // 2])
            file.flush()
            half()
            time.sleep(seconds * 0.3)
            if fault != "half":
                file.write(made[len(made) // 2 :])
    except OSError as error:
        raise Failure("error", str(error))


LEAKED = []
HELPER = []


def chunk(name, content):
    return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")


def start_helper():
    """A process that this one can't do without, as loaders of data have."""
    child = os.fork()
    if child == 0:
        os.execv("/bin/sleep", ["sleep", "3600"])
    HELPER.append(child)


def start_grandchild():
    """A process that stays in the group and holds the pipes open."""
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(3600)


def take(prefix):
    waiting = os.path.join(STAGE, "waiting")
    for name in sorted(os.listdir(waiting)):
        fault = name.split(".", 1)[1]
        if prefix == "" and fault.startswith(("start-", "end-")) or not fault.startswith(prefix):
            continue
        try:
            os.rename(os.path.join(waiting, name), os.path.join(STAGE, "taken", name))
        except OSError:
            continue
        return fault
    return None


def log(text):
    write(2, text.encode() + b"\n")


def write(stream, data):
    while data:
        data = data[os.write(stream, data) :]


if __name__ == "__main__":
    main()
