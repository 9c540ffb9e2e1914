# A bottleneck residual network (He et al., "Deep Residual Learning for Image Recognition"), as
# torchvision's resnet50, resnet101 and resnet152: stride in the 3x3 convolution, names as in its
# state_dict. TorchScript as libtorch saves it: operators by name, dtypes as numbers (6 = float32).
class ResNet(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  blocks : List[int]
  dtype : int
  exact : bool
  first_trained : int
  momentum : float
  weights : Dict[str, Tensor]
  folded : Dict[str, Tensor]
  held : Dict[str, Tensor]
  # Takes the tensors, by torchvision's names. They stay shared with the caller.
  def load(self: __torch__.ResNet,
    weights: Dict[str, Tensor],
    like: Tensor) -> Tensor:
    self.weights = weights
    return like
  # What trains from now on: 5 the head, 4 the last stage and the head, 0 everything.
  def train_head(self: __torch__.ResNet, like: Tensor) -> Tensor:
    self.first_trained = 5
    return like
  def train_layer4(self: __torch__.ResNet, like: Tensor) -> Tensor:
    self.first_trained = 4
    return like
  def train_all(self: __torch__.ResNet, like: Tensor) -> Tensor:
    self.first_trained = 0
    return like
  # From now on a GPU multiplies float32 as it is, and not rounded to TF32.
  def be_exact(self: __torch__.ResNet, like: Tensor) -> Tensor:
    self.exact = True
    return like
  # And from now on as PyTorch does.
  def be_fast(self: __torch__.ResNet, like: Tensor) -> Tensor:
    self.exact = False
    return like
  # Lays out the convolutions that do not train, in the type they are computed in, for batch statistics.
  def hold(self: __torch__.ResNet, like: Tensor) -> Tensor:
    self.held = annotate(Dict[str, Tensor], {})
    held = self.held
    for name in torch.keys(self.weights):
      if torch.endswith(name, ".running_mean"):
        conv = __torch__.folding.convolution(torch.slice(name, 0, -13))
        if self.stage_of(conv) < self.first_trained:
          held[conv] = self.laid_out(torch.to(self.weights[conv + ".weight"], self.dtype))
    return like
  def stage_of(self: __torch__.ResNet, conv: str) -> int:
    stage = 0
    for i in range(1, 5):
      if torch.startswith(conv, "layer" + str(i)):
        stage = i
    return stage
  # Multiplies the running statistics into the convolutions of the stages that do not train.
  def fold(self: __torch__.ResNet, like: Tensor) -> Tensor:
    self.folded = annotate(Dict[str, Tensor], {})
    if self.first_trained > 0:
      self.fold_layer("conv1", "bn1")
    for stage in range(1, 5):
      if stage < self.first_trained:
        for i in range(self.blocks[stage - 1]):
          name = "layer" + str(stage) + "." + str(i)
          self.fold_layer(name + ".conv1", name + ".bn1")
          self.fold_layer(name + ".conv2", name + ".bn2")
          self.fold_layer(name + ".conv3", name + ".bn3")
          if i == 0:
            self.fold_layer(name + ".downsample.0", name + ".downsample.1")
    return like
  def fold_layer(self: __torch__.ResNet, conv: str, bn: str) -> NoneType:
    weight, bias, = __torch__.folding.folded(self.weights, conv, bn)
    folded = self.folded
    folded[conv + ".weight"] = self.laid_out(torch.to(weight, self.dtype))
    folded[conv + ".bias"] = torch.to(bias, self.dtype)
    return None
  # Channels last on a GPU: there all convolutions are faster so, on the processor the plain ones are not.
  def laid_out(self: __torch__.ResNet, x: Tensor) -> Tensor:
    if ops.prim.is_cuda(x):
      x = torch.contiguous(x, memory_format=2)
    return x
  # Convolution and batch norm, in the type of x. batch: use the batch's statistics and move the
  # running ones by the momentum.
  def layer(self: __torch__.ResNet,
    x: Tensor,
    conv: str,
    bn: str,
    stride: int,
    padding: int,
    batch: bool) -> Tensor:
    w = self.weights
    folded = self.folded
    if torch.__and__(torch.__not__(batch), torch.__contains__(folded, conv + ".weight")):
      y = self.convolved(x, folded[conv + ".weight"], folded[conv + ".bias"], stride, padding)
    else:
      if torch.__and__(batch, torch.__contains__(self.held, conv)):
        weight = self.held[conv]
      else:
        weight = torch.to(w[conv + ".weight"], ops.prim.dtype(x))
      z = self.convolved(x, weight, None, stride, padding)
      y = torch.batch_norm(z, w[bn + ".weight"], w[bn + ".bias"], w[bn + ".running_mean"],
        w[bn + ".running_var"], batch, self.momentum, 1e-05, True)
      if batch:
        counted = torch.add_(w[bn + ".num_batches_tracked"], 1)
    return y
  def convolved(self: __torch__.ResNet,
    x: Tensor,
    weight: Tensor,
    bias: Optional[Tensor],
    stride: int,
    padding: int) -> Tensor:
    if self.exact:
      y = torch._convolution(x, weight, bias, [stride, stride], [padding, padding], [1, 1],
        False, [0, 0], 1, False, False, True, False)
    else:
      y = torch.conv2d(x, weight, bias, [stride, stride], [padding, padding])
    return y
  # x: [n, c, h, w] -> [n, 4 * width, h / stride, w / stride]
  def bottleneck(self: __torch__.ResNet,
    x: Tensor,
    name: str,
    stride: int,
    first: bool,
    batch: bool) -> Tensor:
    y = torch.relu_(self.layer(x, name + ".conv1", name + ".bn1", 1, 0, batch))
    y = torch.relu_(self.layer(y, name + ".conv2", name + ".bn2", stride, 1, batch))
    y = self.layer(y, name + ".conv3", name + ".bn3", 1, 0, batch)
    if first:
      # A strided 1x1 convolution reads every stride-th pixel. Taking those first gives the same
      # numbers and keeps clear of oneDNN's strided 1x1 kernel (RATIONALE.md).
      if stride > 1:
        x = torch.slice(x, 2, 0, 9223372036854775807, stride)
        x = torch.slice(x, 3, 0, 9223372036854775807, stride)
      x = self.layer(x, name + ".downsample.0", name + ".downsample.1", 1, 0, batch)
    return torch.relu_(torch.add_(y, x))
  # The type in which a stage is computed: what trains is float32.
  def stage_type(self: __torch__.ResNet, stage: int) -> int:
    dtype = 6
    if stage < self.first_trained:
      dtype = self.dtype
    return dtype
  # pixels: uint8 [n, h, w, 3] -> float32 [n, 2048, h / 32, w / 32]
  def maps(self: __torch__.ResNet, pixels: Tensor, batch: bool) -> Tensor:
    x = self.laid_out(torch.to(__torch__.pixels.normalised(pixels), self.stage_type(0)))
    x = torch.relu_(self.layer(x, "conv1", "bn1", 2, 3, batch))
    x = torch.max_pool2d(x, [3, 3], [2, 2], [1, 1])
    for stage in range(1, 5):
      x = torch.to(x, self.stage_type(stage))
      for i in range(self.blocks[stage - 1]):
        stride = 1
        if torch.__and__(i == 0, stage > 1):
          stride = 2
        name = "layer" + str(stage) + "." + str(i)
        x = self.bottleneck(x, name, stride, i == 0, batch)
    return torch.to(x, 6)
  def maps_by_running_statistics(self: __torch__.ResNet, pixels: Tensor) -> Tensor:
    return self.maps(pixels, False)
  # pixels: uint8 [n, h, w, 3] -> float32 [n, 2048]
  def features(self: __torch__.ResNet, pixels: Tensor, batch: bool) -> Tensor:
    return torch.flatten(torch.adaptive_avg_pool2d(self.maps(pixels, batch), [1, 1]), 1)
  def features_by_batch_statistics(self: __torch__.ResNet, pixels: Tensor) -> Tensor:
    return self.features(pixels, True)
  def features_by_running_statistics(self: __torch__.ResNet, pixels: Tensor) -> Tensor:
    return self.features(pixels, False)
  # Sets the running statistics to those of one batch.
  def calibrate(self: __torch__.ResNet, pixels: Tensor) -> Tensor:
    self.momentum = 1.0
    x = self.features(pixels, True)
    self.momentum = 0.10000000000000001
    return x
  # From the processor to where the weights are, without waiting for what the GPU has to do before.
  def to_device(self: __torch__.ResNet, x: Tensor) -> Tensor:
    device = ops.prim.device(self.weights["fc.weight"])
    return torch.to(__torch__.pixels.pinned(x, self.weights["fc.weight"]), device, ops.prim.dtype(x), True)
  # x: float32 [n, 2048] -> float32 [n, classes]
  def head(self: __torch__.ResNet, x: Tensor) -> Tensor:
    return torch.linear(x, self.weights["fc.weight"], self.weights["fc.bias"])
  def cross_entropy(self: __torch__.ResNet,
    logits: Tensor,
    labels: Tensor,
    smoothing: Tensor) -> Tensor:
    return __torch__.losses.cross_entropy(logits, labels, smoothing)
  def weighted_cross_entropy(self: __torch__.ResNet,
    logits: Tensor,
    labels: Tensor,
    smoothing: Tensor,
    weight: Tensor) -> Tensor:
    return __torch__.losses.weighted_cross_entropy(logits, labels, smoothing, weight)
  def probabilities(self: __torch__.ResNet, logits: Tensor) -> Tensor:
    return torch.softmax(logits, 1)
