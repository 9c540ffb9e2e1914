# The backbone of resnet.py with constant statistics in int8, in oneDNN's fused operators: weights int8
# by output channel, activations uint8 with a scale each, sums in int32. These operators are internal
# to libtorch. Activations are [n, h, w, c]; 1x1 convolutions are products with a matrix.
class Int8ResNet(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  blocks : List[int]
  packed : Dict[str, Tensor]
  steps : Dict[str, float]
  # Takes the largest value that each activation can have, by the name of the layer it comes from. What
  # has passed a ReLU has 255 steps above 0, a downsampled shortcut 127 above and below.
  def ranges(self: __torch__.Int8ResNet,
    maxima: Dict[str, Tensor],
    like: Tensor) -> Tensor:
    steps = self.steps
    for name in torch.keys(maxima):
      levels = 255.0
      if torch.endswith(name, ".downsample.0"):
        levels = 127.0
      steps[name] = torch.div(float(maxima[name]), levels)
    return like
  # Packs some convolutions, given with their batch norms by torchvision's names. Nothing is shared.
  def pack(self: __torch__.Int8ResNet,
    w: Dict[str, Tensor],
    like: Tensor) -> Tensor:
    for name in torch.keys(w):
      if torch.endswith(name, ".running_mean"):
        bn = torch.slice(name, 0, -13)
        conv = __torch__.folding.convolution(bn)
        weight, bias, = __torch__.folding.folded(w, conv, bn)
        self.pack_layer(conv, weight, bias)
    return like
  def pack_layer(self: __torch__.Int8ResNet, conv: str, w: Tensor, bias: Tensor) -> NoneType:
    packed = self.packed
    if conv == "conv1":
      w = __torch__.pixels.first_weight(w)
    step = torch.clamp(torch.div(torch.amax(torch.abs(w), [1, 2, 3]), 127.0), 1e-12)
    rounded = torch.round(torch.div(w, torch.reshape(step, [-1, 1, 1, 1])))
    q = torch.to(torch.clamp(rounded, -127, 127), 1)
    n = __torch__.folding.stride(conv)
    if conv == "conv1":
      bias = torch.sub(bias, torch.mul(step, __torch__.pixels.mean_response(rounded)))
      q = __torch__.pixels.blocked_weight(q)
      k = ops.onednn.qconv_prepack(q, step, 1.0, 0, [1, 1], [0, 0], [1, 1], 1, None)
    elif torch.endswith(conv, "conv2"):
      k = ops.onednn.qconv_prepack(q, step, 1.0, 0, [n, n], [1, 1], [1, 1], 1, None)
    else:
      # The shape of an input is a hint for the layout of the weights: without it 1.2 x slower.
      k = ops.onednn.qlinear_prepack(torch.contiguous(torch.flatten(q, 1)), [2048, torch.size(q, 1)])
    packed[conv + ".weight"] = k
    packed[conv + ".bias"] = bias
    packed[conv + ".step"] = step
    packed[conv + ".zero"] = torch.zeros_like(step, dtype=3)
    return None
  # x: [n, h, w, c] with this step -> relu(convolution), with the step of its own name
  def conv(self: __torch__.Int8ResNet,
    x: Tensor,
    step: float,
    name: str,
    stride: int,
    padding: int) -> Tensor:
    p = self.packed
    y = ops.onednn.qconv2d_pointwise(torch.permute(x, [0, 3, 1, 2]), step, 0, p[name + ".weight"],
      p[name + ".step"], p[name + ".zero"], p[name + ".bias"], [stride, stride], [padding, padding],
      [1, 1], 1, self.steps[name], 0, 0, "relu", annotate(List[Optional[number]], []), "")
    return torch.permute(y, [0, 2, 3, 1])
  # x: [rows, c] with this step -> [rows, k], with the step of its own name; attr: "relu" or "none"
  def dense(self: __torch__.Int8ResNet,
    x: Tensor,
    step: float,
    name: str,
    zero: int,
    attr: str) -> Tensor:
    p = self.packed
    return ops.onednn.qlinear_pointwise(x, step, 0, p[name + ".weight"], p[name + ".step"],
      p[name + ".zero"], p[name + ".bias"], self.steps[name], zero, 0, attr,
      annotate(List[Optional[number]], []), "")
  # pixels: uint8 [n, h, w, 3] -> [n, h / 4, w / 4, 64]. The pixels themselves are the first input; in
  # blocks, as libtorch's oneDNN spoils packed weights of channels that are no multiple of 16.
  def stem(self: __torch__.Int8ResNet, pixels: Tensor) -> Tensor:
    x = self.conv(__torch__.pixels.blocked(pixels), 1.0, "conv1", 1, 0)
    x = torch._make_per_tensor_quantized_tensor(torch.permute(x, [0, 3, 1, 2]), 1.0, 0)
    x = torch.int_repr(torch.max_pool2d(x, [3, 3], [2, 2], [1, 1]))
    return torch.contiguous(torch.permute(x, [0, 2, 3, 1]))
  # x: [n, h, w, c] with this step -> [n, h / stride, w / stride, 4 * width]; x is overwritten.
  def bottleneck(self: __torch__.Int8ResNet,
    x: Tensor,
    step: float,
    name: str,
    stride: int,
    first: bool) -> Tensor:
    n, h, w, c = torch.size(x, 0), torch.size(x, 1), torch.size(x, 2), torch.size(x, 3)
    y = self.dense(torch.reshape(x, [-1, c]), step, name + ".conv1", 0, "relu")
    y = self.conv(torch.reshape(y, [n, h, w, -1]), self.steps[name + ".conv1"], name + ".conv2", stride, 1)
    oh, ow, k = torch.size(y, 1), torch.size(y, 2), torch.size(y, 3)
    zero = 0
    if first:
      if stride > 1:
        x = torch.slice(x, 1, 0, 9223372036854775807, stride)
        x = torch.contiguous(torch.slice(x, 2, 0, 9223372036854775807, stride))
      zero = 128
      x = self.dense(torch.reshape(x, [-1, c]), step, name + ".downsample.0", zero, "none")
      step = self.steps[name + ".downsample.0"]
    x = torch.reshape(x, [torch.mul(n, torch.mul(oh, ow)), -1])
    p = self.packed
    last = name + ".conv3"
    z = ops.onednn.qlinear_pointwise(torch.reshape(y, [-1, k]), self.steps[name + ".conv2"], 0,
      p[last + ".weight"], p[last + ".step"], p[last + ".zero"], x, p[last + ".bias"],
      self.steps[name], 0, 0, step, zero, "sum", 1.0, "relu", annotate(List[Optional[number]], []), "")
    return torch.reshape(z, [n, oh, ow, -1])
  # pixels: uint8 [n, h, w, 3] -> uint8 [n, h / 32, w / 32, 2048], and the step that one of it stands for
  def last(self: __torch__.Int8ResNet, pixels: Tensor) -> Tuple[Tensor, float]:
    x = self.stem(pixels)
    step = self.steps["conv1"]
    for stage in range(1, 5):
      for i in range(self.blocks[stage - 1]):
        stride = 1
        if torch.__and__(i == 0, stage > 1):
          stride = 2
        name = "layer" + str(stage) + "." + str(i)
        x = self.bottleneck(x, step, name, stride, i == 0)
        step = self.steps[name]
    return (x, step)
  # pixels: uint8 [n, h, w, 3] -> float32 [n, 2048]
  def features_by_running_statistics(self: __torch__.Int8ResNet, pixels: Tensor) -> Tensor:
    x, step, = self.last(pixels)
    return torch.mul(torch.mean(torch.to(x, 6), [1, 2]), step)
  # pixels: uint8 [n, h, w, 3] -> float32 [n, 2048, h / 32, w / 32]
  def maps_by_running_statistics(self: __torch__.Int8ResNet, pixels: Tensor) -> Tensor:
    x, step, = self.last(pixels)
    return torch.mul(torch.permute(torch.to(x, 6), [0, 3, 1, 2]), step)
