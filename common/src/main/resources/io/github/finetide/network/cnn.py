# The article's CNN: four 5x5 convolutions, no batch norm. The names are those of its
# nn.Sequential members. TorchScript as libtorch saves it (see resnet.py).
class CNN(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  dtype : int
  exact : bool
  first_trained : int
  weights : Dict[str, Tensor]
  # Takes the tensors, by the article's names. They stay shared with the caller.
  def load(self: __torch__.CNN,
    weights: Dict[str, Tensor],
    like: Tensor) -> Tensor:
    self.weights = weights
    return like
  # What trains from now on: 5 the head, 4 the last convolution and the head, 0 everything.
  def train_head(self: __torch__.CNN, like: Tensor) -> Tensor:
    self.first_trained = 5
    return like
  def train_layer4(self: __torch__.CNN, like: Tensor) -> Tensor:
    self.first_trained = 4
    return like
  def train_all(self: __torch__.CNN, like: Tensor) -> Tensor:
    self.first_trained = 0
    return like
  # See resnet.py.
  def be_exact(self: __torch__.CNN, like: Tensor) -> Tensor:
    self.exact = True
    return like
  def be_fast(self: __torch__.CNN, like: Tensor) -> Tensor:
    self.exact = False
    return like
  # Nothing is laid out.
  def hold(self: __torch__.CNN, like: Tensor) -> Tensor:
    return like
  # There is no batch norm to fold.
  def fold(self: __torch__.CNN, like: Tensor) -> Tensor:
    return like
  # 5x5 convolution and ReLU, in the type of its stage: what trains is float32.
  def layer(self: __torch__.CNN, x: Tensor, name: str, stage: int) -> Tensor:
    dtype = 6
    if stage < self.first_trained:
      dtype = self.dtype
    weight = torch.to(self.weights[name + ".weight"], dtype)
    bias = torch.to(self.weights[name + ".bias"], dtype)
    x = torch.to(x, dtype)
    if self.exact:
      y = torch._convolution(x, weight, bias, [1, 1], [2, 2], [1, 1], False, [0, 0], 1, False, False, True, False)
    else:
      y = torch.conv2d(x, weight, bias, [1, 1], [2, 2])
    return torch.relu_(y)
  # pixels: uint8 [n, h, w, 3] -> float32 [n, 64, h / 4, w / 4]
  def maps_by_running_statistics(self: __torch__.CNN, pixels: Tensor) -> Tensor:
    x = self.layer(__torch__.pixels.normalised(pixels), "conv1.0", 0)
    x = torch.max_pool2d(x, [2, 2])
    x = self.layer(x, "conv2.0", 0)
    x = self.layer(x, "conv2.2", 0)
    x = torch.max_pool2d(x, [2, 2])
    x = self.layer(x, "conv3.0", 4)
    return torch.to(x, 6)
  # pixels: uint8 [n, h, w, 3] -> float32 [n, 64 * (h / 4) * (w / 4)]
  def features(self: __torch__.CNN, pixels: Tensor) -> Tensor:
    return torch.flatten(self.maps_by_running_statistics(pixels), 1)
  def features_by_batch_statistics(self: __torch__.CNN, pixels: Tensor) -> Tensor:
    return self.features(pixels)
  def features_by_running_statistics(self: __torch__.CNN, pixels: Tensor) -> Tensor:
    return self.features(pixels)
  # From the processor to where the weights are, without waiting for what the GPU has to do before.
  def to_device(self: __torch__.CNN, x: Tensor) -> Tensor:
    device = ops.prim.device(self.weights["out.weight"])
    return torch.to(__torch__.pixels.pinned(x, self.weights["out.weight"]), device, ops.prim.dtype(x), True)
  # x: float32 [n, features] -> float32 [n, classes]
  def head(self: __torch__.CNN, x: Tensor) -> Tensor:
    return torch.linear(x, self.weights["out.weight"], self.weights["out.bias"])
  def cross_entropy(self: __torch__.CNN,
    logits: Tensor,
    labels: Tensor,
    smoothing: Tensor) -> Tensor:
    return __torch__.losses.cross_entropy(logits, labels, smoothing)
  def weighted_cross_entropy(self: __torch__.CNN,
    logits: Tensor,
    labels: Tensor,
    smoothing: Tensor,
    weight: Tensor) -> Tensor:
    return __torch__.losses.weighted_cross_entropy(logits, labels, smoothing, weight)
  def probabilities(self: __torch__.CNN, logits: Tensor) -> Tensor:
    return torch.softmax(logits, 1)
