"""What PyTorch and torchvision compute for the networks: writes the golden files that
NetworkTest and NetworkIT compare with, or, with --check, computes them again and compares."""

import argparse
import pathlib
import sys

import numpy as np
import torch
import torchvision
from torch import nn
from torchvision import transforms

import hashed_numbers
import safetensors_file

FOLDER = pathlib.Path(__file__).parent.parent / "resources/io/github/finetide/network"
CLASSES, SIZE, BATCH = 20, 64, 8


class CNN(nn.Module):
    """The article's network, for images of any size that 4 divides."""

    def __init__(self, num_classes):
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(3, 16, 5, 1, 2), nn.ReLU(), nn.MaxPool2d(2))
        self.conv2 = nn.Sequential(
            nn.Conv2d(16, 32, 5, 1, 2), nn.ReLU(), nn.Conv2d(32, 32, 5, 1, 2), nn.ReLU(), nn.MaxPool2d(2)
        )
        self.conv3 = nn.Sequential(nn.Conv2d(32, 64, 5, 1, 2), nn.ReLU())
        self.out = nn.Linear(64 * (SIZE // 4) ** 2, num_classes)

    def forward(self, x):
        x = self.conv3(self.conv2(self.conv1(x)))
        return self.out(x.view(x.size(0), -1))


NETWORKS = {
    "cnn": CNN,
    "resnet50": torchvision.models.resnet50,
    "resnet101": torchvision.models.resnet101,
    "resnet152": torchvision.models.resnet152,
}
TRAINED = {"head": ("fc.", "out."), "layer4": ("layer4.", "conv3.", "fc.", "out."), "all": ("",)}


def images(name):
    """ToTensor and Normalize, image by image as the article's data set does it."""
    transform = transforms.Compose(
        [transforms.ToTensor(), transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
    )
    return torch.stack([transform(image) for image in hashed_numbers.pixels(name, BATCH, SIZE)])


def digest(tensor, name):
    """A tensor in two numbers: its norm, and its product with a vector of signs."""
    flat = tensor.detach().double().flatten().numpy()
    signs = np.where(hashed_numbers.at("digest." + name, flat.size) < 0.5, -1.0, 1.0)
    return [np.sqrt((flat * flat).sum()), (flat * signs).sum()]


def digests(tensors):
    return np.array([digest(tensor, name) for name, tensor in tensors.items()])


def forward(network):
    """Logits by running statistics; after three batches of model.train(), its logits and statistics."""
    model = hashed_numbers.load(NETWORKS[network](num_classes=CLASSES))
    golden = {}
    with torch.no_grad():
        golden["running"] = model.eval()(images("batch0")).numpy()
        for step in range(3):
            logits = model.train()(images(f"batch{step}"))
        golden["batch"] = logits.numpy()
        golden["after"] = model.eval()(images("batch3")).numpy()
    statistics = {k: v for k, v in model.state_dict().items() if "running_" in k}
    if statistics:
        golden["statistics"] = digests(statistics)
        golden["counts"] = np.array([v.item() for k, v in model.state_dict().items() if "tracked" in k])
    return golden


def gradients(network, trainable, update, smoothing):
    """Loss of one batch, and the gradient of each parameter that trains. In double precision: in
    single, a ReLU whose input is within rounding of 0 may pass its gradient or stop it."""
    model = hashed_numbers.load(NETWORKS[network](num_classes=CLASSES)).train(update).double()
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith(TRAINED[trainable])
    labels = hashed_numbers.labels("labels", BATCH, CLASSES)
    loss = nn.CrossEntropyLoss(label_smoothing=smoothing)(model(images("batch0").double()), labels)
    loss.backward()
    key = f"{trainable}.{'update' if update else 'frozen'}"
    grads = {name: p.grad for name, p in model.named_parameters() if p.requires_grad}
    return {f"{key}.loss": np.array(loss.item(), np.float32), f"{key}.gradients": digests(grads)}


def goldens(network):
    golden = forward(network)
    if network in ("cnn", "resnet50"):
        for trainable in TRAINED:
            golden.update(gradients(network, trainable, True, 0.0))
            golden.update(gradients(network, trainable, False, 0.1))
    return golden


def differences(network, golden, content):
    """Processors round differently, so numbers are compared, not bytes."""
    before = safetensors_file.decode(content)
    if before.keys() != golden.keys():
        return [f"{network}: {sorted(before.keys() ^ golden.keys())} on one side only"]
    return [
        f"{network}: {name} differs"
        for name, array in golden.items()
        if np.abs(before[name] - array).max() > 1e-5 * np.abs(array).max()
    ]


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true", help="compare instead of writing")
    check = arguments.parse_args().check
    faults = []
    for network in NETWORKS:
        file = FOLDER / f"{network}.golden.safetensors"
        golden = goldens(network)
        if check:
            faults += differences(network, golden, file.read_bytes())
        else:
            file.write_bytes(safetensors_file.encode(golden))
    sys.exit("\n".join(faults) or 0)


if __name__ == "__main__":
    main()
