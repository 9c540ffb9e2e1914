"""Writes class-folders.json: files, and what torchvision's ImageFolder makes of them. Needs torchvision 0.14.1.

--check compares with what is checked in.
"""
import json
import pathlib
import sys
import tempfile

from torchvision.datasets import ImageFolder

GOLDEN = pathlib.Path(__file__).parent.parent / "resources/io/github/finetide/dataset/class-folders.json"

FILES = """
b/2.jpg b/10.jpg b/1.PNG b/notes.txt b/x.jpg.bak b/sub/3.jpeg b/sub-1/4.webp b/sub/deeper/5.TIFF b/z.gif
A/a.bmp A/B.pgm A/c.ppm A/d.tif A/.jpg A/.hidden.png A/no-extension A/README.md
a/é.jpg a/e.jpg a/ü/ö.jpg a/ü/o.jpg a/10/x.jpg a/9/x.jpg a/9.jpg
class with spaces/an image.jpg
class with spaces/#1 50%?.jpg
.checkpoints/1.png
z_\uffe0/1.jpg z_\U0001f355/1.jpg z_\U0001f355/\uffe0.jpg z_\U0001f355/\U0001f355.jpg
http:/1.jpg s3:x/1.jpg
beside.jpg
""".strip()


def files():
    for line in FILES.split("\n"):
        yield from [line] if " " in line and line.count("/") == 1 else line.split(" ")


def golden():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name in files():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).touch()
        found = ImageFolder(folder)
        samples = [[str(pathlib.Path(path).relative_to(root)), label] for path, label in found.samples]
        return {"files": sorted(files()), "classes": found.classes, "samples": samples}


if __name__ == "__main__":
    text = json.dumps(golden(), indent=1) + "\n"
    if "--check" in sys.argv:
        assert GOLDEN.read_text() == text, f"{GOLDEN} differs"
    else:
        GOLDEN.parent.mkdir(parents=True, exist_ok=True)
        GOLDEN.write_text(text)
    print(len(text), "bytes")
