#!/usr/bin/env python3
"""Pillow's and torchvision's answers that the tests of io.github.finetide.image are held to.

    image_goldens.py            writes src/test/resources/image/*.json anew
    image_goldens.py --check    computes the checked-in answers again and compares; exit 1 if one differs

Needs Pillow, numpy and torchvision (written with 9.4.0, 1.24.2 and 0.14.1).
"""
import base64
import hashlib
import io
import json
import pathlib
import struct
import sys
import zlib

import numpy as np
from PIL import Image, ImageCms
from torchvision.transforms import functional as F

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "resources" / "image"


def pack(data):
    return base64.b64encode(zlib.compress(bytes(data), 9)).decode()


def unpack(text):
    return zlib.decompress(base64.b64decode(text))


def rgb_bytes(image):
    return np.asarray(image.convert("RGB"), dtype=np.uint8).tobytes()


# ---------------------------------------------------------------- pictures


def picture(width, height, seed):
    """Colour gradients, a disc and a little noise: smooth and sharp parts, every hue."""
    rng = np.random.RandomState(seed)
    y, x = np.mgrid[0:height, 0:width]
    red = 255 * x / max(1, width - 1)
    green = 255 * y / max(1, height - 1)
    blue = 127 + 127 * np.sin(x / 5.0 + y / 7.0 + seed)
    values = np.stack([red, green, blue], axis=2)
    disc = (x - width / 3.0) ** 2 + (y - height / 2.0) ** 2 < (min(width, height) / 4.0) ** 2
    values[disc] = rng.randint(0, 256, 3)
    values += rng.normal(0, 6, values.shape)
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8), "RGB")


def noise(width, height, seed):
    values = np.random.RandomState(seed).randint(0, 256, (height, width, 3))
    return Image.fromarray(values.astype(np.uint8), "RGB")


def hashed(width, height):
    """Noise that another language can make as well: a multiplicative hash of each byte's position."""
    values = np.arange(width * height * 3, dtype=np.uint64) * 2654435761 >> 24 & 0xFF
    return Image.fromarray(values.astype(np.uint8).reshape(height, width, 3), "RGB")


# ---------------------------------------------------------------- files


def saved(image, name, **options):
    out = io.BytesIO()
    image.save(out, name, **options)
    return out.getvalue()


def png(width, height, depth, color, rows, chunks=b"", interlaced=False):
    """A PNG of raw rows (bytes, already packed), for the kinds Pillow does not write."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlaced))
    data = b"".join(b"\0" + row for row in rows)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunks
            + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


def interlaced_png(image):
    values = np.asarray(image)
    height, width = values.shape[:2]
    rows = []
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        part = values[y0::dy, x0::dx]
        rows += [row.tobytes() for row in part if row.size]
    return png(width, height, 8, 2, rows, interlaced=True)


def packed_rows(values, bits):
    """Samples of 1, 2 or 4 bits, the first in the highest bits."""
    rows = []
    for row in values:
        text = "".join(format(v, "0%db" % bits) for v in row)
        text += "0" * (-len(text) % 8)
        rows.append(int(text, 2).to_bytes(len(text) // 8, "big"))
    return rows


def wide_rows(values):
    return [row.astype(">u2").tobytes() for row in values]


def without_segments(jpeg, codes):
    """A JPEG less its segments of these marker codes."""
    out, at = jpeg[:2], 2
    while jpeg[at + 1] != 0xDA:
        end = at + 2 + struct.unpack(">H", jpeg[at + 2:at + 4])[0]
        if jpeg[at + 1] not in codes:
            out += jpeg[at:end]
        at = end
    return out + jpeg[at:]


def with_adobe(jpeg, transform):
    bare = without_segments(jpeg, {0xE0, 0xEE})
    return bare[:2] + b"\xff\xee\x00\x0eAdobe\x00\x64\0\0\0\0" + bytes([transform]) + bare[2:]


def with_component_names(jpeg, names):
    """Other component numbers, in the frame's header and in every scan's."""
    bare = bytearray(without_segments(jpeg, {0xE0, 0xEE}))
    at = 2
    while True:
        code, length = bare[at + 1], struct.unpack(">H", bare[at + 2:at + 4])[0]
        if code == 0xC0:
            for i, name in enumerate(names):
                bare[at + 10 + 3 * i] = name
        if code == 0xDA:
            for i, name in enumerate(names):
                bare[at + 5 + 2 * i] = name
            return bytes(bare)
        at += 2 + length


def cmyk(image):
    values = np.asarray(image)
    black = np.random.RandomState(5).randint(0, 120, values.shape[:2] + (1,))
    return Image.fromarray(np.concatenate([255 - values, black], axis=2).astype(np.uint8), "CMYK")


def jpegs():
    image = picture(37, 29, 1)
    plain = saved(image, "JPEG", quality=90, subsampling=0)
    exif = Image.Exif()
    exif[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    ink = saved(cmyk(image), "JPEG", quality=90)
    yield "jpeg-444", plain
    yield "jpeg-422", saved(image, "JPEG", quality=90, subsampling=1)
    yield "jpeg-420", saved(image, "JPEG", quality=75, subsampling=2)
    yield "jpeg-quality-10", saved(image, "JPEG", quality=10)
    yield "jpeg-noise", saved(noise(24, 17, 2), "JPEG", quality=95)
    yield "jpeg-progressive", saved(image, "JPEG", quality=85, progressive=True)
    yield "jpeg-grey", saved(image.convert("L"), "JPEG", quality=90)
    yield "jpeg-orientation-ignored", saved(image, "JPEG", quality=90, exif=exif)
    yield "jpeg-profile-ignored", saved(image, "JPEG", quality=90, icc_profile=profile)
    yield "jpeg-comment", saved(image, "JPEG", quality=90, comment=b"x" * 300)
    yield "jpeg-without-markers", without_segments(plain, {0xE0})
    yield "jpeg-adobe-rgb", with_adobe(plain, 0)
    yield "jpeg-adobe-ycc", with_adobe(plain, 1)
    yield "jpeg-named-rgb", with_component_names(plain, b"RGB")
    yield "jpeg-named-otherwise", with_component_names(plain, b"\x00\x01\x02")
    yield "jpeg-cmyk", ink
    yield "jpeg-cmyk-without-markers", without_segments(ink, {0xE0, 0xEE})
    yield "jpeg-ycck", with_adobe(ink, 2)
    yield "jpeg-1x1", saved(noise(1, 1, 3), "JPEG")
    yield "jpeg-trailing-bytes", plain + b"trailing" * 20


def pngs():
    image = picture(37, 29, 4)
    grey = image.convert("L")
    alpha = Image.fromarray(np.random.RandomState(6).randint(0, 256, (29, 37)).astype(np.uint8), "L")
    rgba = image.copy()
    rgba.putalpha(alpha)
    la = grey.copy()
    la.putalpha(alpha)
    palette = image.quantize(200)
    few = image.quantize(11)
    rng = np.random.RandomState(7)
    yield "png-rgb", saved(image, "PNG")
    yield "png-rgba", saved(rgba, "PNG")
    yield "png-grey", saved(grey, "PNG")
    yield "png-grey-alpha", saved(la, "PNG")
    yield "png-palette", saved(palette, "PNG")
    yield "png-palette-transparent", saved(palette, "PNG", transparency=3)
    yield "png-palette-4-bit", saved(few, "PNG", bits=4)
    yield "png-palette-2-bit", saved(image.quantize(4), "PNG", bits=2)
    yield "png-palette-1-bit", saved(image.quantize(2), "PNG", bits=1)
    yield "png-bilevel", saved(grey.convert("1"), "PNG")
    yield "png-rgb-transparent", saved(image, "PNG", transparency=(1, 2, 3))
    yield "png-grey-transparent", saved(grey, "PNG", transparency=77)
    yield "png-grey-2-bit", png(37, 29, 2, 0, packed_rows(rng.randint(0, 4, (29, 37)), 2))
    yield "png-grey-4-bit", png(37, 29, 4, 0, packed_rows(rng.randint(0, 16, (29, 37)), 4))
    yield "png-grey-16-bit", png(37, 29, 16, 0, wide_rows(rng.randint(0, 600, (29, 37))))
    yield "png-grey-alpha-16-bit", png(37, 29, 16, 4, wide_rows(rng.randint(0, 65536, (29, 74))))
    yield "png-rgb-16-bit", png(37, 29, 16, 2, wide_rows(rng.randint(0, 65536, (29, 111))))
    yield "png-rgba-16-bit", png(37, 29, 16, 6, wide_rows(rng.randint(0, 65536, (29, 148))))
    yield "png-interlaced", interlaced_png(image)
    yield "png-1x1", saved(noise(1, 1, 3), "PNG")


def gifs():
    image = picture(37, 29, 8)
    palette = image.quantize(64)
    frames = [picture(37, 29, s).quantize(32) for s in (9, 10, 11)]
    plain = saved(palette, "GIF")
    # A frame moved on a larger canvas: canvas size at 6, frame position after the global palette.
    moved = bytearray(plain)
    moved[6:10] = struct.pack("<HH", 50, 41)
    frame = moved.index(b",", 13 + 3 * 64)
    moved[frame + 1:frame + 5] = struct.pack("<HH", 6, 5)
    yield "gif", plain
    yield "gif-interlaced", saved(palette, "GIF", interlace=1)
    yield "gif-not-interlaced", saved(palette, "GIF", interlace=0)
    yield "gif-transparent", saved(palette, "GIF", transparency=5)
    yield "gif-grey", saved(image.convert("L"), "GIF")
    yield "gif-bilevel", saved(image.convert("1"), "GIF")
    yield "gif-animated", saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=40)
    yield "gif-moved-frame", bytes(moved)


def bmps():
    image = picture(37, 29, 12)
    rgba = image.copy()
    rgba.putalpha(image.convert("L"))
    yield "bmp-rgb", saved(image, "BMP")
    yield "bmp-rgba", saved(rgba, "BMP")
    yield "bmp-grey", saved(image.convert("L"), "BMP")
    yield "bmp-palette", saved(image.quantize(99), "BMP")
    yield "bmp-bilevel", saved(image.convert("1"), "BMP")
    values = np.random.RandomState(13).randint(0, 1 << 15, (16, 16)).astype("<u2").tobytes()
    header = struct.pack("<IiiHHIIiiII", 40, 16, 16, 1, 16, 0, len(values), 0, 0, 0, 0)
    yield "bmp-16-bit", b"BM" + struct.pack("<IHHI", 54 + len(values), 0, 0, 54) + header + values
    data = np.asarray(image)[:, :, ::-1].tobytes()
    rows = b"".join(data[i * 111:(i + 1) * 111] + b"\0" for i in range(29))
    header = struct.pack("<IiiHHIIiiII", 40, 37, -29, 1, 24, 0, len(rows), 0, 0, 0, 0)
    yield "bmp-top-down", b"BM" + struct.pack("<IHHI", 54 + len(rows), 0, 0, 54) + header + rows


def webps():
    image = picture(37, 29, 14)
    rgba = image.copy()
    rgba.putalpha(Image.fromarray(np.full((29, 37), 200, np.uint8), "L"))
    yield "webp-lossless", saved(image, "WEBP", lossless=True)
    yield "webp-lossless-alpha", saved(rgba, "WEBP", lossless=True, exact=True)
    yield "webp-lossy", saved(image, "WEBP", quality=80)
    yield "webp-lossy-alpha", saved(rgba, "WEBP", quality=80)
    yield "webp-lossy-even", saved(picture(48, 32, 15), "WEBP", quality=90)
    frames = [picture(37, 29, 19)]
    yield "webp-animation", saved(image, "WEBP", save_all=True, append_images=frames, quality=80)
    yield "webp-animation-alpha", saved(rgba, "WEBP", save_all=True, append_images=frames, quality=80)
    yield "webp-animation-offset", animation(saved(image, "WEBP", quality=80), 50, 40, 6, 8)


def animation(still, width, height, left, top):
    """One frame at an offset on a larger canvas."""
    def u24(value):
        return struct.pack("<I", value)[:3]

    def chunk(name, data):
        return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)

    frame_size = u24(36) + u24(28)
    frame = u24(left // 2) + u24(top // 2) + frame_size + u24(100) + b"\0" + still[12:]
    body = (chunk(b"VP8X", struct.pack("<I", 2) + u24(width - 1) + u24(height - 1)) +
            chunk(b"ANIM", struct.pack("<IH", 0xff8040ff, 0)) + chunk(b"ANMF", frame))
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def tiffs():
    image = picture(37, 29, 16)
    grey = image.convert("L")
    rgba = image.copy()
    rgba.putalpha(grey)
    yield "tiff-raw", saved(image, "TIFF")
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits"):
        yield "tiff-" + compression, saved(image, "TIFF", compression=compression)
    yield "tiff-predictor", saved(image, "TIFF", compression="tiff_lzw", tiffinfo={317: 2})
    yield "tiff-grey", saved(grey, "TIFF")
    yield "tiff-rgba", saved(rgba, "TIFF")
    yield "tiff-palette", saved(image.quantize(120), "TIFF")
    yield "tiff-bilevel", saved(grey.convert("1"), "TIFF")
    yield "tiff-group4", saved(grey.convert("1"), "TIFF", compression="group4")
    yield "tiff-cmyk", saved(cmyk(image), "TIFF")
    wide = np.random.RandomState(17).randint(0, 600, (29, 37)).astype(np.uint16)
    yield "tiff-grey-16-bit", saved(Image.fromarray(wide), "TIFF")
    yield "tiff-pages", saved(image, "TIFF", save_all=True, append_images=[picture(20, 20, 18)])
    yield "tiff-jpeg", saved(image, "TIFF", compression="jpeg", quality=90)


def decoded(data):
    with Image.open(io.BytesIO(data)) as image:
        return image.width, image.height, rgb_bytes(image)


def decode_case(name, data):
    width, height, rgb = decoded(data)
    return {"name": name, "file": pack(data), "width": width, "height": height, "rgb": pack(rgb)}


def decode_cases():
    return [decode_case(*item) for kind in (jpegs, pngs, gifs, bmps, webps, tiffs) for item in kind()]


# ---------------------------------------------------------------- transforms

OPERATIONS = {
    "resize": lambda image, p: F.resize(image, [p[1], p[0]], antialias=True),
    "rotate": lambda image, p: F.rotate(image, p[0]),
    "center_crop": lambda image, p: F.center_crop(image, [p[0], p[0]]),
    "hflip": lambda image, p: F.hflip(image),
    "vflip": lambda image, p: F.vflip(image),
    "brightness": lambda image, p: F.adjust_brightness(image, p[0]),
    "contrast": lambda image, p: F.adjust_contrast(image, p[0]),
    "saturation": lambda image, p: F.adjust_saturation(image, p[0]),
    "hue": lambda image, p: F.adjust_hue(image, p[0]),
    "grayscale": lambda image, p: F.rgb_to_grayscale(image, 3),
}


def transform_steps():
    for size in [(20, 20), (64, 64), (7, 50), (50, 7), (1, 1), (41, 31), (41, 10), (13, 31), (100, 3)]:
        yield [["resize", *size]]
    for angle in [0, 1, -1, 12.3, 45, -45, 30.000001, -17.77, 90, 180, 359.9, 44.99999, 1e-20]:
        yield [["rotate", angle]]
    for side in [20, 21, 31, 32, 41, 50, 63]:
        yield [["center_crop", side]]
    yield [["hflip"]]
    yield [["vflip"]]
    yield [["grayscale"]]
    for factor in [0, 0.4, 0.8, 0.95, 1, 1.05, 1.2, 3.7]:
        for name in ("brightness", "contrast", "saturation"):
            yield [[name, factor]]
    for factor in [-0.5, -0.1, -0.0391, -0.001, 0, 0.01, 0.0667, 0.1, 0.5]:
        yield [["hue", factor]]


def whole_recipes():
    """The article's augmentation with drawn parameters, in any order of the colour changes."""
    rng = np.random.RandomState(2026)
    for _ in range(24):
        steps = [["resize", 300, 300], ["rotate", float(rng.uniform(-45, 45))], ["center_crop", 256]]
        steps += [[name] for name in ("hflip", "vflip") if rng.rand() < 0.5]
        jitter = [["brightness", float(rng.uniform(0.8, 1.2))], ["contrast", float(rng.uniform(0.9, 1.1))],
                  ["saturation", float(rng.uniform(0.9, 1.1))], ["hue", float(rng.uniform(-0.1, 0.1))]]
        steps += [jitter[i] for i in rng.permutation(4)]
        steps += [["grayscale"]] if rng.rand() < 0.1 else []
        yield steps


def all_colors():
    values = np.arange(1 << 24, dtype=np.uint32)
    rgb = np.stack([values >> 16, values >> 8 & 255, values & 255], axis=1).astype(np.uint8)
    return Image.fromarray(rgb.reshape(4096, 4096, 3), "RGB")


def run(image, steps):
    for name, *parameters in steps:
        image = OPERATIONS[name](image, parameters)
    return image


def transform_case(image, steps, whole):
    out = run(image, steps)
    rgb = rgb_bytes(out)
    answer = {"rgb": pack(rgb)} if whole else {"sha256": hashlib.sha256(rgb).hexdigest()}
    return {"steps": steps, "width": out.width, "height": out.height, **answer}


def transform_groups():
    """Small answers are kept whole, large ones as a hash."""
    small = {"picture": picture(41, 31, 21), "noise": noise(41, 31, 22)}
    large = {"photo": picture(173, 130, 23), "hashed": hashed(611, 402)}
    for name, image in small.items():
        yield name, image, [transform_case(image, s, True) for s in transform_steps()]
    for name, image in large.items():
        yield name, image, [transform_case(image, s, False) for s in whole_recipes()]
    sizes = [(256, 256), (300, 300), (1000, 900), (17, 23)]
    yield "hashed", hashed(611, 402), [transform_case(hashed(611, 402), [["resize", *s]], False) for s in sizes]


def transform_cases():
    groups = []
    for name, image, cases in transform_groups():
        source = {} if name == "hashed" else {"rgb": pack(rgb_bytes(image))}
        groups.append({"image": name, "width": image.width, "height": image.height, **source, "cases": cases})
    return groups


def color_cases():
    """Every one of the 16,777,216 colours through each colour operation, as a hash."""
    image = all_colors()
    steps = [["grayscale"], ["hue", 0.0], ["hue", 0.1], ["hue", -0.0873], ["saturation", 0.93],
             ["saturation", 1.0712], ["contrast", 1.1], ["brightness", 0.83]]
    return [transform_case(image, [step], False) for step in steps]


# ---------------------------------------------------------------- main


def write():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in [("decode", decode_cases()), ("transforms", transform_cases()), ("colors", color_cases())]:
        text = json.dumps(content, indent=0).replace("[\n", "[").replace(",\n", ", ").replace("\n]", "]")
        (FOLDER / (name + ".json")).write_text(text.replace("}, {", "},\n{") + "\n")


def check():
    """Files are decoded again as they are, not made again: encoders may change, decoders must not."""
    wrong = []
    for case in load("decode"):
        width, height, rgb = decoded(unpack(case["file"]))
        if (width, height, rgb) != (case["width"], case["height"], unpack(case["rgb"])):
            wrong.append("decode " + case["name"])
    if load("transforms") != json.loads(json.dumps(transform_cases())):
        wrong.append("transforms")
    if load("colors") != json.loads(json.dumps(color_cases())):
        wrong.append("colors")
    print("\n".join(w + ": differs from what is checked in" for w in wrong) or "goldens agree")
    return 1 if wrong else 0


def load(name):
    return json.loads((FOLDER / (name + ".json")).read_text())


if __name__ == "__main__":
    sys.exit(check() if sys.argv[1:] == ["--check"] else write())
