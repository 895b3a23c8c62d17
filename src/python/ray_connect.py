"""How this process becomes a driver of the cluster, or says why it can't, within a bounded time."""

import os
import sys
import threading

import ray_cluster

PROTOCOL = 1
CONNECT_SECONDS = 60.0


def connect(launcher, hello):
    """
    The package `ray` in a process that is a driver of the cluster, and what the launcher is told of it. Where there is no cluster for it, or
    anything on the way takes longer than a minute, the launcher is told why and this process ends.
    """
    doing = ["Ray could not be imported by %s" % sys.executable]

    def give_up():
        refuse(launcher, ray_cluster.Refused("failed", "%s within %d s" % (doing[-1], CONNECT_SECONDS)))

    watchdog = threading.Timer(CONNECT_SECONDS, give_up)
    watchdog.daemon = True
    watchdog.start()
    try:
        return joined(hello, doing)
    except ray_cluster.Refused as refused:
        refuse(launcher, refused)
    finally:
        watchdog.cancel()


def joined(hello, doing):
    """As `connect`, in its own time; appends to `doing` what it is about to do. Raises Refused."""
    if hello.get("v") != PROTOCOL:
        raise ray_cluster.Refused("failed", "the driver speaks protocol %d, the launcher %s" % (PROTOCOL, hello.get("v")))
    ray = ray_cluster.import_ray()
    doing.append("the address of the cluster could not be found")
    address = ray_cluster.find_address(str(hello.get("address") or "auto"))
    doing.append("the cluster at %s did not take this driver" % address)
    ray_cluster.join(ray, address)
    doing.append("the cluster at %s did not list its nodes" % address)
    nodes = ray_cluster.nodes_of(ray)
    if not hello.get("wait") and not any(node["gpus"] for node in nodes):
        shown = "1 node" if len(nodes) == 1 else "%d nodes" % len(nodes)
        raise ray_cluster.Refused("no-gpu", "the cluster at %s has no GPU on its %s (ray start --num-gpus)" % (address, shown))
    return ray, {
        "v": PROTOCOL,
        "ray": ray.__version__,
        "python": sys.version.split()[0],
        "address": address,
        # The node that this process is on. Once that is gone, Ray takes the job for ended, and tells this process nothing of it.
        "own": ray.get_runtime_context().get_node_id(),
        "nodes": nodes,
    }


def refuse(launcher, refused):
    launcher.say("refused", kind=refused.kind, message=refused.message)
    launcher.finish(2)
    os._exit(0)
