#!/usr/bin/env python3
"""Pillow's answers to files that are odd or damaged but common: pixels where it opens one, else that it does not.

    odd_image_goldens.py            writes src/test/resources/image/odd.json anew
    odd_image_goldens.py --check    opens the checked-in files again and compares; exit 1 if one differs

Needs Pillow and numpy (written with 9.4.0 and 1.24.2).
"""
import base64
import io
import json
import pathlib
import struct
import sys
import warnings
import zlib

import numpy as np
from PIL import Image

ODD = pathlib.Path(__file__).resolve().parents[1] / "resources" / "image" / "odd.json"


def pack(data):
    return base64.b64encode(zlib.compress(bytes(data), 9)).decode()


def unpack(text):
    return zlib.decompress(base64.b64decode(text))


def saved(image, name, **options):
    out = io.BytesIO()
    image.save(out, name, **options)
    return out.getvalue()


def picture(width, height, seed):
    """A gradient with noise in it."""
    y, x = np.mgrid[0:height, 0:width]
    values = np.stack([x * 5 + y, y * 7, 255 - x * 3], axis=2) + np.random.RandomState(seed).randint(0, 40, (height, width, 3))
    return Image.fromarray((values % 256).astype(np.uint8), "RGB")


def with_bytes(data, at, new):
    return data[:at] + new + data[at + len(new):]


# ---------------------------------------------------------------- GIF


def gif_parts(gif):
    """What comes before the first frame's data, the data without blocks, and what comes after their end."""
    at = 13 + (3 << ((gif[10] & 7) + 1) if gif[10] & 128 else 0)
    while gif[at] == 0x21:
        at += 2
        while gif[at]:
            at += 1 + gif[at]
        at += 1
    flags = gif[at + 9]
    start = at = at + 11 + (3 << ((flags & 7) + 1) if flags & 128 else 0)
    data = b""
    while gif[at]:
        data += gif[at + 1:at + 1 + gif[at]]
        at += 1 + gif[at]
    return gif[:start], data, gif[at + 1:]


def blocks(data, first, others=255):
    out = bytes([len(data[:first])]) + data[:first]
    for at in range(first, len(data), others):
        part = data[at:at + others]
        out += bytes([len(part)]) + part
    return out


def gifs():
    frames = [picture(20, 15, seed).quantize(40) for seed in (1, 2, 3)]
    animated = saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=30)
    head, data, rest = gif_parts(animated)
    whole = head + blocks(data, 255) + b"\0"
    for first in (1, 2, 3, 4):
        yield "gif-first-block-of-%d" % first, head + blocks(data, first) + b"\0" + rest
    yield "gif-blocks-of-1", head + blocks(data, 1, 1) + b"\0" + rest
    yield "gif-zeros-between-blocks", whole + bytes(7) + rest
    yield "gif-zeros-before-first-frame", animated[:13 + 3 * 64] + bytes(3) + animated[13 + 3 * 64:]
    yield "gif-empty-block-within-data", head + blocks(data[:100], 100) + b"\0" + blocks(data[100:], 255) + b"\0;"
    yield "gif-later-frame-cut", whole + rest[:len(rest) // 2]
    yield "gif-later-frames-missing", whole
    yield "gif-later-frame-without-descriptor", whole + b",\1\0"
    yield "gif-no-terminator", head + blocks(data, 255)
    yield "gif-last-byte-missing", (head + blocks(data, 255))[:-1]
    yield "gif-half", animated[:len(head) + len(data) // 2]
    for height in (1, 2, 3, 4, 5, 6, 9):
        yield "gif-interlaced-height-%d" % height, saved(picture(20, height, height).quantize(30), "GIF", interlace=1)
    for bits in (0, 1, 5, 7, 8, 12, 13):
        yield "gif-code-size-%d" % bits, head[:-1] + bytes([bits]) + blocks(data, 255) + b"\0;"
    end = 65 << 7 | 64  # clear, end of data: codes of 7 bits
    yield "gif-ends-at-once", head + b"\2" + struct.pack("<H", end) + b"\0;"
    yield "gif-ends-early-in-data", head + blocks(data[:60], 60) + b"\0;"
    for at in (1, 9, 40, len(data) // 2):
        for value in (0, 0x55, 0xff):
            yield "gif-byte-%d-is-%d" % (at, value), head + blocks(with_bytes(data, at, bytes([value])), 255) + b"\0;"
    small = animated[:10] + bytes([animated[10] & ~7 | 2]) + animated[11:13 + 24] + animated[13 + 192:]
    yield "gif-indexes-beyond-palette", small
    yield "gif-without-palette", animated[:10] + bytes([animated[10] & 0x78]) + animated[11:13] + animated[13 + 192:]
    yield "gif-small-canvas", with_bytes(animated, 6, struct.pack("<HH", 3, 2))
    yield "gif-large-canvas", with_bytes(animated, 6, struct.pack("<HH", 40, 30))


# ---------------------------------------------------------------- PNG

PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(name, data, checksum=None):
    right = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", right if checksum is None else checksum)


def png_rows(width, height, depth, color, interlaced, random):
    """Random rows, each with a filter of its own."""
    bits = depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    rows = b""
    for left, top, columns, lines in PASSES if interlaced else [(0, 0, 1, 1)]:
        count = max(0, (width - left + columns - 1) // columns)
        for _ in range(top, height, lines) if count else ():
            rows += bytes([random.randint(5)]) + random.bytes((count * bits + 7) // 8)
    return rows


def png_layouts():
    random = np.random.RandomState(11)
    for color, depths in {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}.items():
        for depth in depths:
            for interlaced in (0, 1):
                for width, height in ((1, 1), (3, 2), (13, 9)):
                    palette = chunk(b"PLTE", random.bytes(3 * (1 + 2 ** depth // 3))) if color == 3 else b""
                    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlaced)
                    rows = png_rows(width, height, depth, color, interlaced, random)
                    name = "png-color-%d-depth-%d-interlaced-%d-%dx%d" % (color, depth, interlaced, width, height)
                    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + palette
                    yield name, start + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def pngs():
    yield from png_layouts()
    image = picture(20, 15, 4)
    for name, picture_of in (("png-rgb", image), ("png-palette", image.quantize(50))):
        yield from damaged_pngs(name, saved(picture_of, "PNG"))


NEEDLESS = {
    "gamma-short": (b"gAMA", b"\0\0\0"), "chromaticity-odd": (b"cHRM", bytes(7)), "chromaticity-empty": (b"cHRM", b""),
    "physical-short": (b"pHYs", bytes(8)), "physical": (b"pHYs", bytes(9)), "srgb-empty": (b"sRGB", b""), "transparency-of-1": (b"tRNS", b"\0"),
    "transparency-of-6": (b"tRNS", bytes(6)), "profile-empty": (b"iCCP", b""), "profile-damaged": (b"iCCP", b"a\0\0abc"),
    "profile-method-1": (b"iCCP", b"a\0\1abc"), "profile-no-name": (b"iCCP", b"abc"), "profile-bomb": (b"iCCP", b"a\0\0" + zlib.compress(bytes(1 << 21), 9)),
    "text-no-zero": (b"tEXt", b"abc"), "compressed-text-method-1": (b"zTXt", b"a\0\1abc"), "compressed-text-damaged": (b"zTXt", b"a\0\0abc"),
    "compressed-text-bomb": (b"zTXt", b"a\0\0" + zlib.compress(bytes(1 << 21), 9)), "international-short": (b"iTXt", b"a\0"),
    "international-bomb": (b"iTXt", b"a\0\1\0\0\0" + zlib.compress(bytes(1 << 21), 9)), "international-odd": (b"iTXt", b"a\0\1\1\0\0x"),
    "animation-short": (b"acTL", bytes(7)), "animation": (b"acTL", struct.pack(">II", 2, 0)), "animation-of-0": (b"acTL", bytes(8)),
    "frame-short": (b"fcTL", bytes(25)), "frame-second": (b"fcTL", struct.pack(">IIIIIHHBB", 1, 20, 15, 0, 0, 1, 10, 0, 0)),
    "frame": (b"fcTL", struct.pack(">IIIIIHHBB", 0, 20, 15, 0, 0, 1, 10, 0, 0)), "frame-outside": (b"fcTL", struct.pack(">IIIIIHHBB", 0, 20, 15, 1, 0, 1, 10, 0, 0)),
    "frame-data": (b"fdAT", bytes(4)), "frame-data-short": (b"fdAT", b"a"), "header-short": (b"IHDR", bytes(5)), "time": (b"tIME", b""),
    "header-of-filter-1": (b"IHDR", struct.pack(">IIBBBBB", 20, 15, 8, 2, 0, 1, 0)), "private": (b"prIV", b"abc"), "not-a-name": (b"a b1", b""),
    "underscore": (b"a_1b", b""), "palette": (b"PLTE", bytes(9)), "end": (b"IEND", b""), "exif": (b"eXIf", b"abc"),
}


def needless_pngs():
    """Chunks that make no pixels, before the header, before the pixels and behind them."""
    for name, image in (("rgb", picture(20, 15, 5).quantize(5).convert("RGB")), ("palette", picture(20, 15, 6).quantize(5))):
        png = saved(image, "PNG")
        at, end = png.index(b"IDAT") - 4, len(png) - 12
        for what, (kind, data) in NEEDLESS.items():
            for where, place in {"before": at, "behind": end}.items():
                yield "png-%s-%s-%s" % (name, what, where), png[:place] + chunk(kind, data) + png[place:]
        yield "png-%s-pixels-first" % name, png[:8] + chunk(b"IDAT", b"abc") + png[8:]
        frame = chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 7, 5, 3, 4, 1, 10, 0, 0))
        part = saved(image.crop((0, 0, 7, 5)), "PNG")
        part = part[part.index(b"IDAT") - 4:-12]
        yield "png-%s-frame-on-canvas" % name, png[:at] + frame + part + png[end:]
        yield "png-%s-animated-frame-on-canvas" % name, png[:33] + chunk(b"acTL", struct.pack(">II", 2, 0)) + png[33:at] + frame + part + frame


def damaged_pngs(name, png):
    at = png.index(b"IDAT") - 4
    start, data = png[:at], png[at + 8:at + 8 + struct.unpack(">I", png[at:at + 4])[0]]
    rows = zlib.decompress(data)
    pixels, end = chunk(b"IDAT", data), chunk(b"IEND", b"")
    endings = {
        "no-end": b"", "end-without-checksum": end[:-4], "end-with-wrong-checksum": chunk(b"IEND", b"", 1), "zeros": bytes(30),
        "garbage": b"and some text that is no chunk", "few-bytes": b"\0\0\0", "end-with-length": b"\0\0\0\5IEND",
        "later-chunk-cut": b"\0\0\1\0tEXtab", "later-unknown-chunk-cut": b"\0\0\1\0prIVab",
        "later-checksum-wrong": chunk(b"tEXt", b"a\0b", 1) + end, "more-pixels": pixels + end, "short-gamma": chunk(b"gAMA", b"") + end,
    }
    for ending, tail in endings.items():
        yield name + "-" + ending, start + pixels + tail
    wrong = {
        "checksum-missing": pixels[:-4], "checksum-cut": pixels[:-1], "checksum-wrong": chunk(b"IDAT", data, 1) + end,
        "adler-missing": chunk(b"IDAT", data[:-4]) + end, "adler-wrong": chunk(b"IDAT", data[:-4] + b"abcd") + end,
        "cut-in-adler": pixels[:-6], "cut-before-adler": pixels[:-8], "cut-in-pixels": pixels[:-40], "half": pixels[:len(pixels) // 2],
        "length-too-large": struct.pack(">I", len(data) + 99) + pixels[4:],
        "split": chunk(b"IDAT", data[:50]) + chunk(b"IDAT", b"") + chunk(b"IDAT", data[50:], 7) + end,
        "split-by-text": chunk(b"IDAT", data[:50]) + chunk(b"tEXt", b"a\0b") + chunk(b"IDAT", data[50:]) + end,
        "last-row-missing": chunk(b"IDAT", zlib.compress(rows[:-len(rows) // 15])) + end,
        "last-byte-missing": chunk(b"IDAT", zlib.compress(rows[:-1])) + end,
        "rows-too-many": chunk(b"IDAT", zlib.compress(rows + rows)) + end,
        "filter-unknown": chunk(b"IDAT", zlib.compress(b"\5" + rows[1:])) + end,
        "text-before-with-wrong-checksum": chunk(b"tEXt", b"a\0b", 1) + pixels + end,
    }
    for kind, tail in wrong.items():
        yield name + "-" + kind, start + tail
    if b"PLTE" in png:
        yield name + "-missing", start[:33] + pixels + end
        yield name + "-shorter", start[:33] + chunk(b"PLTE", bytes(range(100, 130))) + pixels + end


# ---------------------------------------------------------------- BMP


def bmp(header, bits, offset=None, size=None, colors=0, palette=None, compression=0, masks=b"", data=None, up=1):
    """13x7 random pixels."""
    random = np.random.RandomState(header + bits)
    width, height = 13, 7
    stride = (width * bits + 31) // 32 * 4
    data = random.bytes(stride * height) if data is None else data
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", header, width, up * height, 1, bits, compression, len(data), 2835, 2835, colors, 0)
        info += (masks if header > 40 else b"").ljust(header - 40, b"\0") + (masks[:12] if header == 40 else b"")
    if palette is None:
        palette = random.bytes((3 if header == 12 else 4) << bits) if bits <= 8 else b""
    start = 14 + len(info) + len(palette)
    head = struct.pack("<IHHI", start + len(data) if size is None else size, 0, 0, start if offset is None else offset)
    return b"BM" + head + info + palette + data


def bmps():
    for header in (12, 40, 64, 108, 124):
        for bits in (1, 4, 8, 16, 24, 32):
            name = "bmp-header-%d-bits-%d-" % (header, bits)
            whole = bmp(header, bits)
            yield name + "plain", whole
            yield name + "size-0", bmp(header, bits, size=0)
            yield name + "offset-0", bmp(header, bits, offset=0)
            yield name + "offset-20", bmp(header, bits, offset=20)
            yield name + "cut", whole[:-5]
            if header != 12:
                yield name + "offset-of-palette", bmp(header, bits, offset=14 + header)
                yield name + "upside-down", bmp(header, bits, up=-1)
    yield "bmp-offset-outside", bmp(40, 24, offset=10 ** 6)
    yield "bmp-header-16", bmp(40, 24)[:14] + struct.pack("<I", 16) + bmp(40, 24)[18:]
    yield "bmp-bits-2", bmp(40, 2)
    for bits in (1, 4, 8):
        for colors in (1, 2, 3, 9, 300):
            palette = np.random.RandomState(colors).bytes(4 * colors)
            yield "bmp-bits-%d-colors-%d" % (bits, colors), bmp(64, bits, colors=colors, palette=palette)
            ramp = b"".join(bytes([i & 255] * 3 + [0]) for i in range(colors))
            yield "bmp-bits-%d-greys-%d" % (bits, colors), bmp(40, bits, colors=colors, palette=ramp)
        yield "bmp-bits-%d-black-white" % bits, bmp(40, bits, colors=2, palette=b"\0\0\0\0\xff\xff\xff\0")
        yield "bmp-bits-%d-white-black" % bits, bmp(40, bits, colors=2, palette=b"\xff\xff\xff\0\0\0\0\0")
    for name, masks in {"888": (0xff0000, 0xff00, 0xff, 0), "565": (0xf800, 0x7e0, 0x1f, 0), "555": (0x7c00, 0x3e0, 0x1f, 0),
                        "rgba": (0xff, 0xff00, 0xff0000, 0xff000000), "bgra": (0xff0000, 0xff00, 0xff, 0xff000000),
                        "xbgr": (0xff000000, 0xff0000, 0xff00, 0), "444": (0xf00, 0xf0, 0xf, 0)}.items():
        for bits in (16, 24, 32):
            for header in (40, 64, 124):
                file = bmp(header, bits, compression=3, masks=struct.pack("<4I", *masks))
                yield "bmp-masks-%s-bits-%d-header-%d" % (name, bits, header), file
    yield from bmp_runs()


def bmp_runs():
    # No moves and no odd runs of 4 bits: Pillow 9.4.0 reads these wrong, later ones right.
    line = b"\x05\x21\x00\x04\x01\x02\x03\x04\x04\x07"  # 5 and 4 alike, 4 one by one between
    lines = (line + b"\0\0") * 7
    yield "bmp-runs-of-8", bmp(40, 8, compression=1, data=lines + b"\0\1")
    yield "bmp-runs-of-8-upside-down", bmp(64, 8, compression=1, data=lines + b"\0\1", up=-1)
    yield "bmp-runs-too-long", bmp(40, 8, compression=1, data=b"\x20\x07\0\0" * 7)
    yield "bmp-runs-odd", bmp(40, 8, compression=1, data=b"\0\x03\1\2\3\0\x0a\4\0\0" * 7)
    yield "bmp-runs-short-lines", bmp(40, 8, compression=1, data=b"\2\7\0\0" * 7)
    yield "bmp-runs-end-early", bmp(40, 8, compression=1, data=lines[:40] + b"\0\1")
    yield "bmp-runs-cut", bmp(40, 8, compression=1, data=lines[:-10])
    fours = b"\x07\x12\x00\x04\x34\x56\x02\x78\0\0" * 7
    yield "bmp-runs-of-4", bmp(40, 4, compression=2, data=fours)
    yield "bmp-runs-of-24-bits", bmp(40, 24, compression=1, data=lines)


# ---------------------------------------------------------------- TIFF


def tiff(tags, data, order="<", big=False, following=0):
    """
    :param tags: tag: (type, values), or (type, count, position) for what lies elsewhere
    :param data: of the strips, right behind the header
    :param following: where the next page is, "self" for this one again
    """
    formats = {2: "B", 3: "H", 4: "I", 7: "B", 16: "Q"}
    start = (16 if big else 8) + len(data) + len(data) % 2
    word, inline = ("Q", 8) if big else ("I", 4)
    values_at = start + (8 + 20 * len(tags) + 8 if big else 2 + 12 * len(tags) + 4)
    entries = values = b""
    for tag, (kind, *rest) in sorted(tags.items()):
        if len(rest) == 2:
            count, field = rest[0], struct.pack(order + word, rest[1])
        else:
            count = len(rest[0])
            packed = struct.pack("%s%d%s" % (order, count, formats[kind]), *rest[0])
            field = packed.ljust(inline, b"\0")
            if len(packed) > inline:
                field = struct.pack(order + word, values_at + len(values))
                values += packed
        entries += struct.pack(order + "HH" + word, tag, kind, count) + field
    header = struct.pack(order + "HHHQ", 43, 8, 0, start) if big else struct.pack(order + "HI", 42, start)
    count = struct.pack(order + ("Q" if big else "H"), len(tags))
    last = struct.pack(order + word, start if following == "self" else following)
    return (b"II" if order == "<" else b"MM") + header + data + bytes(len(data) % 2) + count + entries + last + values


def tiff_page(extra=(), bits=8, order="<", big=False, strips=2, packed=False, more=None, offset_type=4, following=0, grey=False):
    """13x8 random pixels."""
    width, height, samples = 13, 8, 1 if grey else 3 + len(extra)
    pixels = np.random.RandomState(samples + bits + strips).randint(0, 1 << bits, (height, width, samples))
    rows = height // strips
    parts = [pixels[y:y + rows].astype(order + "u%d" % (bits // 8)).tobytes() for y in range(0, height, rows)]
    parts = [zlib.compress(part) for part in parts] if packed else parts
    sizes = [len(part) for part in parts]
    offsets = [(16 if big else 8) + sum(sizes[:i]) for i in range(len(sizes))]
    tags = {256: (3, [width]), 257: (3, [height]), 258: (3, [bits] * samples), 259: (3, [8 if packed else 1]),
            262: (3, [1 if grey else 2]), 273: (offset_type, offsets), 277: (3, [samples]), 278: (3, [rows]),
            279: (offset_type, sizes), 284: (3, [1])}
    if extra:
        tags[338] = (3, list(extra))
    return tiff({**tags, **(more or {})}, b"".join(parts), order, big, following)


def tiffs():
    for order in "<>":
        name = "tiff-little-" if order == "<" else "tiff-big-"
        for orientation in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9):
            for packed in (False, True):
                turned = tiff_page(order=order, packed=packed, more={274: (3, [orientation])})
                yield name + "orientation-%d-packed-%d" % (orientation, packed), turned
            yield name + "grey-orientation-%d" % orientation, tiff_page(grey=True, order=order, more={274: (3, [orientation])})
        for extra in ((0,), (1,), (2,), (1, 0), (1, 0, 0)):
            for packed in (False, True):
                yield name + "extra-%s-packed-%d" % (extra, packed), tiff_page(extra, order=order, packed=packed)
        for extra in ((0,), (1,), (2,)):
            yield name + "16-bits-extra-%s" % extra, tiff_page(extra, 16, order)
        for where in ("self", 8, 3, 10 ** 7, 2 ** 32 - 1):
            yield name + "next-page-at-%s" % where, tiff_page(order=order, following=where)
        for tag, entry in {305: (2, 5000, 10 ** 7), 34675: (7, 3000, 10 ** 6), 34665: (4, [10 ** 7]), 700: (1, 10 ** 5, 9),
                           330: (4, [8, 8]), 40000: (99, 4, 10 ** 7), 50000: (4, 2 ** 32 - 1, 8)}.items():
            yield name + "tag-%d-outside" % tag, tiff_page(order=order, more={tag: entry})
    for kind in (3, 4, 16):
        for strips in (1, 2, 4):
            for packed in (False, True):
                file = tiff_page(big=True, offset_type=kind, strips=strips, packed=packed)
                yield "bigtiff-offsets-%d-strips-%d-packed-%d" % (kind, strips, packed), file
    yield "bigtiff-grey", tiff_page(big=True, grey=True)
    yield "bigtiff-16-bits", tiff_page(big=True, bits=16)
    yield "bigtiff-associated-alpha-turned", tiff_page((1,), big=True, more={274: (3, [6])})
    yield "bigtiff-next-page-self", tiff_page(big=True, following="self")
    yield "bigtiff-next-page-outside", tiff_page(big=True, following=2 ** 63)
    yield "bigtiff-tag-outside", tiff_page(big=True, more={305: (2, 2 ** 60, 2 ** 62)})


def tiff_of(order, photometric, bits, samples, compression=1, extra=(), sample_format=1, fill=1, tile=0, planes=False, predictor=1):
    """17x3 pixels of few values and any layout, in strips of 2 rows or in tiles."""
    random = np.random.RandomState(photometric + 7 * bits + samples)
    values = np.frombuffer(random.bytes(7), np.uint8)
    width, height, rows = 17, 3, tile or 2
    across, down = (width + tile - 1) // tile if tile else 1, (height + rows - 1) // rows
    parts = []
    for part in range(across * down * (samples if planes else 1)):
        here = rows if tile else min(rows, height - part % down * rows)
        raw = values[random.randint(0, 7, ((tile or width) * (1 if planes else samples) * bits + 7) // 8 * here)].tobytes()
        raw = raw[:len(raw) * 3 // 16] + bytes(len(raw) - len(raw) * 3 // 16) if tile else raw
        if compression == 32773:
            raw = b"".join(bytes([len(raw[i:i + 100]) - 1]) + raw[i:i + 100] for i in range(0, len(raw), 100))
        raw = zlib.compress(raw) if compression == 8 else raw
        raw = bytes(int("{:08b}".format(b)[::-1], 2) for b in raw) if fill == 2 and compression != 1 else raw
        parts.append(raw)
    offsets = [8 + sum(map(len, parts[:i])) for i in range(len(parts))]
    tags = {256: (3, [width]), 257: (3, [height]), 258: (3, [bits] * samples), 259: (3, [compression]), 262: (3, [photometric]),
            266: (3, [fill]), 277: (3, [samples]), 284: (3, [2 if planes else 1]), 317: (3, [predictor]), 339: (3, [sample_format])}
    tags.update({322: (3, [tile]), 323: (3, [tile]), 324: (4, offsets), 325: (4, list(map(len, parts)))} if tile
                else {273: (4, offsets), 278: (3, [rows]), 279: (4, list(map(len, parts)))})
    if extra:
        tags[338] = (3, list(extra))
    if photometric == 3:
        tags[320] = (3, [n * 7919 % 65536 for n in range(3 << bits)])
    return tiff(tags, b"".join(parts), order)


TIFF_LAYOUTS = [  # photometric, bits, samples, extra samples, sample format
    *[(photometric, bits, 1, (), 1) for photometric in (0, 1) for bits in (1, 2, 4, 8, 12, 16, 32, 64)],
    *[(photometric, bits, 1, (), kind) for photometric in (0, 1) for bits in (8, 16, 32) for kind in (2, 3)],
    *[(3, bits, 1, (), 1) for bits in (1, 2, 4, 8)], (1, 8, 2, (2,), 1), (1, 8, 2, (0,), 1), (1, 8, 2, (), 1), (3, 8, 2, (2,), 1),
    *[(2, bits, 3, (), 1) for bits in (4, 8, 16, 32)], *[(2, bits, 4, extra, 1) for bits in (8, 16) for extra in ((), (0,), (1,), (2,), (3,))],
    *[(2, 8, 3 + len(extra), extra, 1) for extra in ((0, 0), (1, 0), (2, 0), (2, 2), (0, 0, 0), (1, 0, 0), (2, 0, 0), (0, 0, 0, 0))],
    (5, 8, 4, (), 1), (5, 16, 4, (), 1), (5, 8, 5, (0,), 1), (5, 8, 5, (2,), 1), (5, 8, 6, (0, 0), 1), (5, 8, 3, (), 1), (2, 8, 1, (), 1),
]


def tiff_layouts():
    for order in "<>":
        for photometric, bits, samples, extra, kind in TIFF_LAYOUTS:
            for compression in (1, 8) if bits >= 16 else (1,):
                name = "tiff-%s-photometric-%d-bits-%dx%d-extra-%s-format-%d-compression-%d" % (
                    order, photometric, bits, samples, extra, kind, compression)
                yield name, tiff_of(order, photometric, bits, samples, compression, extra, kind)
        for photometric, bits, samples in ((0, 1, 1), (1, 4, 1), (0, 8, 1), (3, 1, 1), (3, 8, 1), (1, 16, 1), (2, 8, 3), (2, 16, 3)):
            for compression in (1, 8, 32773):
                name = "tiff-%s-%d-%dx%d-compression-%d-" % (order, photometric, bits, samples, compression)
                yield name + "low-bits-first", tiff_of(order, photometric, bits, samples, compression, fill=2)
                yield name + "tiles", tiff_of(order, photometric, bits, samples, compression, tile=16)
        for photometric, bits, samples, extra in ((0, 8, 1, ()), (1, 8, 1, ()), (0, 1, 1, ()), (2, 8, 3, ()), (2, 8, 4, (2,)), (5, 8, 4, ())):
            for compression in (1, 8, 32773):
                for tile in (0, 16):
                    name = "tiff-%s-planes-%d-%dx%d-compression-%d-tile-%d" % (order, photometric, bits, samples, compression, tile)
                    yield name, tiff_of(order, photometric, bits, samples, compression, extra, tile=tile, planes=True)
        for bits, samples, planes in ((8, 3, False), (16, 3, False), (8, 1, False), (16, 1, False), (8, 3, True), (4, 1, False)):
            for compression in (1, 8, 32773):
                name = "tiff-%s-predicted-%dx%d-planes-%d-compression-%d" % (order, bits, samples, planes, compression)
                yield name, tiff_of(order, 2 if samples == 3 else 1, bits, samples, compression, planes=planes, predictor=2)
    for kind in ("L", "RGB", "P", "RGBA", "CMYK", "I;16", "1", "LA"):
        random = np.random.RandomState(len(kind))
        image = Image.fromarray(random.randint(0, 999, (40, 60)).astype(np.uint16)) if kind == "I;16" else picture(60, 20, 9).convert(kind)
        for predictor in (1,) if kind == "1" else (1, 2):
            yield "tiff-lzw-%s-predictor-%d" % (kind, predictor), saved(image, "TIFF", compression="tiff_lzw", tiffinfo={317: predictor})
    whole = tiff_of("<", 2, 8, 3, 8)
    yield "tiff-deflate-damaged", whole[:60] + b"\xff\xff\xff" + whole[63:]
    yield "tiff-directory-cut", whole[:-60]
    yield "tiff-compression-unknown", tiff_of("<", 2, 8, 3, 7777)


# ---------------------------------------------------------------- JPEG

ADOBE_RGB = b"\xff\xee\x00\x0eAdobe\x00\x64\0\0\0\0\0"


def jpegs():
    image = picture(41, 29, 7)
    samsung = b"\0\0\x01\x0a\x0e\0\0\0Image_UTC_Data1577836800000SEFHk\0\0\0\1\0\0\0SEFT"
    behind = {
        "nothing": b"", "zeros": bytes(100), "multipart": b"\r\n--boundary--\r\n", "samsung": samsung, "stuffed": b"\xff\0" * 9,
        "application-data-cut": b"\xff\xe1\x10\0abc", "adobe": ADOBE_RGB, "restart": b"\xff\xd0abcdefgh", "start": b"\xff\xd8\xff\xe0\0\x10JFIF",
        "video": b"\0\0\0\x18ftypmp42" + np.random.RandomState(1).bytes(3000),
    }
    for name, options in {"444": {"subsampling": 0}, "420": {"subsampling": 2}, "optimized": {"optimize": True}, "progressive": {"progressive": True}}.items():
        jpeg = saved(image, "JPEG", quality=85, **options)
        for tail_name, tail in behind.items():
            yield "jpeg-%s-no-end-then-%s" % (name, tail_name), jpeg[:-2] + tail
            yield "jpeg-%s-end-then-%s" % (name, tail_name), jpeg + tail
        yield "jpeg-%s-adobe-behind-scan" % name, jpeg[:-2] + ADOBE_RGB + jpeg[-2:]
        yield "jpeg-%s-half-then-text" % name, jpeg[:len(jpeg) // 2] + b"and no more of it"
        yield "jpeg-%s-half-then-marker" % name, jpeg[:len(jpeg) // 2] + b"\xff\xe1\0\2"
        for cut in range(3) if name != "progressive" else ():
            yield "jpeg-%s-no-end-less-%d" % (name, cut), jpeg[:len(jpeg) - 2 - cut]
            for tail in range(1, 9, 1 if cut == 0 else 4):
                yield "jpeg-%s-no-end-less-%d-then-%d" % (name, cut, tail), jpeg[:len(jpeg) - 2 - cut] + bytes(tail)
    grey = saved(image.convert("L"), "JPEG")
    yield "jpeg-grey-no-end-then-zeros", grey[:-2] + bytes(64)
    bare = saved(image, "JPEG", subsampling=0)[20:]
    yield "jpeg-adobe-before-scan", b"\xff\xd8" + ADOBE_RGB + bare
    yield "jpeg-without-markers-adobe-behind-scan", b"\xff\xd8" + bare[:-2] + ADOBE_RGB + bare[-2:]


# ---------------------------------------------------------------- WebP


def webps():
    frames = [picture(20, 15, seed) for seed in (1, 2)]
    whole = saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=30, lossless=True)
    yield "webp-animation", whole
    yield "webp-animation-without-flag", with_bytes(whole, 20, b"\0")
    yield "webp-animation-unnamed", with_bytes(whole, 30, b"XNIM")
    yield "webp-first-chunk-unknown", with_bytes(whole, 12, b"VP9X")


# ---------------------------------------------------------------- main

KINDS = [gifs, pngs, needless_pngs, bmps, tiffs, tiff_layouts, jpegs, webps]


def answer(data):
    """Width, height and RGB bytes; None where Pillow opens nothing."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            rgb = image.convert("RGB")
            return rgb.width, rgb.height, rgb.tobytes()
    except Exception:  # whatever Pillow raises
        return None


def case(name, data):
    seen = answer(data)
    if seen is None:
        return {"name": name, "file": pack(data), "opens": False}
    width, height, rgb = seen
    return {"name": name, "file": pack(data), "opens": True, "width": width, "height": height, "rgb": pack(rgb)}


def write():
    lines = [json.dumps(case(name, data)) for kind in KINDS for name, data in kind()]
    ODD.write_text("[" + ",\n".join(lines) + "]\n")


def check():
    wrong = []
    for given in json.loads(ODD.read_text()):
        seen = answer(unpack(given["file"]))
        wanted = (given["width"], given["height"], unpack(given["rgb"])) if given["opens"] else None
        if seen != wanted:
            wrong.append(given["name"])
    print("\n".join(name + ": differs from what is checked in" for name in wrong) or "goldens agree")
    return 1 if wrong else 0


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.exit(check() if sys.argv[1:] == ["--check"] else write())
