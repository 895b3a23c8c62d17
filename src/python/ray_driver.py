"""
Holds GPUs of a Ray cluster for mgpu-translate and runs its workers there: python ray_driver.py, with one JSON object a line on
stdin and stdout. At the end of stdin it ends everything that it started, everywhere.

Started by the launcher with a Python that has the cluster's version of Ray. Nothing has to be installed on the nodes: the actor's
code travels by value.
"""

import asyncio
import concurrent.futures
import os
import signal
import sys
import threading

sys.dont_write_bytecode = True

import ray_actor
import ray_clock
import ray_cluster
import ray_guard
import ray_launch
import ray_lines
import ray_node
import ray_outbox
import ray_page_files
import ray_pieces
import ray_raylet
import ray_repeats
import ray_scratch
import ray_secrets
import ray_trouble
import ray_worker
from ray_connect import connect
from ray_launcher import Launcher
from ray_measures import memory_of, samples_of
from ray_messages import Messages
from ray_process import die_with_launcher, leave_signals_to_launcher, use_utf8
from ray_reservation import POLL_SECONDS, Reservation

TRAVELLING = (
    ray_actor,
    ray_guard,
    ray_launch,
    ray_lines,
    ray_node,
    ray_outbox,
    ray_page_files,
    ray_pieces,
    ray_raylet,
    ray_repeats,
    ray_scratch,
    ray_secrets,
    ray_trouble,
    ray_worker,
)
NODES_SECONDS = 1.0
END_SECONDS = 5.0
# Polls, commands of the slots, samples: each takes a thread of the actor while it lasts.
ACTOR_THREADS = 32


class Driver:
    def __init__(self, ray, launcher, hello, messages, nodes):
        self.ray = ray
        self.launcher = launcher
        # Where files are read and written: a disk that hangs must not keep polls from being sent, nor one of inputs an output from coming.
        self.reads = concurrent.futures.ThreadPoolExecutor(64)
        self.writes = concurrent.futures.ThreadPoolExecutor(16)
        self.lease_seconds = hello.get("leaseSeconds") or 60
        self.sleeps = ray_clock.Sleeps(self.lease_seconds)
        self.poll_seconds = min(POLL_SECONDS, self.lease_seconds / 4)
        self._settings = {"leaseSeconds": self.lease_seconds, "guard": guard_source()}
        self._messages = messages
        self._nodes = {node["node"]: node for node in nodes}
        self._left = set()
        self._reservations = {}
        self._lanes = {}
        self._background = set()
        # What takes reservations away: this process stays for it.
        self._endings = set()
        self._ended = asyncio.Event()
        for module in TRAVELLING:
            ray.cloudpickle.register_pickle_by_value(module)
        self._actor_class = ray.remote(ray_actor.GpuActor)

    async def run(self):
        """Obeys the launcher until it is gone, or this process is told to end."""
        loop = asyncio.get_event_loop()
        loop.add_signal_handler(signal.SIGTERM, self._ended.set)
        self._messages.give_to(lambda message: loop.call_soon_threadsafe(self._hear, message))
        self.start(self._watch_nodes())
        await self._ended.wait()
        # Whatever hangs, this process and so its actors end.
        timer = threading.Timer(END_SECONDS + 1, os._exit, (0,))
        timer.daemon = True
        timer.start()
        for reservation in list(self._reservations.values()):
            self.start_ending(reservation.end())
        if self._endings:
            await asyncio.wait(self._endings, timeout=END_SECONDS)

    def start(self, work, failed=None):
        """Runs a coroutine in the background; returns its task. A fault of it is told, and given to `failed`."""
        task = asyncio.ensure_future(work)
        self._background.add(task)

        def over(task):
            self._background.discard(task)
            if not task.cancelled() and task.exception() is not None:
                self.warn("a fault of the driver: %r" % task.exception())
                if failed is not None:
                    failed(task.exception())

        task.add_done_callback(over)
        return task

    def start_ending(self, work):
        """As `start`, of what ends a reservation: this process does not end before it is over, within bounds."""
        task = self.start(work)
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)

    def new_actor(self, node):
        """An actor with a GPU of its own, on this node or any; it waits for one to be free."""
        options = {"num_gpus": 1, "num_cpus": 0, "max_restarts": 0, "max_task_retries": 0, "max_concurrency": ACTOR_THREADS}
        if node is not None:
            from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

            options["scheduling_strategy"] = NodeAffinitySchedulingStrategy(node, soft=False)
        return self._actor_class.options(**options).remote(self._settings)

    def is_dead(self, node):
        return node in self._left

    def forget(self, reservation):
        if self._reservations.get(reservation.name) is reservation:
            del self._reservations[reservation.name]
        for slot in [slot for slot, lane in self._lanes.items() if lane.reservation is reservation]:
            del self._lanes[slot]

    def forget_lane(self, lane):
        if self._lanes.get(lane.slot) is lane:
            del self._lanes[lane.slot]

    def warn(self, message):
        self.launcher.say("warning", message=message[:1000])

    def log(self, text):
        print(text, file=sys.stderr, flush=True)

    async def look_at_nodes(self):
        """Tells which nodes have joined and left."""
        try:
            found = await asyncio.get_event_loop().run_in_executor(None, ray_cluster.nodes_of, self.ray)
        except Exception as error:
            # The head may be back in a moment; Ray ends this process where it is not.
            return self.log("the nodes can't be listed: %s" % error)
        before, self._nodes = self._nodes, {node["node"]: node for node in found}
        joined = [node for node in found if node["node"] not in before]
        left = [node for node in before if node not in self._nodes]
        self._left.update(left)
        if joined or left:
            self.launcher.say("nodes", joined=joined, left=left)
        for reservation in list(self._reservations.values()):
            if reservation.node in left:
                self.start_ending(reservation.lose("node", "its node is gone"))

    async def _watch_nodes(self):
        while True:
            await asyncio.sleep(NODES_SECONDS)
            self.sleeps.look()
            await self.look_at_nodes()

    def _hear(self, message):
        if message is None:
            return self._ended.set()
        if self._ended.is_set():
            return None
        try:
            self._obey(message["type"], message)
        except (KeyError, TypeError, AttributeError) as error:
            self.warn("a wrong %s message: %r" % (message["type"], error))

    def _obey(self, type, message):
        if type == "reserve":
            if message["gpu"] in self._reservations:
                return self.warn("%s is reserved already" % message["gpu"])
            self._reservations[message["gpu"]] = Reservation(message["gpu"], message.get("node"), self)
        elif type == "release":
            reservation = self._reservations.get(message["gpu"])
            if reservation is not None:
                self.start_ending(reservation.end())
        elif type == "start":
            reservation = self._reservations.get(message["gpu"])
            # One that was lost meanwhile has been told of.
            if reservation is not None:
                lane = reservation.lane(message["slot"])
                self._lanes[message["slot"]] = lane
                lane.send(message)
        elif type in ("file", "forget", "line", "eof", "signal"):
            lane = self._lanes.get(message["slot"])
            if lane is not None:
                lane.send(message)
        elif type == "memory":
            self.start(self._tell_memory(message["slot"], message["seq"], message.get("device", True)))
        elif type == "sample":
            self.start(self._tell_sample(message["seq"]))

    async def _tell_memory(self, slot, seq, device):
        self.launcher.say("memory", slot=slot, seq=seq, **await memory_of(self._lanes.get(slot), slot, device))

    async def _tell_sample(self, seq):
        self.launcher.say("sampled", seq=seq, gpus=await samples_of(self._reservations.values()))


def guard_source():
    with open(ray_guard.__file__, encoding="utf-8") as file:
        return file.read()


async def work(ray, launcher, hello, messages, nodes):
    await Driver(ray, launcher, hello, messages, nodes).run()


def main():
    leave_signals_to_launcher()
    launcher = Launcher()
    die_with_launcher()
    hello = launcher.first_message()
    if hello is None:
        return
    messages = Messages()
    launcher.listen(messages.put, lambda: messages.put(None))
    ray, about = connect(launcher, hello)
    launcher.say("hello", **about)
    asyncio.run(work(ray, launcher, hello, messages, about["nodes"]))
    launcher.finish(1)
    # Without Ray's own leave-taking, which may take seconds; the actors are gone.
    os._exit(0)


if __name__ == "__main__":
    use_utf8()
    main()
