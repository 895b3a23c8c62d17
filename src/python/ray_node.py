"""What a node has, as seen by an actor on it: processor cores, memory, its GPU, and what processes hold of them."""

import json
import math
import os
import re
import subprocess

MIB = 1024 * 1024
# The driver waits 2 s for all actors together.
TOOL_SECONDS = 1.8


def describe(device):
    """Facts for `reserved`; what nobody tells is None."""
    gpu = sample(device)
    return {
        "device": device["id"],
        "cores": cores(),
        "memoryBytes": total_memory(),
        "constrainedMemoryBytes": constrained_memory(),
        "gpuName": gpu["name"],
        "gpuMemoryBytes": gpu["totalBytes"],
    }


def device_of(accelerators, environment):
    """The GPU that Ray gave to this actor, and the variables that show a worker nothing else."""
    ids = accelerators.get("GPU") or []
    visible = ",".join(str(each) for each in ids)
    # Ray has set the variable of the vendor whose GPUs it found.
    is_amd = "HIP_VISIBLE_DEVICES" in environment and "CUDA_VISIBLE_DEVICES" not in environment
    name = "HIP_VISIBLE_DEVICES" if is_amd else "CUDA_VISIBLE_DEVICES"
    return {"id": visible, "amd": is_amd, "env": {name: visible}}


def cores():
    """Cores that this process may use: those that it may run on, within the quota of its container."""
    allowed = len(os.sched_getaffinity(0))
    quotas = [math.ceil(quota) for quota in map(quota_in, own_groups("cpu")) if quota is not None]
    return max(1, min([allowed] + quotas))


def quota_in(folder):
    try:
        quota, period = (read(os.path.join(folder, "cpu.max")) or "").split()
    except ValueError:
        quota, period = read(os.path.join(folder, "cpu.cfs_quota_us")), read(os.path.join(folder, "cpu.cfs_period_us"))
    try:
        return int(quota) / int(period) if int(quota) > 0 else None
    except (TypeError, ValueError, ZeroDivisionError):
        return None


def total_memory():
    found = re.search(r"^MemTotal:\s+(\d+) kB$", read("/proc/meminfo") or "", re.M)
    return int(found.group(1)) * 1024 if found else None


def constrained_memory():
    """The least limit of the control groups around this process, where there is one below the machine's memory."""
    texts = []
    for folder in own_groups("memory"):
        texts += [read(os.path.join(folder, name)) for name in ("memory.max", "memory.limit_in_bytes")]
    limits = [int(text) for text in texts if text and text.strip().isdigit()]
    least = min(limits) if limits else None
    total = total_memory()
    return least if least is not None and (total is None or least < total) else None


def own_groups(controller):
    """Folders of the control groups that this process is in, up to the root: of version 2, and of this controller of version 1."""
    folders = []
    for line in (read("/proc/self/cgroup") or "").splitlines()[:64]:
        number, names, path = (line.split(":", 2) + ["", ""])[:3]
        if number == "0" and names == "":
            root = "/sys/fs/cgroup"
        elif controller in names.split(","):
            root = "/sys/fs/cgroup/" + controller
        else:
            continue
        parts = [part for part in path.split("/") if part not in ("", "..")][:32]
        folders += [os.path.join(root, *parts[:count]) for count in range(len(parts) + 1)]
    return folders


def sample(device):
    """How busy the GPU is, in percent, and its memory in bytes. None where no tool tells within 2 s."""
    nothing = {"utilization": None, "usedBytes": None, "totalBytes": None, "name": None}
    try:
        return amd_sample(device["id"]) if device["amd"] else nvidia_sample(device["id"])
    except (OSError, ValueError, KeyError, IndexError, AttributeError, TypeError, subprocess.SubprocessError):
        return nothing


def nvidia_sample(device):
    query = "--query-gpu=name,utilization.gpu,memory.used,memory.total"
    line = tool("nvidia-smi", query, "--format=csv,noheader,nounits", "--id=" + device).splitlines()[0]
    # A name may hold commas.
    name, use, used, total = line.rsplit(",", 3)
    return {
        "utilization": number_in(use),
        "usedBytes": times(number_in(used), MIB),
        "totalBytes": times(number_in(total), MIB),
        "name": name.strip()[:200] or None,
    }


def amd_sample(device):
    text = tool("rocm-smi", "-d", device, "--showproductname", "--showmeminfo", "vram", "--showuse", "--json")
    card = next(iter(json.loads(text[text.index("{") :]).values()))
    card = {key.lower(): value for key, value in card.items()}
    return {
        "utilization": number_in(card.get("gpu use (%)")),
        "usedBytes": number_in(card.get("vram total used memory (b)")),
        "totalBytes": number_in(card.get("vram total memory (b)")),
        "name": card.get("card series") or card.get("device name"),
    }


def held_by(pids, device):
    """
    Main memory that these processes hold and the most they have held, and what they hold of the card, which is None where no tool is to
    be asked: in bytes, or None.
    """
    now = [status_bytes(pid, "VmRSS") for pid in pids]
    peak = [status_bytes(pid, "VmHWM") for pid in pids]
    return {"bytes": total(now), "peakBytes": total(peak), "deviceBytes": None if device is None or device["amd"] else card_bytes(pids)}


def card_bytes(pids):
    try:
        text = tool("nvidia-smi", "--query-compute-apps=pid,used_gpu_memory", "--format=csv,noheader,nounits")
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    rows = [line.split(",") for line in text.splitlines()[:1000]]
    return total([times(number_in(row[1]), MIB) for row in rows if len(row) == 2 and number_in(row[0]) in pids])


def status_bytes(pid, field):
    found = re.search(r"^%s:\s+(\d+) kB$" % field, read("/proc/%d/status" % pid) or "", re.M)
    return int(found.group(1)) * 1024 if found else None


def tool(*words):
    """What a program prints. Raises OSError, ValueError, subprocess.SubprocessError where it fails or takes too long."""
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=TOOL_SECONDS, check=True)
    return done.stdout[: 1024 * 1024].decode("utf-8", "replace")


def number_in(text):
    found = re.match(r"\s*(\d{1,18})(?:\.\d+)?\s*\Z", str(text))
    return int(found.group(1)) if found else None


def times(number, factor):
    return None if number is None else number * factor


def total(numbers):
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def read(path):
    try:
        with open(path) as file:
            return file.read(100000)
    except (OSError, ValueError):
        return None
