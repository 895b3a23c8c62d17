"""
Bytes on their way to an actor and back, in pieces so small that Ray carries them in the call itself. Larger ones go through its
object store, which takes two to three times as long.
"""

# Ray's own limit for a value is 100 kB with what it adds.
PIECE_BYTES = 90 * 1000
# Values that a poll returns besides its events. What they can't hold in small pieces goes in larger ones.
RETURNED_PIECES = 7


def cut(content):
    """For the arguments of a call."""
    return [content[at : at + PIECE_BYTES] for at in range(0, len(content), PIECE_BYTES)]


def pack(events):
    """Takes the bytes out of events: the values that a poll returns, the events first."""
    contents, spans, at = [], [], 0
    for number, event in events:
        content = event.get("bytes")
        rest = {key: value for key, value in event.items() if key != "bytes"}
        spans.append((number, rest, None if content is None else (at, at + len(content))))
        if content:
            contents.append(content)
            at += len(content)
    whole = b"".join(contents)
    size = max(PIECE_BYTES, -(-len(whole) // RETURNED_PIECES))
    return [(spans, -(-len(whole) // size))] + [whole[size * n : size * (n + 1)] for n in range(RETURNED_PIECES)]


async def unpack(values):
    """The events of a poll, from what stands for its values. Those that hold nothing are not asked for."""
    spans, count = await values[0]
    whole = b"".join([await value for value in values[1 : 1 + count]])
    return [(number, event if span is None else dict(event, bytes=whole[span[0] : span[1]])) for number, event, span in spans]
