"""A Ray cluster of several nodes on this machine, in a network of its own, and a command within it.

    python cluster.py [--nodes 2] [--gpus 2] [--cpus 4] [--apart 0] [--control SOCKET] [-- COMMAND…]

The Python has to have Ray. The network is a new namespace (`unshare --net`) with nothing but loopback, because Ray learns a
machine's address from a connection to the internet. Node 0 is the head; each node has an address (10.77.0.1, …) and pretends to
have GPUs. COMMAND has this script's stdin, stdout and stderr, and finds in its environment

    MGPU_TEST_RAY_ADDRESS  HOST:PORT of the cluster
    RAY_TMPDIR             where Ray has its files: `auto` finds the cluster through it
    RAY_AUTH_MODE          disabled

With --apart N, the last N of the nodes have networks of their own, which only a cable joins to that of the others: it can be cut.

When COMMAND ends, the cluster ends, and this script exits with its code. Without a COMMAND the cluster runs until stdin ends. All
processes that were started in the cluster and still run are then killed; the scratch folder is removed.

With --control, one JSON object a line is read from each connection to that unix socket, and answered by one line:

    {"do": "add-node", "gpus": 1}          starts another node          {"node": 2, "id": "…"}
    {"do": "kill-raylet", "node": 1}       SIGKILL to its raylet        {"pid": 123}
      with "zombie": true                  which nobody reaps
    {"do": "stop-raylet", "node": 1}       SIGSTOP; "continue-raylet"   {"pid": 123}
    {"do": "kill-node", "node": 1}         SIGKILL to all of it         {"pids": [123, …]}
    {"do": "cut", "node": 1}               off the network; "join"      {"node": 1}
    {"do": "processes"}                    all but Ray's own            {"processes": [{"pid", "parent", "command"}, …]}

and from a shell: python cluster.py --control SOCKET --do '{"do": "processes"}'. A process enters the network with
`nsenter --net=/proc/PID/ns/net COMMAND`, PID being that of COMMAND, or what a line on stderr says once all nodes are there:
`cluster HOST:PORT PID RAY_TMPDIR`.
"""

import argparse
import ctypes
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback

INSIDE = "MGPU_TEST_RAY_INSIDE"
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


def arguments():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--nodes", type=int, default=2)
    parser.add_argument("--gpus", type=int, default=2, help="of each node")
    parser.add_argument("--cpus", type=int, default=4, help="of each node")
    parser.add_argument("--apart", type=int, default=0, help="so many of the nodes can be cut off")
    parser.add_argument("--control", metavar="SOCKET")
    parser.add_argument("--do", metavar="JSON")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    if args.command[:1] == ["--"]:
        del args.command[0]
    return args


def ask(path, line):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        connection.sendall(line.encode() + b"\n")
        with connection.makefile() as answers:
            print(answers.readline().strip())


def enter_network():
    """Starts this script again in a network of its own."""
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    words = ["unshare", "--net"] + as_root + ["--", sys.executable] + sys.argv
    os.execvpe(words[0], words, dict(os.environ, **{INSIDE: "1"}))


def set_up_addresses(count):
    ip("link", "set", "lo", "up")
    for number in range(count):
        ip("addr", "add", address(number) + "/32", "dev", "lo")


def address(node):
    return "10.77.0.%d" % (node + 1)


def network_of(pid):
    try:
        return os.stat("/proc/%s/ns/net" % pid).st_ino
    except OSError:
        return None


class Networks:
    """This process's own network, and those of nodes that are apart, as open files by the nodes' numbers."""

    def __init__(self, apart):
        self._own = os.open("/proc/self/ns/net", os.O_RDONLY)
        self._apart = {}
        for number in apart:
            self._enter_new()
            self._apart[number] = os.open("/proc/self/ns/net", os.O_RDONLY)
            self.enter(None)
        self.inodes = {os.fstat(each).st_ino for each in (self._own, *self._apart.values())}

    def connect(self):
        """Lays a cable to each: the end here is called after the node, that in its network `wire`."""
        for number, network in self._apart.items():
            cable, own = "node%d" % number, address(number)
            ip("addr", "del", own + "/32", "dev", "lo")
            ip("link", "add", cable, "type", "veth", "peer", "name", "wire", "netns", "/proc/%d/fd/%d" % (os.getpid(), network))
            self.enter(number)
            for words in (
                ("link", "set", "lo", "up"),
                ("addr", "add", own + "/32", "dev", "lo"),
                ("link", "set", "wire", "up"),
                ("route", "add", "10.77.0.0/24", "dev", "wire", "src", own),
            ):
                ip(*words)
            self.enter(None)
            self.join(number)

    def enter(self, number):
        """The calling thread, and what it starts, is in the network of this node, or of those together."""
        if LIBC.setns(self._apart.get(number, self._own), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")

    def cut(self, number):
        ip("link", "set", "node%d" % number, "down")
        return {"node": number}

    def join(self, number):
        ip("link", "set", "node%d" % number, "up")
        ip("route", "replace", address(number) + "/32", "dev", "node%d" % number, "src", address(0))
        return {"node": number}

    @staticmethod
    def _enter_new():
        if LIBC.unshare(CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "unshare")


def ip(*words):
    subprocess.check_call(("ip",) + words)


def processes(networks):
    """Of these networks, without zombies: number, parent, command."""
    for name in os.listdir("/proc"):
        if not name.isdigit() or network_of(name) not in networks.inodes:
            continue
        try:
            with open("/proc/%s/cmdline" % name, "rb") as file:
                command = file.read().rstrip(b"\0").replace(b"\0", b" ").decode(errors="replace")
            with open("/proc/%s/stat" % name) as file:
                state, parent = file.read().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state not in "ZX":
            yield int(name), int(parent), command


def is_rays(command):
    words = command.split(" ")
    program = os.path.basename(words[0])
    return command.startswith("ray::") or program in ("raylet", "gcs_server") or "/site-packages/ray/" in command


class Nodes:
    def __init__(self, args, folder, networks):
        from ray.cluster_utils import Cluster

        self._args = args
        self._networks = networks
        self._folder = folder
        self._cluster = Cluster()
        self._nodes = []
        for _ in range(args.nodes):
            self.add(args.gpus)
        self.address = self._cluster.address

    def add(self, gpus):
        number = len(self._nodes)
        for tries_left in (2, 1, 0):
            try:
                self._nodes.append(self._added(number, gpus))
                return {"node": number, "id": self._nodes[number].node_id}
            except Exception:
                # Where a start is slow, a raylet may give up its own helpers.
                if tries_left == 0:
                    raise
                traceback.print_exc()

    def _added(self, number, gpus):
        self._networks.enter(number)
        try:
            return self._started(number, gpus)
        finally:
            self._networks.enter(None)

    def _started(self, number, gpus):
        return self._cluster.add_node(
            node_ip_address=address(number),
            num_cpus=self._args.cpus,
            num_gpus=gpus,
            object_store_memory=200 * 1024 * 1024,
            include_dashboard=False,
            temp_dir=os.path.join(self._folder, "ray") if number == 0 else None,
        )

    def signal(self, number, sent, zombie):
        raylet = self._raylet(number)
        raylet.send_signal(sent)
        if sent == signal.SIGKILL and not zombie:
            # Its workers take a zombie for a raylet that is alive.
            raylet.wait()
        return {"pid": raylet.pid}

    def _raylet(self, number):
        return self._nodes[number].all_processes["raylet"][0].process

    def kill(self, number):
        """The node's raylet, and all that it started: as a machine that loses its power."""
        raylet = self._raylet(number)
        listed = list(processes(self._networks))
        doomed = [raylet.pid]
        for pid in doomed:
            doomed.extend(child for child, parent, _ in listed if parent == pid)
        for pid in doomed:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        raylet.wait()
        return {"pids": doomed}

    def do(self, order):
        what, node = order["do"], order.get("node", 0)
        if what == "add-node":
            return self.add(order.get("gpus", 1))
        if what == "processes":
            # This script and the process that it was started as are no part of the cluster.
            own = (os.getpid(), os.getppid())
            found = [each for each in processes(self._networks) if each[0] not in own and not is_rays(each[2])]
            return {"processes": [{"pid": pid, "parent": parent, "command": command} for pid, parent, command in found]}
        if what == "kill-node":
            return self.kill(node)
        if what in ("cut", "join"):
            return getattr(self._networks, what)(node)
        signals = {"kill-raylet": signal.SIGKILL, "stop-raylet": signal.SIGSTOP, "continue-raylet": signal.SIGCONT}
        return self.signal(node, signals[what], order.get("zombie", False))


def obey(path, nodes, work):
    """Takes orders until this process ends; `work` is done in the main thread, as Ray starts nodes there alone."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(8)

    def talk(connection):
        with connection, connection.makefile("rw") as lines:
            for line in lines:
                answers = queue.Queue()
                work.put(lambda: answers.put(answer_to(line, nodes)))
                lines.write(json.dumps(answers.get()) + "\n")
                lines.flush()

    def accept():
        while True:
            threading.Thread(target=talk, args=server.accept()[:1], daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def answer_to(line, nodes):
    try:
        return nodes.do(json.loads(line))
    except Exception as error:
        return {"error": repr(error)}


def run_cluster(args, folder, networks):
    work = queue.Queue()
    set_up_addresses(16)
    networks.connect()
    # Ray's own noise is not for the command's reader.
    outer = os.dup(1)
    os.dup2(2, 1)
    os.environ.update(
        RAY_TMPDIR=folder,
        RAY_ENABLE_UV_RUN_RUNTIME_ENV="0",
        RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO="0",
        RAY_USAGE_STATS_ENABLED="0",
        # Else Ray takes a token from the home folder, or says that there is none.
        RAY_AUTH_MODE="disabled",
    )
    os.environ.pop("RAY_ADDRESS", None)
    nodes = Nodes(args, folder, networks)
    os.environ["MGPU_TEST_RAY_ADDRESS"] = nodes.address
    if args.control:
        obey(args.control, nodes, work)
    print("cluster %s %d %s" % (nodes.address, os.getpid(), folder), file=sys.stderr, flush=True)
    command = subprocess.Popen(args.command, stdout=outer) if args.command else None

    def wait():
        code = 0
        if command:
            code = command.wait()
        else:
            sys.stdin.buffer.read()
        work.put(lambda: code if code >= 0 else 128 - code)

    if command:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda sent, _: command.send_signal(sent))
    threading.Thread(target=wait, daemon=True).start()
    code = None
    while code is None:
        code = work.get()()
    return code


def kill_the_rest(networks):
    """All of these networks but this process: Ray's at once, others after a second to clean up; those that it adopts are reaped."""
    for round in range(200):
        rest = [(pid, command) for pid, _, command in processes(networks) if pid != os.getpid()]
        for pid in [pid for pid, command in rest if round > 20 or is_rays(command)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            while os.waitpid(-1, os.WNOHANG)[0] != 0:
                pass
        except ChildProcessError:
            pass
        if not rest:
            return
        signal.sigtimedwait([signal.SIGCHLD], 0.05)


def main():
    args = arguments()
    if args.do:
        ask(args.control, args.do)
        return 0
    if INSIDE not in os.environ:
        enter_network()
    del os.environ[INSIDE]
    networks = Networks(range(args.nodes - args.apart, args.nodes))
    folder = tempfile.mkdtemp(prefix="rc-", dir="/tmp")
    # Orphans come to this process, which reaps them: their zombies would look like processes that are left.
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    inner = os.fork()
    if inner == 0:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        code = 1
        try:
            code = run_cluster(args, folder, networks)
        except Exception:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda sent, _: os.kill(inner, sent))
    code = 1
    while True:
        pid, status = os.wait()
        if pid == inner:
            code = os.waitstatus_to_exitcode(status)
            break
    kill_the_rest(networks)
    shutil.rmtree(folder, ignore_errors=True)
    if args.control and os.path.exists(args.control):
        os.unlink(args.control)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
