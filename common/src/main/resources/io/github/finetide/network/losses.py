# nn.CrossEntropyLoss(label_smoothing=smoothing): the mean over the batch.
# logits: float32 [n, classes], labels: int64 [n], smoothing: a scalar on the processor
def cross_entropy(logits: Tensor, labels: Tensor, smoothing: Tensor) -> Tensor:
  return torch.cross_entropy_loss(logits, labels, None, 1, -100, float(smoothing))
