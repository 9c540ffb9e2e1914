"""Writes what torch.optim does on a small problem, for UpdateRuleTest and LearningRateTest.

  python3 optimizers.py            writes ../resources/golden/optimizers.json
  python3 optimizers.py --check    computes again and compares with the file
"""
import json
import pathlib
import sys

import torch
from torch.optim import lr_scheduler

GOLDEN = pathlib.Path(__file__).parent.parent / "resources/golden/optimizers.json"
STEPS = 20

OPTIMIZERS = [
    ("adam", dict(learningRate=0.05)),
    ("adam", dict(learningRate=0.05, beta1=0.8, beta2=0.99, epsilon=0.01, weightDecay=0.1)),
    ("adamw", dict(learningRate=0.05, weightDecay=0.01)),
    ("adamw", dict(learningRate=0.02, beta1=0.7, epsilon=1e-3, weightDecay=0.3)),
    ("sgd", dict(learningRate=0.05)),
    ("sgd", dict(learningRate=0.05, momentum=0.9)),
    ("sgd", dict(learningRate=0.05, momentum=0.9, weightDecay=0.05)),
    ("sgd", dict(learningRate=0.05, momentum=0.8, nesterov=True, weightDecay=0.01)),
]
SCHEDULES = [
    dict(name="constant"),
    dict(name="constant", warmupEpochs=4),
    dict(name="step", stepSize=6, gamma=0.5),
    dict(name="step", stepSize=3, gamma=0.3, warmupEpochs=5),
    dict(name="cosine"),
    dict(name="cosine", warmupEpochs=5),
    dict(name="cosine", warmupEpochs=1),
]


def optimizer(name, s, parameters):
    if name == "sgd":
        return torch.optim.SGD(parameters, lr=s["learningRate"], momentum=s.get("momentum", 0),
                               weight_decay=s.get("weightDecay", 0), nesterov=s.get("nesterov", False))
    kind = torch.optim.Adam if name == "adam" else torch.optim.AdamW
    decay = {"weight_decay": s["weightDecay"]} if "weightDecay" in s else {}
    return kind(parameters, lr=s["learningRate"], betas=(s.get("beta1", 0.9), s.get("beta2", 0.999)),
                eps=s.get("epsilon", 1e-8), **decay)


def schedule(s, opt, epochs):
    warmup = s.get("warmupEpochs", 0)
    main = {
        "constant": lambda: lr_scheduler.LambdaLR(opt, lambda epoch: 1),
        "step": lambda: lr_scheduler.StepLR(opt, s["stepSize"], s["gamma"]),
        "cosine": lambda: lr_scheduler.CosineAnnealingLR(opt, epochs - warmup),
    }[s["name"]]
    if not warmup:
        return main()
    if s["name"] == "constant":  # SequentialLR steps with an epoch, which ends in the same as LinearLR alone
        return lr_scheduler.LinearLR(opt, total_iters=warmup)
    return lr_scheduler.SequentialLR(opt, [lr_scheduler.LinearLR(opt, total_iters=warmup), main()], [warmup])


def flat(tensors):
    return [value for tensor in tensors for value in tensor.detach().flatten().tolist()]


def trajectories():
    torch.manual_seed(7)
    x, y, weight, bias = torch.randn(8, 4), torch.randn(8, 3), torch.randn(3, 4), torch.randn(3)
    cases = []
    for name, settings in OPTIMIZERS:
        w, b = weight.clone().requires_grad_(), bias.clone().requires_grad_()
        opt = optimizer(name, settings, [w, b])
        after = []
        for _ in range(STEPS):
            opt.zero_grad()
            (x @ w.t() + b - y).square().mean().backward()
            opt.step()
            after.append(flat([w, b]))
        cases.append({"name": name, **settings, "after": after})
    return {"x": flat([x]), "y": flat([y]), "weight": flat([weight]), "bias": flat([bias]), "cases": cases}


def rates():
    result = []
    for settings in SCHEDULES:
        opt = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
        scheduler = schedule(settings, opt, STEPS)
        seen = []
        for _ in range(STEPS):
            seen.append(opt.param_groups[0]["lr"])
            opt.step()
            scheduler.step()
        result.append({**settings, "epochs": STEPS, "base": 0.1, "rates": seen})
    return result


def large():
    """One parameter that starts as 1 and sees the same gradient at every step."""
    result = []
    for name, settings in OPTIMIZERS:
        for gradient in (1e-30, 1e18, 1e19, 2e19, 1e20, 5e20):
            for steps in (1, 3):
                if name == "sgd":
                    continue
                parameter = torch.ones(1, requires_grad=True)
                opt = optimizer(name, settings, [parameter])
                for _ in range(steps):
                    opt.zero_grad()
                    (parameter * gradient).sum().backward()
                    opt.step()
                result.append({"name": name, **settings, "gradient": gradient, "steps": steps,
                               "after": parameter.item()})
    return result


def numbers(value):
    if isinstance(value, dict):
        return [n for v in value.values() for n in numbers(v)]
    if isinstance(value, list):
        return [n for v in value for n in numbers(v)]
    return [value] if isinstance(value, (int, float)) else []


def main():
    golden = {"problem": trajectories(), "schedules": rates(), "large": large()}
    if "--check" not in sys.argv:
        GOLDEN.write_text(json.dumps(golden) + "\n")
        return
    kept, fresh = numbers(json.loads(GOLDEN.read_text())), numbers(golden)
    assert len(kept) == len(fresh), "the golden file has another number of values"
    worst = max(abs(a - b) / max(1e-3, abs(a)) for a, b in zip(kept, fresh))
    assert worst < 1e-5, f"differs from the golden file by {worst}"
    print(f"optimizers.json: {len(kept)} values, largest relative difference {worst:.1e}")


if __name__ == "__main__":
    main()
