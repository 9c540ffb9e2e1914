"""Weights and images that follow from names alone: the same numbers, bit for bit, as
HashedNumbers.java, so that no large golden file is needed."""

import numpy as np
import torch


def at(name, count):
    """The first numbers of a name, in [0, 1) with 24 bits: FNV-1a, then SplitMix64."""
    seed = 0xCBF29CE484222325
    for letter in name.encode():
        seed = ((seed ^ letter) * 0x100000001B3) % 2**64
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = (z ^ (z >> np.uint64(31))) >> np.uint64(40)
    return z.astype(np.float64) * 2.0**-24


def weight(name, shape):
    centre, spread = 0.0, 0.1
    if len(shape) > 1:
        spread = np.sqrt(6.0 * shape[0] / int(np.prod(shape)))
    elif name.endswith("running_var"):
        centre, spread = 1.0, 0.5
    elif name.endswith(".weight"):
        centre = 0.2 if name.endswith("bn3.weight") else 0.9
    values = centre + spread * (2 * at(name, int(np.prod(shape))) - 1)
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


def load(model):
    """Gives a model the weights of its names."""
    state = model.state_dict()
    for name, tensor in state.items():
        if not name.endswith("num_batches_tracked"):
            state[name] = weight(name, tuple(tensor.shape))
    model.load_state_dict(state)
    return model


def pixels(name, n, size):
    """n RGB images, uint8 [n, size, size, 3]."""
    return (at(name, n * size * size * 3) * 256).astype(np.uint8).reshape(n, size, size, 3)


def labels(name, n, classes):
    return torch.from_numpy((at(name, n) * classes).astype(np.int64))
