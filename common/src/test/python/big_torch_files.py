#!/usr/bin/env python3
"""Files as a big-endian machine saves them, and what PyTorch reads from them. For NewerTorchFilesTest.

    big_torch_files.py            writes src/test/resources/io/github/finetide/tensor/big.json anew
    big_torch_files.py compare    reads the files again with PyTorch and compares; exit 1 if one differs

Needs PyTorch 2.1 or later (written with 2.13.0), which is newer than Debian's: CI does not run it.
"""
import base64
import io
import json
import pathlib
import sys
import zipfile

import torch

BIG = pathlib.Path(__file__).resolve().parents[1] / "resources/io/github/finetide/tensor/big.json"
TYPES = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
         torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL"}


class OverBytes:
    """Pickled as a tensor over a storage of bytes, as PyTorch does for types that have no storage of their own."""

    def __init__(self, tensor):
        self.tensor = tensor

    def __reduce__(self):
        t = self.tensor
        return torch._utils._rebuild_tensor_v3, (t.untyped_storage(), t.storage_offset(), tuple(t.shape), t.stride(), False, {}, t.dtype)


def big(values, over_bytes):
    """The file, with its byte order said to be big."""
    out = io.BytesIO()
    torch.save({name: OverBytes(t) if over_bytes else t for name, t in values.items()}, out)
    saved, file = zipfile.ZipFile(out), io.BytesIO()
    with zipfile.ZipFile(file, "w") as changed:
        for name in saved.namelist():
            content = saved.read(name)
            changed.writestr(name, b"big" if name.endswith("/byteorder") else content)
    return file.getvalue()


def read(file):
    tensors = torch.load(io.BytesIO(file), weights_only=True)
    return {name: TYPES[t.dtype] + str(list(t.shape)) + (t.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes().hex())
            for name, t in tensors.items()}


def files():
    for kind in TYPES:
        values = torch.arange(12).to(kind)
        yield big({"a": values, "b": values[3:9].reshape(2, 3).t()}, False)
    yield big({"a": torch.arange(6, dtype=torch.float32) / 7}, True)
    yield big({"a": torch.arange(6, dtype=torch.int16)}, True)


if __name__ == "__main__":
    if sys.argv[1:] == ["compare"]:
        wrong = [g for g in json.loads(BIG.read_text()) if read(base64.b64decode(g["file"])) != g["read"]]
        print("goldens agree" if not wrong else "%d files differ" % len(wrong))
        sys.exit(1 if wrong else 0)
    BIG.parent.mkdir(parents=True, exist_ok=True)
    BIG.write_text("[" + ",\n".join(json.dumps({"file": base64.b64encode(f).decode(), "read": read(f)}) for f in files()) + "]\n")
