"""What is measured where the launcher asks for it; what takes long is not waited for."""

import asyncio

SAMPLE_SECONDS = 2.0


async def memory_of(lane, slot, device):
    """What the worker of a slot holds, and its device where that is asked for; None for each figure that nobody can tell."""
    found = await within(lane.reservation.memory(slot, device)) if lane and lane.reservation.placed.is_set() else None
    return found or {"bytes": None, "peakBytes": None, "deviceBytes": None}


async def samples_of(reservations):
    """How busy each GPU is that is held, and its memory; None for each figure that nobody can tell."""
    held = [each for each in reservations if each.placed.is_set()]
    found = await asyncio.gather(*(within(each.sample()) for each in held))
    told = ("utilization", "usedBytes", "totalBytes")
    return [dict({key: (sampled or {}).get(key) for key in told}, gpu=each.name) for each, sampled in zip(held, found)]


async def within(work):
    """What the work comes to; None where it takes longer than SAMPLE_SECONDS, or the GPU is gone."""
    try:
        return await asyncio.wait_for(work, SAMPLE_SECONDS)
    except Exception:
        return None
