"""Loads an exported model into torchvision and compares it with what the trainer saw.

  python3 exported.py EXPORT-DIR CHECKPOINT-DIR

prints the largest difference of the probabilities of the checkpoint's golden images.
"""
import json
import pathlib
import sys

import numpy as np
import torch
import torchvision

TYPES = {"F32": np.float32, "I64": np.int64, "U8": np.uint8}


def read(path):
    """A safetensors file: the header's length, a JSON header, the tensors' bytes."""
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    tensors = {}
    for name, entry in json.loads(content[8:start]).items():
        if name != "__metadata__":
            begin, end = (start + offset for offset in entry["data_offsets"])
            array = np.frombuffer(content[begin:end], TYPES[entry["dtype"]]).reshape(entry["shape"])
            tensors[name] = torch.from_numpy(array.copy())
    return tensors


def difference(model, golden, mean, std):
    """The largest one between a model's probabilities and those that a checkpoint has for its golden images."""
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (mean, std))
    pixels = (golden["images"].permute(0, 3, 1, 2).float() / 255 - mean) / std
    with torch.no_grad():
        probabilities = torch.softmax(model(pixels), 1)
    return float((probabilities - golden["probabilities"]).abs().max())


def main():
    folder, checkpoint = (pathlib.Path(argument) for argument in sys.argv[1:])
    config = json.loads((folder / "config.json").read_text())
    model = getattr(torchvision.models, config["architecture"])(num_classes=config["num_classes"])
    model.load_state_dict(read(folder / "model.safetensors"), strict=True)
    model.eval()
    transform = config["pretrained_cfg"]
    print(difference(model, read(checkpoint / "golden.safetensors"), transform["mean"], transform["std"]))


if __name__ == "__main__":
    main()
