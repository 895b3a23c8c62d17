"""Ends the workers of an actor once the actor is gone, whatever ended it, and removes their folder.

Started by the actor as `python -I -S FOLDER/ray_guard.py MARK FOLDER`, with a pipe as stdin that closes when the actor ends. It forks once
more and takes a session of its own: Ray ends an actor's direct children before the actor itself. Lines on the pipe: `+SESSION` for
a worker that was started, `-SESSION` for one that has ended. A worker between its start and its line is known by its mark.
"""

import os
import shutil
import signal
import subprocess
import sys
import time

# Says whose a folder is.
OWNER = "owner.json"
# A variable of each worker's environment, which all that it starts inherit: the actor's mark, a dot, the worker's number.
MARK = "MGPU_WORKER_OF"
ROUNDS = 100
ROUND_SECONDS = 0.05


def members(sessions, mark=None):
    """Numbers of the processes that are in one of these sessions or groups, or whose mark begins so. Zombies are none."""
    entry = ("%s=%s" % (MARK, mark)).encode()
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            with open("/proc/%s/stat" % name, "rb") as file:
                state, _, group, session = file.read().rpartition(b")")[2].split()[:4]
            if state in b"ZX":
                continue
            if int(group) in sessions or int(session) in sessions:
                found.append(int(name))
                continue
            if mark is None:
                continue
            with open("/proc/%s/environ" % name, "rb") as file:
                if any(each.startswith(entry) for each in file.read().split(b"\0")):
                    found.append(int(name))
        except (OSError, ValueError):
            continue
    return found


def end_all(sessions, mark, looks=1):
    """
    Kills all members and what they start meanwhile. Returns when so many looks, one after the other, have found none: one that
    is being started has its mark only after its exec. Gives up after 5 s.
    """
    for session in sessions:
        signal_group(session, signal.SIGKILL)
    left = looks
    for _ in range(ROUNDS):
        found = members(sessions, mark)
        left = looks if found else left - 1
        if left == 0:
            return
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        time.sleep(ROUND_SECONDS)


def remove_folder(folder):
    """Removes an actor's folder, its owner's name last: what is left of it is swept by a later actor. Never raises."""
    try:
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path, ignore_errors=True)
            elif name != OWNER:
                os.unlink(path)
        if os.path.exists(os.path.join(folder, OWNER)):
            os.unlink(os.path.join(folder, OWNER))
        os.rmdir(folder)
    except OSError:
        pass


def signal_group(group, number):
    """A group that is gone is no error. One that is stopped gets SIGTERM too."""
    try:
        os.killpg(group, number)
        if number == signal.SIGTERM:
            os.killpg(group, signal.SIGCONT)
    except OSError:
        pass


def start_guard(source, mark, folder):
    """Starts a guard, this file's text being given; returns the pipe whose end it waits for. Raises OSError."""
    program = os.path.join(folder, "ray_guard.py")
    with open(program, "w", encoding="utf-8") as file:
        file.write(source)
    words = [sys.executable, "-I", "-S", program, mark, folder]
    null = subprocess.DEVNULL
    # What this interpreter needs in order to start, such as LD_LIBRARY_PATH, and not the mark of a worker that it may be in.
    env = {name: value for name, value in os.environ.items() if name != MARK}
    child = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=null, stderr=null, cwd="/", env=env, start_new_session=True, bufsize=0
    )
    # It has ended once there is a second one, which is nobody's child.
    if child.wait() != 0:
        raise OSError("the guard of the workers did not start: exit code %d" % child.returncode)
    return child.stdin


def main():
    mark, folder = sys.argv[1:3]
    if os.fork() != 0:
        os._exit(0)
    os.setsid()
    for name in ("SIGHUP", "SIGINT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGXCPU"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    sessions = set()
    for line in sys.stdin.buffer:
        number = int(line[1:])
        (sessions.add if line[:1] == b"+" else sessions.discard)(number)
    end_all(sessions, mark, looks=2)
    remove_folder(folder)


if __name__ == "__main__":
    main()
