"""
Bytes on their way to an actor and back: in pieces so small that Ray carries them in the call itself, which takes half the time of
its object store; in one where there are many, which the store carries faster.
"""

# Ray's own limit for a value is 100 kB with what it adds.
PIECE_BYTES = 90 * 1000
MOST_PIECES = 7


def cut(content):
    """Pieces for the arguments of a call, or for what it returns."""
    if len(content) > PIECE_BYTES * MOST_PIECES:
        return [content]
    return [content[at : at + PIECE_BYTES] for at in range(0, len(content), PIECE_BYTES)]


def pack(events):
    """Takes the bytes out of events: the values that a poll returns, always as many, the events first."""
    contents, spans, at = [], [], 0
    for number, event in events:
        content = event.get("bytes")
        rest = {key: value for key, value in event.items() if key != "bytes"}
        spans.append((number, rest, None if content is None else (at, at + len(content))))
        if content:
            contents.append(content)
            at += len(content)
    pieces = cut(b"".join(contents))
    return [(spans, len(pieces))] + pieces + [b""] * (MOST_PIECES - len(pieces))


async def unpack(values):
    """The events of a poll, from what stands for its values. Those that hold nothing are not asked for."""
    spans, count = await values[0]
    whole = b"".join([await value for value in values[1 : 1 + count]])
    return [(number, event if span is None else dict(event, bytes=whole[span[0] : span[1]])) for number, event, span in spans]
