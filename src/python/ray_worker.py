"""One worker's process on its node: what it is told, what it says, its pages' files, and its end."""

import os
import queue
import shutil
import signal
import subprocess
import threading
import time

from ray_guard import MARK, end_all, members, signal_group
from ray_launch import Launch
from ray_lines import Lines
from ray_secrets import Secrets
from ray_page_files import PART_BYTES, PageFiles
from ray_trouble import trouble_words

CHUNK = 64 * 1024
# How long a grandchild that left the session may hold the output pipes after its parent's end.
STRAGGLER_SECONDS = 2.0


class Worker:
    """
    `watch` is called with `+SESSION` at its start and `-SESSION` at its end, `over` with the slot and this once its end was received.
    Raises NotStarted, OSError.
    """

    def __init__(self, slot, given, folder, mark, device, outbox, watch, over):
        self._slot = slot
        self._folder = folder
        self._outbox = outbox
        self._mark = mark
        self._watch = watch
        self._over = over
        self._stdin = queue.SimpleQueue()
        try:
            launch = Launch(given, folder, dict(device, **{MARK: mark}))
            self._files = PageFiles(launch.work)
            self._secrets = Secrets(launch.env)
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(
                launch.argv, cwd=launch.cwd, env=launch.env, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, start_new_session=True
            )
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self.pid = self._process.pid
        self.is_alive = True
        watch("+%d" % self.pid)

    def listen(self):
        """From here on its output is told, and its end."""
        out, err = self._process.stdout, self._process.stderr
        readers = [threading.Thread(target=self._read, args=each, daemon=True) for each in ((out, "out"), (err, "err"))]
        for thread in readers + [threading.Thread(target=self._write, daemon=True)]:
            thread.start()
        threading.Thread(target=self._await_end, args=(readers,), daemon=True).start()

    def on_node(self, text, id, output):
        """A page's line with the paths of this node, and the error where the worker can't read or write the page here."""
        try:
            return self._files.hand_over(text, id, output)
        except Exception as error:
            return text, error

    def line(self, text):
        """Hands a line over."""
        # Half a character, of a name that is no UTF-8, is written as JSON has it.
        self._stdin.put(text.encode("utf-8", "backslashreplace") + b"\n")

    def eof(self):
        self._stdin.put(None)

    def signal(self, number):
        if self.is_alive:
            signal_group(self.pid, number)

    def put_file(self, id, name, offset, content):
        self._files.put(id, name, offset, content)

    def forget_file(self, id):
        self._files.forget_input(id)

    def processes(self):
        return members({self.pid}, self._mark) if self.is_alive else []

    def _write(self):
        # A thread of its own: a worker that reads nothing must not keep a signal from being sent.
        stdin = self._process.stdin
        while True:
            content = self._stdin.get()
            try:
                if content is None:
                    return stdin.close()
                left = memoryview(content)
                while left:
                    left = left[stdin.write(left) :]
            except OSError:
                return None

    def _read(self, stream, name):
        lines = Lines(lambda text: self._tell(name, text))
        while True:
            self._outbox.wait_for_room()
            try:
                chunk = os.read(stream.fileno(), CHUNK)
            except OSError:
                chunk = b""
            if not chunk:
                break
            lines.push(chunk)
        lines.end()
        stream.close()

    def _tell(self, name, text):
        # A straggler's words come too late.
        if not self.is_alive:
            return
        answered = self._files.answered(text) if name == "out" else None
        if answered is None:
            self._outbox.add_line(self._slot, name, self._told(text, name == "out"))
            return
        page, has_outputs = answered
        if has_outputs:
            self._tell_outputs(page)
        text = self._told(text, True)
        remove = self._files.settle(page)
        self._outbox.add({"type": "lines", "slot": self._slot, "out": [text], "err": []}, done=remove)

    def _told(self, text, is_answer):
        return self._secrets.taken_out(self._files.restored(text, is_answer))

    def _tell_outputs(self, page):
        id = self._files.id_of(page)
        about = {"type": "output", "slot": self._slot, "id": id}
        try:
            outputs = self._files.outputs(page)
        except OSError as error:
            self._outbox.add(dict(about, trouble=trouble_words(error)))
            return
        for name, path, size in outputs:
            for offset in range(0, max(size, 1), PART_BYTES):
                part = (path, offset, min(PART_BYTES, size - offset))
                last = offset + PART_BYTES >= size
                self._outbox.add(dict(about, name=name, offset=offset, last=last), part=part)

    def _await_end(self, readers):
        self._process.wait()
        # What it had started may hold memory of the GPU.
        end_all({self.pid}, self._mark)
        until = time.monotonic() + STRAGGLER_SECONDS
        for reader in readers:
            while reader.is_alive() and time.monotonic() < until:
                reader.join(0.05)
                if self._outbox.is_full():
                    until = time.monotonic() + STRAGGLER_SECONDS
        self.is_alive = False
        self._watch("-%d" % self.pid)
        self._stdin.put(None)
        code = self._process.returncode
        end = {"by": "exit", "code": code} if code >= 0 else {"by": "signal", "signal": signal_name(-code)}
        self._outbox.add(dict(end, type="exit", slot=self._slot), done=self._received)

    def _received(self):
        shutil.rmtree(self._folder, ignore_errors=True)
        self._over(self._slot, self)


def signal_name(number):
    try:
        return signal.Signals(number).name
    except ValueError:
        return "SIG%d" % number
