"""PyTorch beside Finetide: the article's script, and the bare network, on the same weights and images.

Reads commands from its input and answers each with a line: "=" and numbers, or "!" and a reason.
"""

import json
import os
import resource
import sys
import time

import numpy as np
import torch
import torchvision.models as models
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

EDGE = 256
MEAN = [0.485, 0.456, 0.406]
STD = [0.229, 0.224, 0.225]
TYPES = {"F32": np.float32, "I64": np.int64}


def read_safetensors(path):
    """8 bytes of length, a JSON header, then the tensors one after the other."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            values = np.frombuffer(data[begin:end], TYPES[entry["dtype"]]).reshape(entry["shape"])
            tensors[name] = torch.from_numpy(values.copy())
    return tensors


def resnet152(weights):
    state = read_safetensors(weights)
    network = models.resnet152()
    network.fc = nn.Linear(network.fc.in_features, len(state["fc.bias"]))
    network.load_state_dict(state)
    return network


class Photos(Dataset):
    """The article's data set: a manifest of paths and labels."""

    def __init__(self, manifest, transform):
        with open(manifest) as file:
            self.entries = [line.strip().rsplit(" ", 1) for line in file]
        self.transform = transform

    def __len__(self):
        return len(self.entries)

    def __getitem__(self, index):
        path, label = self.entries[index]
        return self.transform(Image.open(path)), torch.from_numpy(np.array(label, dtype=np.int64))


TRAINING = transforms.Compose([
    transforms.Resize([300, 300]),
    transforms.RandomRotation(45),
    transforms.CenterCrop(EDGE),
    transforms.RandomHorizontalFlip(p=0.5),
    transforms.RandomVerticalFlip(p=0.5),
    transforms.ColorJitter(brightness=0.2, contrast=0.1, saturation=0.1, hue=0.1),
    transforms.RandomGrayscale(p=0.1),
    transforms.ToTensor(),
    transforms.Normalize(MEAN, STD),
])
VALIDATION = transforms.Compose([
    transforms.Resize([EDGE, EDGE]),
    transforms.ToTensor(),
    transforms.Normalize(MEAN, STD),
])


def train_one_epoch(loader, network, loss_function, optimizer):
    network.train()
    for images, labels in loader:
        loss = loss_function(network(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def evaluate(loader, network, loss_function):
    network.eval()
    loss, correct = 0.0, 0.0
    with torch.no_grad():
        for images, labels in loader:
            logits = network(images)
            loss += loss_function(logits, labels).item()
            correct += (logits.argmax(1) == labels).type(torch.float).sum().item()
    return loss / len(loader), correct / len(loader.dataset)


def epoch_seconds(weights, training, validation, batch):
    """One epoch of the article's script: the head trains, batch norm in training mode."""
    network = resnet152(weights)
    for parameter in network.parameters():
        parameter.requires_grad = False
    network.fc = nn.Linear(network.fc.in_features, network.fc.out_features)
    optimizer = torch.optim.Adam(network.fc.parameters(), lr=0.001)
    loss_function = nn.CrossEntropyLoss()
    train_loader = DataLoader(Photos(training, TRAINING), batch_size=batch, shuffle=True)
    test_loader = DataLoader(Photos(validation, VALIDATION), batch_size=batch, shuffle=True)
    began = time.perf_counter()
    train_one_epoch(train_loader, network, loss_function, optimizer)
    evaluate(test_loader, network, loss_function)
    return time.perf_counter() - began


def sample(edge):
    """The image whose logits all contestants compute, to see that they compute the same."""
    i = np.arange(edge * edge * 3, dtype=np.int64)
    pixels = ((i * 31 + i // 97) % 256).astype(np.float32).reshape(1, edge, edge, 3)
    image = (pixels / 255 - np.array(MEAN, np.float32)) / np.array(STD, np.float32)
    return torch.from_numpy(np.ascontiguousarray(image.transpose(0, 3, 1, 2), np.float32))


class Peer:
    def __init__(self, weights):
        self.weights = weights
        self.opened = None

    def network(self):
        if self.opened is None:
            self.opened = resnet152(self.weights).eval()
        return self.opened

    def export(self, path):
        torch.onnx.export(self.network(), sample(EDGE), path, opset_version=13, input_names=["images"],
                          output_names=["logits"], dynamic_axes={"images": {0: "n"}, "logits": {0: "n"}})
        return [0]

    def logits(self, precision):
        with torch.no_grad():
            return self.network()(sample(EDGE))[0].tolist()

    def forward(self, precision, batch, times):
        images = torch.rand(int(batch), 3, EDGE, EDGE)
        seconds = []
        with torch.no_grad():
            for _ in range(int(times)):
                began = time.perf_counter()
                self.network()(images).numpy()
                seconds.append(time.perf_counter() - began)
        return seconds

    def train(self, training, validation, batch):
        return [epoch_seconds(self.weights, training, validation, int(batch))]

    def peak(self):
        return [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]


def main():
    answers, sys.stdout = sys.stdout, sys.stderr
    # On some virtual machines PyTorch miscounts the cores and takes one thread; who does not look has that.
    if sys.argv[2] == "allCores":
        torch.set_num_threads(len(os.sched_getaffinity(0)))
    peer = Peer(sys.argv[1])
    for line in sys.stdin:
        command, *arguments = line.rstrip("\n").split("\t")
        try:
            numbers = getattr(peer, command)(*arguments)
            print("=", *numbers, file=answers, flush=True)
        except Exception as failed:  # the driver decides what to do without it
            print("!", repr(failed).replace("\n", " "), file=answers, flush=True)


main()
