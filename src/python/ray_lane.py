"""The commands of one worker on their way to its actor. What waits for a disk holds up the page that it belongs to, and nothing else."""

import asyncio

from ray_page_bytes import PART_BYTES, SlotOutputs, open_input
from ray_trouble import trouble_words

SIGNALS = ("SIGTERM", "SIGKILL", "SIGINT")


class Lane:
    """
    Begins once its reservation holds a GPU; `stop` ends it with what is still to be sent. The start, lines and the end of stdin go in
    order; the file of each page by itself, before the page's line; a signal once the worker was started.
    """

    def __init__(self, slot, reservation, driver):
        self.slot = slot
        self.reservation = reservation
        self.outputs = SlotOutputs()
        self._driver = driver
        self._orders = asyncio.Queue()
        self._files = {}
        self._tasks = set()
        self._started = asyncio.Event()
        self._begin(self._run())

    def send(self, message):
        """A message of the launcher to this slot. Raises KeyError for one that lacks a field."""
        type, id = message["type"], message.get("id")
        if type == "start":
            self._orders.put_nowait((type, message["launch"], None))
        elif type == "line":
            output = message.get("output")
            if id is not None:
                self.outputs.expect(id, output)
            self._orders.put_nowait((type, {"text": message["text"], "id": id, "output": output}, id))
        elif type == "eof":
            self._orders.put_nowait((type, {}, None))
        elif type == "file":
            name, source = message["name"], message["source"]
            self._on_file(message["id"], lambda: self._bring(id, name, source))
        elif type == "forget":
            self._on_file(message["id"], lambda: self._call(type, {"id": id}))
        elif type == "signal" and message["signal"] in SIGNALS:
            self._begin(self._once_started(lambda: self._call(type, {"signal": message["signal"]})))

    def stop(self):
        for task in list(self._tasks):
            task.cancel()

    async def drop_outputs(self):
        """Removes what is not whole of an output."""
        await asyncio.get_event_loop().run_in_executor(self._driver.writes, self.outputs.drop)

    def _begin(self, work):
        task = self._driver.start(work, self.reservation.failed)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _run(self):
        await self.reservation.placed.wait()
        while True:
            type, given, id = await self._orders.get()
            if id in self._files:
                await asyncio.wait({self._files[id]})
            await self._call(type, given)
            if type == "start":
                self._started.set()

    def _on_file(self, id, work):
        """Does this once that is done which was to be done with the page's file before."""
        task = self._begin(self._once_started(work, self._files.get(id)))
        self._files[id] = task

        def over(task):
            if self._files.get(id) is task:
                del self._files[id]

        task.add_done_callback(over)

    async def _once_started(self, work, before=None):
        await self._started.wait()
        if before is not None:
            await asyncio.wait({before})
        await work()

    async def _call(self, type, given, content=b""):
        await self.reservation.do(self.slot, type, given, content)

    async def _bring(self, id, name, source):
        offset = 0
        try:
            file = await self._in_thread(open_input, source)
            try:
                while True:
                    part = await self._in_thread(file.read, PART_BYTES)
                    if part or offset == 0:
                        await self._call("file", {"id": id, "name": name, "offset": offset}, part)
                    offset += len(part)
                    if len(part) < PART_BYTES:
                        return
            finally:
                # In a thread: while one still reads it, this waits.
                self._driver.reads.submit(file.close)
        except (OSError, ValueError) as error:
            self._driver.launcher.say("file-failed", slot=self.slot, id=id, where="launcher", **trouble_words(error))
            # Half a file would look like a broken page.
            await self._call("forget", {"id": id})

    def _in_thread(self, function, *args):
        return asyncio.get_event_loop().run_in_executor(self._driver.reads, function, *args)
