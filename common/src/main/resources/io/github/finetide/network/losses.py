# nn.CrossEntropyLoss(label_smoothing=smoothing): the mean over the batch.
# logits: float32 [n, classes], labels: int64 [n], smoothing: a scalar on the processor
def cross_entropy(logits: Tensor, labels: Tensor, smoothing: Tensor) -> Tensor:
  return torch.cross_entropy_loss(logits, labels, None, 1, -100, float(smoothing))

# nn.CrossEntropyLoss(weight=weight, label_smoothing=smoothing): the mean over the batch by the weights of its labels.
# weight: float32 [classes]
def weighted_cross_entropy(logits: Tensor, labels: Tensor, smoothing: Tensor, weight: Tensor) -> Tensor:
  return torch.cross_entropy_loss(logits, labels, weight, 1, -100, float(smoothing))
