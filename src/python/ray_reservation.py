"""One GPU of the cluster: the actor that holds it, from the wait for a free one to its end, and what its workers say."""

import asyncio
import re

from ray_lane import Lane
from ray_pieces import MOST_PIECES, unpack

POLL_SECONDS = 10.0
POLL_BYTES = 8 * 1024 * 1024
# Outputs that are fetched and not yet written: beyond it polls are signs of life alone.
MOST_UNWRITTEN = 32 * 1024 * 1024
AGAIN_SECONDS = 0.5
LOOK_SECONDS = 0.1
MOST_LOOKS = 50


class Gone(Exception):
    """The actor is gone for certain. `why` is the protocol's."""

    def __init__(self, why, message):
        super().__init__(message)
        self.why = why


class Reservation:
    def __init__(self, name, node, driver):
        self.name = name
        self.node = node
        # Set once it holds a GPU.
        self.placed = asyncio.Event()
        self._driver = driver
        self._lanes = {}
        self._events = asyncio.Queue()
        self._unwritten = 0
        self._is_over = False
        self._actor = None
        self._tasks = [asyncio.ensure_future(each) for each in (self._live(), self._pass_on())]

    def lane(self, slot):
        """The way to a slot of this GPU."""
        if slot not in self._lanes:
            self._lanes[slot] = Lane(slot, self, self._driver.launcher, self._driver.files)
        return self._lanes[slot]

    async def _call(self, name, answer):
        """
        What the actor answers, asked again until it does: one that can't be reached for a while may have done what it was told.
        `answer` asks and awaits. Raises Gone.
        """
        errors = self._driver.ray.exceptions
        while True:
            try:
                return await answer()
            except errors.RayTaskError as error:
                self._driver.warn("%s of %s: %s" % (name, self.name, last_line(error)))
                return None
            except errors.RayError as error:
                if self.node is not None and self._driver.is_dead(self.node):
                    raise Gone("node", "its node is gone")
                if is_certain(error, errors):
                    raise Gone(*await self._why(error))
            await asyncio.sleep(AGAIN_SECONDS)

    async def do(self, slot, number, commands, pieces):
        """Has the actor do the commands of a slot. Doesn't return where the actor is gone: the lane ends with it."""
        try:
            await self._call("a command", lambda: self._actor.do.remote(slot, number, commands, *pieces))
        except Gone as gone:
            self._driver.start(self.lose(gone.why, str(gone)))
            await asyncio.Event().wait()

    async def memory(self, slot, device):
        return await self._call("the memory", lambda: self._actor.memory.remote(slot, device))

    async def sample(self):
        return await self._call("a sample", lambda: self._actor.sample.remote())

    async def lose(self, why, message):
        """Tells that the GPU is lost, after all that has come from it."""
        if self._is_over:
            return
        self._is_over = True
        self._driver.forget(self)
        for lane in self._lanes.values():
            lane.stop()
        await self._events.join()
        self._stop()
        if self.placed.is_set():
            self._driver.launcher.say("lost", gpu=self.name, why=why, message=message)
        else:
            self._driver.launcher.say("unplaced", gpu=self.name, message=message)
        await self._kill()

    async def end(self):
        """Ends its workers, then the actor; returns when both are gone. Nothing more is told."""
        self._is_over = True
        self._driver.forget(self)
        self._stop()
        if self._actor is None:
            return
        try:
            if self.placed.is_set():
                await self._actor.end.remote()
            await self._kill()
            for _ in range(MOST_LOOKS):
                await self._actor.describe.remote()
                await asyncio.sleep(LOOK_SECONDS)
        except self._driver.ray.exceptions.RayError:
            pass

    def _stop(self):
        for lane in self._lanes.values():
            lane.stop()
            lane.outputs.drop()
        for task in self._tasks:
            task.cancel()

    async def _kill(self):
        try:
            await asyncio.get_event_loop().run_in_executor(None, self._driver.ray.kill, self._actor)
        except Exception as error:
            # It is gone already, or the cluster is.
            self._driver.log("%s: %s" % (self.name, error))

    async def _live(self):
        try:
            self._actor = self._driver.new_actor(self.node)
            facts = await self._call("the description", lambda: self._actor.describe.remote())
            if facts is None:
                raise Gone("actor", "its GPU can't be described")
            self.node = facts["node"]
            self._driver.launcher.say("reserved", gpu=self.name, **facts)
            self.placed.set()
            await self._listen()
        except Gone as gone:
            # In a task of its own: it cancels this one.
            self._driver.start(self.lose(gone.why, str(gone)))

    async def _listen(self):
        received = 0
        while True:
            is_behind = self._driver.launcher.is_behind() or self._unwritten > MOST_UNWRITTEN
            seconds, most = (0, 0) if is_behind else (self._driver.poll_seconds, POLL_BYTES)
            for number, event in await self._call("a poll", lambda: self._poll(received, seconds, most)) or []:
                if number > received:
                    received = number
                    self._unwritten += len(event.get("bytes", b""))
                    self._events.put_nowait(event)
            if is_behind:
                await asyncio.sleep(AGAIN_SECONDS)

    def _poll(self, received, seconds, most_bytes):
        options = self._actor.poll.options(num_returns=1 + MOST_PIECES)
        return unpack(options.remote(received, seconds, most_bytes))

    async def _pass_on(self):
        while True:
            event = await self._events.get()
            try:
                if event["type"] == "output":
                    await self._write(event)
                else:
                    self._driver.launcher.say(**event)
            finally:
                self._unwritten -= len(event.get("bytes", b""))
                self._events.task_done()

    async def _write(self, event):
        outputs = self.lane(event["slot"]).outputs
        trouble = await asyncio.get_event_loop().run_in_executor(self._driver.files, outputs.take, event)
        if trouble is not None:
            self._driver.launcher.say("output-failed", slot=event["slot"], id=event["id"], **trouble)

    async def _why(self, error):
        await self._driver.look_at_nodes()
        if self.node is not None and self._driver.is_dead(self.node):
            return "node", "its node is gone"
        return "actor", actor_words(error)


def is_certain(error, errors):
    """Whether an error of a call means that the actor will never answer."""
    unavailable = getattr(errors, "ActorUnavailableError", ())
    final = (errors.RayActorError, getattr(errors, "ActorUnschedulableError", ()), getattr(errors, "OutOfMemoryError", ()))
    return not isinstance(error, unavailable) and any(isinstance(error, each) for each in final)


def actor_words(error):
    """What Ray says of an actor's end, in one line without the numbers of actor and process."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("The actor is dead because", "The actor died because", "Worker exit"))]
    words = " ".join(telling) or (lines[-1] if lines else type(error).__name__)
    # Ray's guesses at a cause are long and general.
    words = re.split(r" (?:Some common causes|There are some potential)", words)[0]
    return "the process that held the GPU ended: %s" % words[:500]


def last_line(error):
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[-1][:500] if lines else type(error).__name__
