"""The commands of one slot on their way to its actor: in order, each call awaited before the next."""

import asyncio

from ray_page_bytes import PART_BYTES, SlotOutputs, open_input
from ray_pieces import cut
from ray_trouble import trouble_words

MOST_CALL_BYTES = 4 * 1024 * 1024
SIGNALS = ("SIGTERM", "SIGKILL", "SIGINT")


class Lane:
    """Begins once its reservation holds a GPU; `stop` ends it with what is still to be sent."""

    def __init__(self, slot, reservation, launcher, files):
        self.slot = slot
        self.reservation = reservation
        self.outputs = SlotOutputs()
        self._launcher = launcher
        self._files = files
        self._messages = asyncio.Queue()
        self._number = 1
        self._task = asyncio.ensure_future(self._run())

    def send(self, message):
        """A message of the launcher to this slot."""
        self._messages.put_nowait(message)

    def stop(self):
        self._task.cancel()

    async def _run(self):
        await self.reservation.placed.wait()
        commands, pieces, size = [], [], 0
        while True:
            message = await self._messages.get()
            async for name, given, content in self._commands(message):
                cuts = cut(content)
                commands.append((name, given, len(cuts)))
                pieces += cuts
                size += len(content)
                if size >= MOST_CALL_BYTES:
                    await self._call(commands, pieces)
                    commands, pieces, size = [], [], 0
            if commands and self._messages.empty():
                await self._call(commands, pieces)
                commands, pieces, size = [], [], 0

    async def _call(self, commands, pieces):
        await self.reservation.do(self.slot, self._number, commands, pieces)
        self._number += len(commands)

    async def _commands(self, message):
        type = message["type"]
        if type == "start":
            yield "start", message["launch"], b""
        elif type == "file":
            async for part in self._file(message):
                yield part
        elif type == "line":
            id, output = message.get("id"), message.get("output")
            if id is not None:
                self.outputs.expect(id, output)
            yield "line", {"text": message["text"], "id": id, "output": output}, b""
        elif type == "eof":
            yield "eof", {}, b""
        elif type == "signal" and message["signal"] in SIGNALS:
            yield "signal", {"signal": message["signal"]}, b""

    async def _file(self, message):
        id = message["id"]
        about = {"id": id, "name": message["name"]}
        offset = 0
        try:
            file = await self._in_thread(open_input, message["source"])
            try:
                while True:
                    part = await self._in_thread(file.read, PART_BYTES)
                    if part or offset == 0:
                        yield "file", dict(about, offset=offset), part
                    offset += len(part)
                    if len(part) < PART_BYTES:
                        return
            finally:
                file.close()
        except OSError as error:
            self._launcher.say("file-failed", slot=self.slot, id=id, where="launcher", **trouble_words(error))
            # Half a file would look like a broken page.
            yield "forget", {"id": id}, b""

    def _in_thread(self, function, *args):
        return asyncio.get_event_loop().run_in_executor(self._files, function, *args)
