"""One GPU of the cluster: the actor that holds it, from the wait for a free one to its end, and what its workers say."""

import asyncio

import ray_clock
from ray_errors import Gone, actor_words, is_certain, last_line
from ray_lane import Lane
from ray_pieces import MOST_PIECES, cut, unpack

POLL_SECONDS = 10.0
POLL_BYTES = 8 * 1024 * 1024
# Outputs that are fetched and not yet written: beyond it polls are signs of life alone.
MOST_UNWRITTEN = 32 * 1024 * 1024
AGAIN_SECONDS = 0.5
# Calls in a row that an actor answers with a fault of its own.
MOST_FAULTS = 20
MOST_WARNINGS = 20
LOOK_SECONDS = 0.1
MOST_LOOKS = 50


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
        self._number = 0
        # Numbers of commands whose answers are awaited.
        self._awaited = set()
        # When the last poll was sent that was answered: the actor's lease is as old at the most.
        self._contact = None
        self._warned = set()
        self._passing_on = driver.start(self._pass_on(), self.failed)
        self._living = driver.start(self._live(), self.failed)

    def lane(self, slot):
        """The way to a slot of this GPU."""
        if slot not in self._lanes:
            self._lanes[slot] = Lane(slot, self, self._driver)
        return self._lanes[slot]

    def failed(self, error):
        """A fault of this program: without what has failed, the GPU is of no use."""
        self._driver.start_ending(self.lose("actor", "a fault of the driver: %r" % error))

    async def _call(self, name, answer):
        """
        What the actor answers, asked again until it does: one that can't be reached for a while may have done what it was told.
        `answer` asks and awaits. Raises Gone.
        """
        errors = self._driver.ray.exceptions
        faults = 0
        while True:
            try:
                return await answer()
            except errors.RayTaskError as error:
                words = "%s of %s: %s" % (name, self.name, last_line(error))
                self._warn(words)
                faults += 1
                if faults >= MOST_FAULTS:
                    raise Gone("actor", "the process that holds the GPU fails again and again: %s" % words)
            except errors.RayError as error:
                if self.node is not None and self._driver.is_dead(self.node):
                    raise Gone("node", "its node is gone")
                if is_certain(error, errors):
                    raise Gone(*await self._why(error))
            await asyncio.sleep(AGAIN_SECONDS)

    def _warn(self, words):
        """Says the same once only."""
        if words not in self._warned and len(self._warned) < MOST_WARNINGS:
            self._warned.add(words)
            self._driver.warn(words)

    async def do(self, slot, name, given, content):
        """Has the actor do a command of a slot. Doesn't return where the actor is gone: the lane ends with it."""
        self._number += 1
        number, pieces = self._number, cut(content)
        self._awaited.add(number)
        try:
            await self._call(
                "a command", lambda: self._actor.do.remote(slot, number, min(self._awaited), name, given, *pieces)
            )
        except Gone as gone:
            self._driver.start_ending(self.lose(gone.why, str(gone)))
            await asyncio.Event().wait()
        finally:
            self._awaited.discard(number)

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
        passed_on = asyncio.ensure_future(self._events.join())
        await asyncio.wait({passed_on, self._passing_on}, return_when=asyncio.FIRST_COMPLETED)
        passed_on.cancel()
        self._stop()
        if self.placed.is_set():
            self._driver.launcher.say("lost", gpu=self.name, why=why, message=message)
        else:
            self._driver.launcher.say("unplaced", gpu=self.name, message=message)
        await self._end_actor()

    async def end(self):
        """Ends its workers, then the actor; returns when both are gone. Nothing more is told."""
        self._is_over = True
        self._driver.forget(self)
        self._stop()
        await self._end_actor()

    async def _end_actor(self):
        """Returns once it is seen to be gone, or after a while, and what is not whole of its outputs is removed."""
        if self._actor is not None:
            await self._see_off()
        for lane in list(self._lanes.values()):
            await lane.drop_outputs()

    async def _see_off(self):
        error = self._driver.ray.exceptions.RayError
        try:
            if self.placed.is_set():
                await self._actor.end.remote()
        except error:
            pass
        # Whatever it has answered: it must not keep its GPU.
        await self._kill()
        try:
            for _ in range(MOST_LOOKS):
                await self._actor.describe.remote()
                await asyncio.sleep(LOOK_SECONDS)
        except error:
            pass

    def _stop(self):
        for lane in self._lanes.values():
            lane.stop()
        self._living.cancel()
        self._passing_on.cancel()

    async def _kill(self):
        try:
            await asyncio.get_event_loop().run_in_executor(None, self._driver.ray.kill, self._actor)
        except Exception as error:
            # It is gone already, or the cluster is.
            self._driver.log("%s: %s" % (self.name, error))

    async def _live(self):
        try:
            facts = await self._placed()
            self.node = facts["node"]
            self._driver.launcher.say("reserved", gpu=self.name, **facts)
            self._contact = ray_clock.now()
            self.placed.set()
            await self._listen()
        except Gone as gone:
            # In a task of its own: it cancels this one.
            self._driver.start_ending(self.lose(gone.why, str(gone)))

    async def _placed(self):
        """The facts of a new actor, once it has a GPU. Raises Gone."""
        while True:
            sleeps = self._driver.sleeps.look()
            self._actor = self._driver.new_actor(self.node)
            try:
                return await self._call("the description", lambda: self._actor.describe.remote())
            except Gone as gone:
                # One that got its GPU while this process slept has waited for its first poll in vain.
                if gone.why == "node" or self._driver.sleeps.look() == sleeps:
                    raise

    async def _listen(self):
        received = 0
        while True:
            is_behind = self._driver.launcher.is_behind() or self._unwritten > MOST_UNWRITTEN
            seconds, most = (0, 0) if is_behind else (self._driver.poll_seconds, POLL_BYTES)
            for number, event in await self._call("a poll", lambda: self._answered(received, seconds, most)):
                if number > received:
                    received = number
                    self._unwritten += len(event.get("bytes", b""))
                    self._events.put_nowait(event)
            if is_behind:
                await asyncio.sleep(AGAIN_SECONDS)

    async def _answered(self, received, seconds, most_bytes):
        options = self._actor.poll.options(num_returns=1 + MOST_PIECES)
        sent = ray_clock.now()
        events = await unpack(options.remote(received, seconds, most_bytes))
        self._contact = sent
        return events

    async def _pass_on(self):
        while True:
            event = await self._events.get()
            try:
                if event["type"] == "output":
                    await self._write(event)
                else:
                    self._driver.launcher.say(**event)
                if event["type"] in ("exit", "not-started"):
                    self._drop(event["slot"])
            except Exception as error:
                self._driver.warn("%s of %s could not be passed on: %r" % (event["type"], self.name, error))
            finally:
                self._unwritten -= len(event.get("bytes", b""))
                self._events.task_done()

    def _drop(self, slot):
        """Its worker has ended, and has said all that it had to say."""
        lane = self._lanes.pop(slot, None)
        if lane is not None:
            lane.stop()
            self._driver.forget_lane(lane)
            self._driver.start_ending(lane.drop_outputs())

    async def _write(self, event):
        lane = self._lanes.get(event["slot"])
        if lane is None:
            return
        trouble = await asyncio.get_event_loop().run_in_executor(self._driver.writes, lane.outputs.take, event)
        if trouble is not None:
            self._driver.launcher.say("output-failed", slot=event["slot"], id=event["id"], **trouble)

    async def _why(self, error):
        await self._driver.look_at_nodes()
        if self.node is not None and self._driver.is_dead(self.node):
            return "node", "its node is gone"
        lease = self._driver.lease_seconds
        if self._contact is not None and ray_clock.now() - self._contact >= lease:
            return "lease", "the launcher was not heard for %g s" % lease
        return "actor", actor_words(error)
