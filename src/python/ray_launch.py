"""What a worker is started with on its node: words, folder, environment, and the files that travelled with it."""

import base64
import os
import shutil

from ray_guard import MARK

# Ray's own, what it sets for its workers, and what is set again where the worker has a device.
LEFT_OUT = ("PYTHONBREAKPOINT", "SPT_NOENV", "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES")


class NotStarted(Exception):
    """Why a worker can't be started, in words for people."""


class Launch:
    """
    `argv`, `cwd`, `env` for a worker. Folders are put in where the launcher's own words name them, at the beginning of a text: in `cwd`,
    PYTHONPATH, and the words of `argv` at the positions `placed`, or all. The rest, which is the user's, stays as it is. Raises
    NotStarted, OSError.
    """

    def __init__(self, given, folder, variables):
        self.work = os.path.join(folder, "work")
        files = os.path.join(folder, "files")
        for each in (self.work, files):
            os.makedirs(each, 0o700)
        unpack(given.get("files") or {}, files)
        home = os.path.expanduser("~")
        places = {"{files}": files, "{work}": self.work, "{home}": home, "~": home}

        def filled(text):
            first, slash, rest = text.partition("/")
            return places.get(first, first) + slash + rest

        self.env = inherited(os.environ)
        self.env.update({name: filled(value) if name == "PYTHONPATH" else value for name, value in (given.get("env") or {}).items()})
        # A worker without a device is to see none of Ray's choice.
        self.env.update(variables if given.get("device") else {MARK: variables[MARK]})
        self.cwd = filled(given["cwd"]) if given.get("cwd") else self.work
        if not os.path.isdir(self.cwd):
            raise NotStarted("%s: no such folder on this node" % self.cwd)
        words = given["argv"]
        placed = given.get("placed", range(len(words)))
        program, *rest = [filled(word) if at in placed else word for at, word in enumerate(words)]
        self.argv = [found_program(program, self.env, self.cwd)] + rest


def inherited(environment):
    return {name: value for name, value in environment.items() if name not in LEFT_OUT and not name.startswith("RAY_")}


def found_program(name, env, cwd):
    if "/" not in name:
        found = shutil.which(name, path=env.get("PATH", os.defpath))
        if found is None:
            raise NotStarted("%s: not found on this node" % name)
        return found
    path = os.path.join(cwd, name)
    if not os.path.exists(path):
        raise NotStarted("%s: no such file on this node" % name)
    if os.path.isdir(path) or not os.access(path, os.X_OK):
        raise NotStarted("%s: can't be executed on this node" % name)
    return path


def unpack(files, folder):
    for name, content in files.items():
        path = os.path.normpath(os.path.join(folder, name))
        if not path.startswith(folder + os.sep) or "\0" in name:
            raise NotStarted("%r: no name for a file of a worker" % name)
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(content))
