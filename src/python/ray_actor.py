"""The actor that holds one GPU of a Ray cluster, with the workers on it. It travels to its node by value: nothing is installed there."""

import ctypes
import os
import signal
import threading
import time
import uuid

from ray_guard import end_all, remove_folder, start_guard
from ray_launch import NotStarted
from ray_node import describe, device_of, held_by, sample
from ray_outbox import Outbox
from ray_pieces import pack
from ray_raylet import Raylet
from ray_repeats import Repeats
from ray_scratch import make_scratch, sweep
from ray_trouble import trouble_words
from ray_worker import Worker

PR_SET_CHILD_SUBREAPER = 36
LOOK_SECONDS = 1.0


class GpuActor:
    """
    Commands have numbers: one that is repeated, as its answer was lost, is not done twice.
    What there is to tell is fetched by `poll`. Without a poll for `leaseSeconds`, or without its raylet, it ends its workers and itself.
    """

    def __init__(self, settings):
        become_plain_parent()
        accelerators, self._node = own_place()
        self._device = device_of(accelerators, os.environ)
        self._mark = uuid.uuid4().hex + "."
        self._outbox = Outbox()
        self._workers = {}
        self._repeats = Repeats()
        self._starts = 0
        self._lock = threading.Lock()
        sweep()
        self._folder = make_scratch(self._mark)
        self._guard_pipe = start_guard(settings["guard"], self._mark, self._folder)
        self._lease_seconds = settings["leaseSeconds"]
        self._polled = time.monotonic()
        threading.Thread(target=self._watch, daemon=True).start()

    def describe(self):
        return dict(describe(self._device), node=self._node)

    def do(self, slot, number, oldest, name, given, *pieces):
        """Does a command of a slot, once however often it comes; see Repeats. A fault of it is told, and never raised."""

        def work():
            try:
                getattr(self, "_" + name)(slot, given, b"".join(pieces))
            except Exception as error:
                self._outbox.add({"type": "warning", "message": ("%s of %s failed: %r" % (name, slot, error))[:1000]})

        self._repeats.once(number, oldest, work)

    def poll(self, received, seconds, most_bytes):
        """Events after number `received`, as soon as there is one, or none after so many seconds; see ray_pieces."""
        self._polled = time.monotonic() + seconds
        try:
            return pack(self._outbox.fetch(received, seconds, most_bytes))
        finally:
            self._polled = time.monotonic()

    def sample(self):
        return sample(self._device)

    def memory(self, slot, device):
        worker = self._workers.get(slot)
        return held_by(worker.processes() if worker else [], self._device if device else None)

    def end(self):
        """Ends all workers and what they have started, and removes their files; the actor itself is useless then."""
        sessions = {worker.pid for worker in list(self._workers.values()) if worker.is_alive}
        end_all(sessions, self._mark)
        remove_folder(self._folder)

    def _start(self, slot, launch, _):
        try:
            with self._lock:
                self._starts += 1
                number = "%d" % self._starts
            raise_priority()
            folder, mark = os.path.join(self._folder, number), self._mark + number + "."
            worker = Worker(slot, launch, folder, mark, self._device["env"], self._outbox, self._tell_guard, self._drop)
        except Exception as error:
            words = str(error) if isinstance(error, (NotStarted, OSError)) else "its start is not valid: %r" % error
            self._outbox.add({"type": "not-started", "slot": slot, "message": words[:1000]})
            return
        self._workers[slot] = worker
        self._outbox.add({"type": "started", "slot": slot, "pid": worker.pid})
        worker.listen()

    def _drop(self, slot, worker):
        """The driver knows that it has ended."""
        if self._workers.get(slot) is worker:
            del self._workers[slot]

    def _file(self, slot, given, content):
        id = given["id"]
        worker = self._workers.get(slot)
        if worker is None:
            return
        try:
            worker.put_file(id, given["name"], given["offset"], content)
        except Exception as error:
            worker.forget_file(id)
            self._tell_trouble("file-failed", slot, id, error)

    def _forget(self, slot, given, _):
        worker = self._workers.get(slot)
        if worker is not None:
            worker.forget_file(given["id"])

    def _line(self, slot, given, _):
        worker = self._workers.get(slot)
        if worker is None:
            return
        text, id = given["text"], given.get("id")
        if id is not None:
            text, trouble = worker.on_node(text, id, given.get("output"))
            # Before the worker can answer.
            if trouble is not None:
                self._tell_trouble("file-failed", slot, id, trouble)
        worker.line(text)

    def _eof(self, slot, *_):
        worker = self._workers.get(slot)
        if worker is not None:
            worker.eof()

    def _signal(self, slot, given, _):
        worker = self._workers.get(slot)
        if worker is not None:
            worker.signal(getattr(signal, given["signal"]))

    def _tell_trouble(self, type, slot, id, error):
        self._outbox.add(dict(trouble_words(error), type=type, slot=slot, id=id, where="node"))

    def _tell_guard(self, line):
        try:
            with self._lock:
                self._guard_pipe.write(line.encode() + b"\n")
        except OSError:
            # Without a guard nobody would end the workers of an actor that is killed.
            self.end()
            os._exit(1)

    def _watch(self):
        raylet = Raylet()
        while True:
            left = self._polled + self._lease_seconds - time.monotonic()
            if left <= 0 or raylet.is_gone():
                self.end()
                os._exit(0)
            time.sleep(min(left, LOOK_SECONDS))


def become_plain_parent():
    """
    Children of Ray's processes have a low priority and are the first to be killed where memory is short: an actor that were
    killed for what its worker took would hide why. A cluster may also have its processes adopt orphans and lose exit codes.
    """
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
    libc.signal.restype = ctypes.c_void_p
    libc.signal.argtypes = (ctypes.c_int, ctypes.c_void_p)
    libc.signal(signal.SIGCHLD, None)
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("0")
    except OSError:
        pass


def raise_priority():
    """Of the calling thread, and of what it starts: each thread has its own."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, 0)
    except OSError:
        pass


def own_place():
    import ray

    context = ray.get_runtime_context()
    return context.get_accelerator_ids(), context.get_node_id()
