"""What ConfidenceFitTest expects: temperature by torch's LBFGS in double precision (Guo et al. 2017), ECE by numpy."""

import numpy as np
import torch
from hashed_numbers import at

IMAGES, CLASSES = 400, 7


def case(name, scale):
    logits = scale * (at(name + ".logits", IMAGES * CLASSES).reshape(IMAGES, CLASSES) - 0.5)
    labels = np.floor(at(name + ".labels", IMAGES) * CLASSES).astype(int)
    right = at(name + ".right", IMAGES) < 0.7  # else the label has nothing to do with the logits
    labels[right] = logits[right].argmax(1)
    return torch.from_numpy(logits.astype(np.float32)).double(), torch.from_numpy(labels)


def temperature(logits, labels):
    log_t = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([log_t], max_iter=200, tolerance_grad=1e-14, tolerance_change=1e-16,
                                  line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(logits / log_t.exp(), labels)
        loss.backward()
        return loss

    optimizer.step(closure)
    return float(log_t.exp())


def ece(logits, labels, bins=15):
    probabilities = torch.softmax(logits, 1)
    confidence, predicted = probabilities.max(1)
    correct = (predicted == labels).double().numpy()
    confidence = confidence.numpy()
    total = 0.0
    for lower in range(bins):
        inside = (confidence > lower / bins) & (confidence <= (lower + 1) / bins)
        if inside.any():
            total += inside.mean() * abs(correct[inside].mean() - confidence[inside].mean())
    return total


def coverage(logits, labels, threshold):
    confidence, predicted = torch.softmax(logits, 1).max(1)
    kept = confidence >= threshold
    return float(kept.double().mean()), float((predicted == labels)[kept].double().mean())


for name, scale in [("over", 20.0), ("under", 2.0)]:
    logits, labels = case(name, scale)
    t = temperature(logits, labels)
    nll = torch.nn.functional.cross_entropy
    print(name, "temperature", t)
    print("  nll", float(nll(logits, labels)), float(nll(logits / t, labels)))
    print("  ece", ece(logits, labels), ece(logits / t, labels))
    print("  at 0.8", coverage(logits / t, labels, 0.8))
