"""The cluster: where it is, whether this machine may join it, and which nodes it has."""

import logging
import os
import re
import socket
import sys

CONNECT_SECONDS = 3.0
ADDRESS = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/]+):(?P<port>\d{1,5})\Z")


class Refused(Exception):
    """Why there is no cluster for this run: one of the protocol's kinds, and a line for people."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind
        self.message = " ".join(message.split())[:1000]


def import_ray():
    """The package `ray`. Raises Refused."""
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    # Otherwise `uv run` makes Ray copy the current folder to every node.
    os.environ["RAY_ENABLE_UV_RUN_RUNTIME_ENV"] = "0"
    os.environ.pop("RAY_RUNTIME_ENV_HOOK", None)
    try:
        import ray
    except ImportError as error:
        if getattr(error, "name", None) != "ray":
            raise Refused("no-ray", "Ray can't be imported by %s: %s" % (sys.executable, error))
        raise Refused("no-ray", "%s has no Ray: install it there (pip install ray), in the version of the cluster" % sys.executable)
    if not hasattr(ray, "init"):
        raise Refused("no-ray", "what %s imports as ray is not Ray: %s" % (sys.executable, list(getattr(ray, "__path__", []))))
    return ray


def find_address(wanted):
    """HOST:PORT of the cluster, where something answers. Raises Refused."""
    address = known_address() if wanted == "auto" else wanted
    if "://" in address:
        raise Refused("client", "%s: Ray's client is not supported: start the run on a node of the cluster" % address)
    parts = ADDRESS.match(address)
    if not parts or not 0 < int(parts.group("port")) < 65536:
        raise Refused("no-cluster", "%s: no address of a Ray cluster: HOST:PORT, as `ray start --head` prints it" % address)
    host, port = parts.group("host").strip("[]"), int(parts.group("port"))
    try:
        socket.create_connection((host, port), CONNECT_SECONDS).close()
    except (OSError, UnicodeError) as error:
        found = "the last cluster of this machine was at %s, but" % address if wanted == "auto" else "%s:" % address
        why = "no answer" if isinstance(error, socket.timeout) else getattr(error, "strerror", None) or str(error)
        raise Refused("no-cluster", "%s nothing answers there (%s)" % (found, why))
    return address


def known_address():
    """What RAY_ADDRESS says, or the cluster that was started on this machine. Raises Refused."""
    given = os.environ.get("RAY_ADDRESS", "")
    if given not in ("", "auto"):
        return given
    try:
        from ray._private.services import canonicalize_bootstrap_address

        return canonicalize_bootstrap_address("auto")
    except ConnectionError:
        raise Refused("no-cluster", "no Ray cluster runs on this machine: start one (ray start --head), or name it by HOST:PORT")
    except ImportError:
        return current_record()


def current_record():
    """What `ray start` wrote, read without Ray's help."""
    root = os.path.join(os.environ.get("RAY_TMPDIR", "/tmp"), "ray")
    try:
        with open(os.path.join(root, "ray_current_cluster")) as file:
            return file.read(300).strip()
    except OSError:
        raise Refused("no-cluster", "no Ray cluster runs on this machine: start one (ray start --head), or name it by HOST:PORT")


def join(ray, address):
    """Makes this process a driver of the cluster. Raises Refused."""
    os.environ.pop("RAY_ADDRESS", None)
    try:
        assert_node_here(address)
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except Refused:
        raise
    except (Exception, SystemExit) as error:
        raise why_refused(error, address)


def assert_node_here(address):
    """
    Raises Refused where none of the cluster's nodes is this machine, or the cluster wants another token; Ray would try for 20 s or a
    minute, and then say that there is no cluster.
    """
    try:
        from ray._raylet import GcsClient

        take_token()
        infos = GcsClient(address=address).get_all_node_info(timeout=CONNECT_SECONDS).values()
        # 0 is a node that is alive.
        nodes = [info.node_manager_address for info in infos if info.state == 0]
    except Exception as error:
        if type(error).__name__ == "AuthenticationError":
            wants = "the cluster at %s wants a token that this user does not have (RAY_AUTH_TOKEN_PATH, ~/.ray/auth_token)"
            raise Refused("failed", wants % address)
        # Another version of Ray: joining it will tell.
        return
    if nodes and not any(is_own(each) for each in nodes):
        shown = ", ".join(sorted(nodes, key=address_key)[:4])
        raise Refused(
            "no-node", "this machine is no node of the cluster at %s (%s): add it (ray start --address=%s), or start the run on a node" % (address, shown, address)
        )


def take_token():
    """As Ray's own `init` does, where this version has tokens."""
    try:
        from ray._private.authentication.authentication_token_setup import maybe_enable_token_auth_if_token_available
    except ImportError:
        return
    maybe_enable_token_auth_if_token_available(warn_if_disabled=False)


def is_own(address):
    """Only an address of this machine can be bound."""
    try:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
        return True
    except OSError:
        return False


def why_refused(error, address):
    text = " ".join(str(error).split())
    if "Version mismatch" in text:
        return Refused("version", version_words(text))
    if "Can't find a" in text or "node_ip_address" in text or "No node info found" in text or "Failed to get node info" in text:
        return Refused("no-node", "this machine is no node of the cluster at %s: add it (ray start --address=%s)" % (address, address))
    if isinstance(error, ConnectionError) or "Failed to connect" in text:
        return Refused("no-cluster", "%s: no Ray cluster answers there: %s" % (address, text[:300]))
    return Refused("failed", "the cluster at %s can't be joined: %s" % (address, text[:600] or type(error).__name__))


def version_words(text):
    """Both versions, from Ray's own many lines."""
    rays = re.findall(r"Ray: ([\w.+-]+)", text)
    pythons = re.findall(r"Python: ([\w.+-]+)", text)
    if len(rays) < 2 or len(pythons) < 2:
        return text[:600]
    pair = "the cluster has Ray %s on Python %s, %s has Ray %s on Python %s: both have to be the same"
    return pair % (rays[0], pythons[0], sys.executable, rays[1], pythons[1])


def nodes_of(ray):
    """The nodes that are alive, the head first, as the protocol has them."""
    free = free_by_node(ray)
    nodes = [node_words(each, free.get(each["NodeID"])) for each in ray.nodes() if each["Alive"]]
    return sorted(nodes, key=lambda node: (not node["head"], address_key(node["address"]), node["node"]))


def node_words(node, free):
    resources = node.get("Resources") or {}
    return {
        "node": node["NodeID"],
        "address": node.get("NodeManagerAddress", ""),
        "name": node.get("NodeManagerHostname", ""),
        "head": "node:__internal_head__" in resources,
        "gpus": int(resources.get("GPU", 0)),
        "gpusFree": None if free is None else int(free.get("GPU", 0)),
        "cores": int(resources.get("CPU", 0)),
        "kind": kind_of(resources),
    }


def kind_of(resources):
    types = [name.partition(":")[2] for name in resources if name.startswith("accelerator_type:")]
    if not types or "GPU" not in resources:
        return None
    if types[0].startswith("AMD"):
        return "amd"
    return None if types[0].startswith(("Intel", "TPU")) else "nvidia"


def free_by_node(ray):
    try:
        from ray._private.state import available_resources_per_node

        return available_resources_per_node()
    except Exception:
        return {}


def address_key(address):
    """10.0.0.9 before 10.0.0.10."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"[.:]", address)]
