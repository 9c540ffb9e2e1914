"""State dicts as torch.save writes them, for TorchFileTest: in the zip format and in the one before it,
with every type, strided and shared storages. The values are HashedNumbers'. With --check, reads the
files back with PyTorch and compares."""

import argparse
import collections
import pathlib
import sys

import torch
from torch import nn

import hashed_numbers

FOLDER = pathlib.Path(__file__).parent.parent / "resources/io/github/finetide/network"


def state_dict():
    base = hashed_numbers.weight("base", (4, 6))
    tensors = collections.OrderedDict()
    tensors["float32"] = base
    tensors["float16"] = hashed_numbers.weight("float16", (3, 5)).half()
    tensors["bfloat16"] = hashed_numbers.weight("bfloat16", (3, 5)).bfloat16()
    tensors["float64"] = hashed_numbers.weight("float64", (3, 5)).double()
    tensors["int64"] = torch.arange(7)
    tensors["scalar"] = torch.tensor(42)
    tensors["transposed"] = base.t()
    tensors["row"] = base[2]
    tensors["column"] = base[:, 1]
    tensors["expanded"] = base[0, 0].expand(2, 3)
    tensors["channels_last"] = hashed_numbers.weight("images", (2, 3, 4, 5)).to(
        memory_format=torch.channels_last
    )
    tensors["parameter"] = nn.Parameter(hashed_numbers.weight("parameter", (2, 2)))
    return tensors


def cases():
    tensors = state_dict()
    yield "tensors.pth", tensors, True
    yield "tensors-stream.pth", tensors, False
    yield "training.pth", {"epoch": 3, "state_dict": tensors}, True
    yield "module.pth", nn.Linear(2, 2), True


def same(a, b):
    return a.keys() == b.keys() and all(a[k].dtype == b[k].dtype and torch.equal(a[k], b[k]) for k in a)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true", help="compare instead of writing")
    check = arguments.parse_args().check
    for name, value, zipped in cases():
        if not check:
            torch.save(value, FOLDER / name, _use_new_zipfile_serialization=zipped)
        elif name.startswith("tensors") and not same(torch.load(FOLDER / name), value):
            sys.exit(f"{name} differs")


if __name__ == "__main__":
    main()
