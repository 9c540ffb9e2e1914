"""Trains whole jobs with a PyTorch loop written as in the article, for JobsAgainstPyTorchTest and -IT.

Images and weights follow from integer formulas that the test (Made.java) computes too, so no file has to
be kept beside the results.

  python3 jobs.py            writes ../resources/golden/jobs.json
  python3 jobs.py --check    computes again and compares with the file
"""
import json
import pathlib
import sys
import zlib

import numpy as np
import torch
import torchvision
from PIL import Image
from torch import nn
from torch.optim import lr_scheduler
from torchvision import transforms

GOLDEN = pathlib.Path(__file__).parent.parent / "resources/golden/jobs.json"
CLASSES, TRAIN, VALIDATION, WIDTH, HEIGHT = 6, 22, 10, 56, 44

JOBS = [
    dict(name="cnn-adam", network="cnn", trainable="all", imageSize=64, batchSize=8,
         optimizer=dict(name="adam", learningRate=0.0003)),
    dict(name="cnn-sgd-smoothed-cosine", network="cnn", trainable="all", imageSize=32, batchSize=5,
         labelSmoothing=0.1, schedule=dict(name="cosine", warmupEpochs=1),
         optimizer=dict(name="sgd", learningRate=0.02, momentum=0.5)),
    dict(name="cnn-class-weights", network="cnn", trainable="all", imageSize=32, batchSize=5, labelSmoothing=0.1,
         classWeights=[0.2, 1, 3, 0.5, 2, 1.5], optimizer=dict(name="sgd", learningRate=0.02, momentum=0.5)),
    dict(name="cnn-balanced", network="cnn", trainable="all", imageSize=32, batchSize=8, classWeights="balanced",
         optimizer=dict(name="adam", learningRate=0.0003)),
    dict(name="resnet50-head-update", network="resnet50", trainable="head", batchNorm="update", imageSize=64,
         batchSize=8, optimizer=dict(name="adam", learningRate=0.001)),
    dict(name="resnet50-head-frozen", network="resnet50", trainable="head", batchNorm="frozen", imageSize=64,
         batchSize=8, optimizer=dict(name="adamw", learningRate=0.002, weightDecay=0.05),
         schedule=dict(name="step", stepSize=2, gamma=0.5)),
    dict(name="resnet50-layer4-update", network="resnet50", trainable="layer4", batchNorm="update", imageSize=64,
         batchSize=8, optimizer=dict(name="sgd", learningRate=0.01, momentum=0.9, nesterov=True)),
    dict(name="resnet50-layer4-frozen", network="resnet50", trainable="layer4", batchNorm="frozen", imageSize=64,
         batchSize=8, optimizer=dict(name="sgd", learningRate=0.001, momentum=0.9)),
    dict(name="resnet50-all-update", network="resnet50", trainable="all", batchNorm="update", imageSize=64,
         batchSize=22, optimizer=dict(name="sgd", learningRate=0.00001, weightDecay=0.0001)),
    # Small steps, large batches: with random weights, batch statistics amplify rounding. With batches of 11 and a rate
    # of 0.00005 PyTorch's own float32 loss is 0.6 % off its float64 one after three epochs; so it is 0.004 %.
    dict(name="resnet50-all-frozen", network="resnet50", trainable="all", batchNorm="frozen", imageSize=64,
         batchSize=8, optimizer=dict(name="adam", learningRate=0.00002)),
    dict(name="resnet50-head-smoothed-warm-up", network="resnet50", trainable="head", batchNorm="update", imageSize=64,
         batchSize=8, optimizer=dict(name="adam", learningRate=0.003), labelSmoothing=0.1,
         schedule=dict(name="constant", warmupEpochs=2)),
    dict(name="resnet152-as-in-the-article", network="resnet152", trainable="head", batchNorm="update", imageSize=64,
         batchSize=8, optimizer=dict(name="adam", learningRate=0.001)),
]
EPOCHS = 3


def mix(x):
    """lowbias32, on uint32."""
    x = np.asarray(x, dtype=np.uint32)
    with np.errstate(over="ignore"):
        x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
        x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def uniform(name, count, low, high):
    salt = np.uint32(zlib.crc32(name.encode()))
    with np.errstate(over="ignore"):
        drawn = mix(np.arange(count, dtype=np.uint32) + mix(salt))
    return (low + (drawn >> np.uint32(8)).astype(np.float64) / (1 << 24) * (high - low)).astype(np.float32)


def tensor(name, shape):
    count = int(np.prod(shape))
    fan_in = int(np.prod(shape[1:]))
    if name.endswith("num_batches_tracked"):
        return torch.tensor(0)
    if len(shape) == 4:
        bound = ((1 if shape[-1] == 5 else 6) / fan_in) ** 0.5  # nn.Conv2d's own for the CNN, He's for the ResNet
        low, high = -bound, bound
    elif len(shape) == 2:
        bound = 1 / fan_in ** 0.5
        low, high = -bound, bound
    elif name.endswith("running_var"):
        low, high = 0.5, 1.5
    elif name.endswith("weight"):  # batch norm; small where it ends a block, so that the blocks' sum stays small
        low, high = (0.2, 0.5) if "bn3" in name or "downsample" in name else (0.5, 1.5)
    else:
        low, high = -0.2, 0.2
    return torch.from_numpy(uniform(name, count, low, high).reshape(shape))


def image(index):
    label = index % CLASSES
    y, x, c = np.meshgrid(np.arange(HEIGHT), np.arange(WIDTH), np.arange(3), indexing="ij")
    base = (label * 53 + c * 71 + (x * (label + 1) + y * (c + 1)) * 5) & 255
    noise = mix(index * 100003 + (y * WIDTH + x) * 3 + c).astype(np.int64) & 63
    return Image.fromarray((base * 3 // 4 + noise).astype(np.uint8)), label


class CNN(nn.Module):
    """The article's, for any image size."""

    def __init__(self, size):
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(3, 16, 5, 1, 2), nn.ReLU(), nn.MaxPool2d(2))
        self.conv2 = nn.Sequential(nn.Conv2d(16, 32, 5, 1, 2), nn.ReLU(), nn.Conv2d(32, 32, 5, 1, 2), nn.ReLU(),
                                   nn.MaxPool2d(2))
        self.conv3 = nn.Sequential(nn.Conv2d(32, 64, 5, 1, 2), nn.ReLU())
        self.out = nn.Linear(64 * (size // 4) ** 2, CLASSES)

    def forward(self, x):
        x = self.conv3(self.conv2(self.conv1(x)))
        return self.out(x.view(x.size(0), -1))


def network(job):
    cnn = job["network"] == "cnn"
    model = CNN(job["imageSize"]) if cnn else getattr(torchvision.models, job["network"])(num_classes=CLASSES)
    model.load_state_dict({name: tensor(name, list(t.shape)) for name, t in model.state_dict().items()})
    head = "out." if cnn else "fc."
    for name, parameter in model.named_parameters():
        parameter.requires_grad = (job["trainable"] == "all" or name.startswith(head)
                                   or job["trainable"] == "layer4" and name.startswith("layer4."))
    return model


def optimizer(job, parameters):
    s = job["optimizer"]
    if s["name"] == "sgd":
        return torch.optim.SGD(parameters, lr=s["learningRate"], momentum=s.get("momentum", 0),
                               weight_decay=s.get("weightDecay", 0), nesterov=s.get("nesterov", False))
    kind = torch.optim.Adam if s["name"] == "adam" else torch.optim.AdamW
    return kind(parameters, lr=s["learningRate"], weight_decay=s.get("weightDecay", 0))


def schedule(job, opt):
    s = job.get("schedule", {"name": "constant"})
    warmup = s.get("warmupEpochs", 0)
    main = {"constant": lambda: lr_scheduler.LambdaLR(opt, lambda epoch: 1),
            "step": lambda: lr_scheduler.StepLR(opt, s["stepSize"], s["gamma"]),
            "cosine": lambda: lr_scheduler.CosineAnnealingLR(opt, EPOCHS - warmup)}[s["name"]]()
    if not warmup:
        return main
    return lr_scheduler.SequentialLR(opt, [lr_scheduler.LinearLR(opt, total_iters=warmup), main], [warmup])


def batches(job, first, count):
    transform = transforms.Compose([
        transforms.Resize([job["imageSize"], job["imageSize"]]),
        transforms.ToTensor(),
        transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    for start in range(first, first + count, job["batchSize"]):
        chosen = [image(i) for i in range(start, min(start + job["batchSize"], first + count))]
        yield torch.stack([transform(picture) for picture, _ in chosen]), torch.tensor([label for _, label in chosen])


def class_weights(job):
    given = job.get("classWeights")
    if given == "balanced":  # scikit-learn's compute_class_weight
        counts = np.bincount([i % CLASSES for i in range(TRAIN)], minlength=CLASSES)
        given = TRAIN / (CLASSES * counts)
    return None if given is None else torch.tensor(given, dtype=torch.float32)


def run(job):
    model = network(job)
    loss_fn = nn.CrossEntropyLoss(weight=class_weights(job), label_smoothing=job.get("labelSmoothing", 0))
    opt = optimizer(job, [p for p in model.parameters() if p.requires_grad])
    scheduler = schedule(job, opt)
    epochs = []
    for _ in range(EPOCHS):
        model.train()
        if job.get("batchNorm") == "frozen":
            for module in model.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()
        losses, correct = [], 0
        for x, y in batches(job, 0, TRAIN):
            pred = model(x)
            loss = loss_fn(pred, y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
            correct += (pred.argmax(1) == y).sum().item()
        model.eval()
        val_losses, val_correct, top5 = [], 0, 0
        with torch.no_grad():
            for x, y in batches(job, TRAIN, VALIDATION):
                pred = model(x)
                val_losses.append(loss_fn(pred, y).item())
                val_correct += (pred.argmax(1) == y).sum().item()
                top5 += (pred.topk(5, 1).indices == y[:, None]).any(1).sum().item()
        scheduler.step()
        epochs.append({"trainLoss": sum(losses) / len(losses), "trainAccuracy": correct / TRAIN,
                       "loss": sum(val_losses) / len(val_losses), "accuracy": val_correct / VALIDATION,
                       "top5Accuracy": top5 / VALIDATION})
    return {**job, "results": epochs}


def main():
    golden = {"classes": CLASSES, "train": TRAIN, "validation": VALIDATION, "width": WIDTH, "height": HEIGHT,
              "epochs": EPOCHS, "jobs": [run(job) for job in JOBS]}
    if "--check" not in sys.argv:
        GOLDEN.write_text(json.dumps(golden, indent=1) + "\n")
        return
    kept = json.loads(GOLDEN.read_text())
    worst = 0
    for old, new in zip(kept.pop("jobs"), golden.pop("jobs"), strict=True):
        for before, after in zip(old.pop("results"), new.pop("results"), strict=True):
            worst = max([worst] + [abs(before[k] - after[k]) / max(1e-3, abs(before[k])) for k in before])
        assert old == new, f"another job: {old} {new}"
    assert kept == golden, "the golden file has other images"
    assert worst < 5e-4, f"differs from the golden file by {worst}"
    print(f"jobs.json: {len(JOBS)} jobs, largest relative difference {worst:.1e}")


if __name__ == "__main__":
    main()
