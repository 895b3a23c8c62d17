"""The folder of an actor on its node, and what is left of those whose processes were all killed at the same time."""

import json
import os
import stat
import tempfile

from ray_guard import OWNER, end_all, remove_folder

PREFIX = "mgpu-ray-"


def make_scratch(mark):
    """A private folder that says whose it is. Raises OSError."""
    folder = tempfile.mkdtemp(prefix=PREFIX)
    with open(os.path.join(folder, OWNER), "w") as file:
        json.dump({"mark": mark, "pid": os.getpid(), "started": started(os.getpid()), "system": this_system()}, file)
    return folder


def sweep():
    """Ends the workers of actors that are gone and had no guard to end them, and removes their folders. Never raises."""
    root = tempfile.gettempdir()
    try:
        names = [name for name in os.listdir(root) if name.startswith(PREFIX)]
    except OSError:
        return
    for name in names:
        folder = os.path.join(root, name)
        owner = owner_of(folder)
        if owner is None or owner["system"] != this_system() or started(owner["pid"]) == owner["started"]:
            continue
        end_all(set(), owner["mark"])
        remove_folder(folder)


def owner_of(folder):
    """What an actor of this user wrote into its folder; None where nobody or another user wrote it."""
    try:
        found = os.lstat(folder)
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            return None
        handle = os.open(os.path.join(folder, OWNER), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle) as file:
            owner = json.loads(file.read(10000))
        known = isinstance(owner["pid"], int) and isinstance(owner["mark"], str) and owner["mark"] != ""
        return owner if known and "started" in owner and "system" in owner else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def started(pid):
    """When a process was started, in ticks since the boot; None where there is none. With the number it is unmistakable."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return None


def this_system():
    """Numbers of processes mean the same only within one boot and one namespace: containers may share a folder."""
    try:
        with open("/proc/sys/kernel/random/boot_id") as file:
            return "%s %d" % (file.read().strip(), os.stat("/proc/self/ns/pid").st_ino)
    except OSError:
        return ""
