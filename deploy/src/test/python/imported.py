"""A model of torchvision's that finetide import reads.

  python3 imported.py make WEIGHTS.pth
  python3 imported.py compare WEIGHTS.pth CHECKPOINT-DIR

The second prints the largest difference of the probabilities of the checkpoint's golden images.
"""
import pathlib
import sys

import torch
import torchvision

import exported

CLASSES = 3


def made():
    """A network whose running statistics and head are not those it begins with."""
    torch.manual_seed(5)
    model = torchvision.models.resnet50(num_classes=CLASSES)
    with torch.no_grad():
        for _ in range(3):
            model.train()(torch.randn(8, 3, 64, 64))
    return model


def main():
    command, weights = sys.argv[1], pathlib.Path(sys.argv[2])
    if command == "make":
        torch.save(made().state_dict(), weights)
        print("made")
        return
    model = torchvision.models.resnet50(num_classes=CLASSES)
    model.load_state_dict(torch.load(weights))
    golden = exported.read(pathlib.Path(sys.argv[3]) / "golden.safetensors")
    print(exported.difference(model.eval(), golden, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))


if __name__ == "__main__":
    main()
