"""Stamps a banner on a PNG. Reads and rewrites the rows under the banner alone: the rest of the page stays as it was."""

import struct
import zlib

import demo_font

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
INK = (255, 255, 255)
# One background for each GPU, so that the sharding is seen at a glance.
BACKGROUNDS = ((176, 32, 48), (24, 84, 168), (22, 110, 60), (120, 50, 140), (150, 84, 10), (10, 110, 116), (70, 70, 80))


class NotStampable(ValueError):
    """The file is not a PNG, or a PNG of a kind that the demo can't write on."""


class Broken(ValueError):
    """The file is a PNG, and truncated or damaged."""


def stamp(data, lines, colour=0):
    """The PNG file `data` with `lines` of text in a banner on top. Raises NotStampable, Broken."""
    chunks = _chunks(data)
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0][1][:13])
    if depth not in DEPTHS.get(kind, ()) or not (width and height):
        raise Broken("a PNG with an invalid header")
    if interlaced:
        raise NotStampable("an interlaced PNG")
    bits = depth * CHANNELS[kind]
    row_bytes = (width * bits + 7) // 8
    raw = _pixels(chunks, (row_bytes + 1) * height)

    pens = [_pen(chunks, kind, depth, rgb) for rgb in (BACKGROUNDS[colour % len(BACKGROUNDS)], INK)]
    banner = [_packed(row, pens, bits) for row in _banner(lines, width, height)]
    # The row below is filtered against the one that the banner hides, so it has to be written plain.
    plain = _unfiltered(raw, row_bytes, max(1, bits // 8), min(height, len(banner) + 1))
    stamped = b"".join(b"\0" + row for row in banner + plain[len(banner) :])
    pixels = zlib.compress(stamped + raw[len(stamped) :], 3)

    first = next(at for at, (name, _) in enumerate(chunks) if name == b"IDAT")
    kept = [chunk for chunk in chunks if chunk[0] != b"IDAT"]
    kept.insert(first, (b"IDAT", pixels))
    return SIGNATURE + b"".join(_written(name, body) for name, body in kept)


def is_png(data):
    """True for a file that begins as a PNG."""
    return data[:8] == SIGNATURE


def _chunks(data):
    if not is_png(data):
        raise NotStampable("not a PNG")
    found, at = [], 8
    while at + 12 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        found.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
        if found[-1][0] == b"IEND":
            break
    if at > len(data) or not found or found[-1][0] != b"IEND" or len(found[0][1]) < 13 or found[0][0] != b"IHDR":
        raise Broken("a truncated PNG")
    return found


def _pixels(chunks, wanted):
    try:
        raw = zlib.decompress(b"".join(body for name, body in chunks if name == b"IDAT"))
    except zlib.error as error:
        raise Broken("a broken PNG: %s" % error)
    if len(raw) < wanted or not wanted:
        raise Broken("a PNG without all its pixels")
    return raw[:wanted]


def _written(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _banner(lines, width, height):
    """Rows of booleans as wide as the page, no more than it has."""
    scale = max(1, min(8, min(width, height) // 300))
    room = max(1, (width - 2 * scale) // (demo_font.ADVANCE * scale))
    blank = [False] * width
    drawn = [blank] * (3 * scale)
    for line in lines:
        # The end of a long name tells more than its start.
        shown = line if len(line) <= room else ".." + line[len(line) - room + 2 :]
        for dots in demo_font.rows(shown):
            wide = [False] * (2 * scale) + [dot for dot in dots for _ in range(scale)]
            drawn += [(wide + blank)[:width]] * scale
        drawn += [blank] * (3 * scale)
    return drawn[:height]


def _pen(chunks, kind, depth, rgb):
    """The colour as one number of the page's pixel format."""
    if kind == 3:
        palette = next((body for name, body in chunks if name == b"PLTE" and len(body) > 2), b"\0\0\0")
        used = range(min(len(palette) // 3, 1 << depth))
        far = lambda entry: sum((a - b) ** 2 for a, b in zip(palette[3 * entry : 3 * entry + 3], rgb))
        return min(used, key=far)
    top = (1 << depth) - 1
    if kind in (0, 4):
        # Grey pages get black and white: some of the backgrounds would be hard to read on.
        samples = [top if rgb == INK else 0]
    else:
        samples = [value * top // 255 for value in rgb]
    if kind in (4, 6):
        samples.append(top)
    number = 0
    for sample in samples:
        number = number << depth | sample
    return number


def _packed(dots, pens, bits):
    if bits >= 8:
        paper, ink = (pen.to_bytes(bits // 8, "big") for pen in pens)
        return b"".join(ink if dot else paper for dot in dots)
    a_byte = 8 // bits
    padded = dots + [False] * (-len(dots) % a_byte)
    row = bytearray()
    for at in range(0, len(padded), a_byte):
        value = 0
        for dot in padded[at : at + a_byte]:
            value = value << bits | pens[dot]
        row.append(value)
    return bytes(row)


def _unfiltered(raw, row_bytes, step, count):
    """The first `count` rows as plain bytes."""
    above, found = bytearray(row_bytes), []
    for number in range(count):
        start = number * (row_bytes + 1)
        row = bytearray(raw[start + 1 : start + 1 + row_bytes])
        _unfilter(raw[start], row, above, step)
        found.append(bytes(row))
        above = row
    return found


def _unfilter(kind, row, above, step):
    if kind == 1:
        for at in range(step, len(row)):
            row[at] = (row[at] + row[at - step]) & 255
    elif kind == 2:
        for at, up in enumerate(above):
            row[at] = (row[at] + up) & 255
    elif kind == 3:
        for at, up in enumerate(above):
            left = row[at - step] if at >= step else 0
            row[at] = (row[at] + (left + up) // 2) & 255
    elif kind == 4:
        for at, up in enumerate(above):
            left, corner = (row[at - step], above[at - step]) if at >= step else (0, 0)
            row[at] = (row[at] + _paeth(left, up, corner)) & 255
    elif kind != 0:
        raise Broken("a broken PNG: unknown filter %d" % kind)


def _paeth(left, up, corner):
    guess = left + up - corner
    to_left, to_up, to_corner = abs(guess - left), abs(guess - up), abs(guess - corner)
    if to_left <= to_up and to_left <= to_corner:
        return left
    return up if to_up <= to_corner else corner
