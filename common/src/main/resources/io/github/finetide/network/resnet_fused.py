# The backbone of resnet.py whose weights stay as they are, in oneDNN's fused operators: convolution
# with ReLU, convolution with sum and ReLU, weights packed for this processor, channels last. These
# operators are internal to libtorch: resnet.py is the reference, and the fallback.
#
# 1x1 convolutions are written as 1x2 ones with stride 2 along the width, over half the channels: the
# same memory, the same sums, another kernel. oneDNN's 1x1 kernel dies on some virtual machines, and
# with nothing to catch. Those without a stride see an image as one row, which its kernels divide
# better than many short ones (RATIONALE.md). Where that kernel lives, and is faster, plain is True.
class FusedResNet(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  blocks : List[int]
  plain : bool
  dtype : int
  momentum : float
  part_values : int
  weights : Dict[str, Tensor]
  unfolded : Dict[str, Tensor]
  packed : Dict[str, Tensor]
  bins : int
  observing : bool
  limits : Dict[str, Tensor]
  counts : Dict[str, Tensor]
  # Takes the tensors for batch statistics: those of batch norm stay shared with the caller, the
  # convolutions are packed.
  def load(self: __torch__.FusedResNet,
    w: Dict[str, Tensor],
    like: Tensor) -> Tensor:
    self.weights = w
    unfolded = self.unfolded
    for name in torch.keys(w):
      if torch.endswith(name, ".running_mean"):
        conv = __torch__.folding.convolution(torch.slice(name, 0, -13))
        unfolded[conv] = self.pack_layer(conv, w[conv + ".weight"])
    return like
  # Packs some convolutions for running statistics, given with their batch norms by torchvision's
  # names. Nothing is shared.
  def pack(self: __torch__.FusedResNet,
    w: Dict[str, Tensor],
    like: Tensor) -> Tensor:
    packed = self.packed
    for name in torch.keys(w):
      if torch.endswith(name, ".running_mean"):
        bn = torch.slice(name, 0, -13)
        conv = __torch__.folding.convolution(bn)
        weight, bias, = __torch__.folding.folded(w, conv, bn)
        packed[conv + ".weight"] = self.pack_layer(conv, weight)
        packed[conv + ".bias"] = torch.to(bias, self.dtype)
    return like
  # Frees what pack made.
  def unpack(self: __torch__.FusedResNet, like: Tensor) -> Tensor:
    self.packed = annotate(Dict[str, Tensor], {})
    return like
  def pack_layer(self: __torch__.FusedResNet, conv: str, w: Tensor) -> Tensor:
    n = __torch__.folding.stride(conv)
    stride = [n, n]
    padding = [0, 0]
    if conv == "conv1":
      padding = [3, 3]
      w = __torch__.pixels.first_weight(w)
    elif torch.endswith(conv, "conv2"):
      padding = [1, 1]
    elif torch.__not__(self.plain):
      stride = self.across(n)
      w = torch.permute(torch.reshape(w, [torch.size(w, 0), 1, 2, -1]), [0, 3, 1, 2])
    w = torch.contiguous(torch.to(w, self.dtype), memory_format=2)
    return ops.mkldnn._reorder_convolution_weight(w, padding, stride, [1, 1], 1, None)
  # attr: "relu" or "none"
  def conv(self: __torch__.FusedResNet,
    x: Tensor,
    name: str,
    stride: List[int],
    padding: List[int],
    attr: str) -> Tensor:
    y = ops.mkldnn._convolution_pointwise(x, self.packed[name + ".weight"], self.packed[name + ".bias"],
      padding, stride, [1, 1], 1, attr, annotate(List[Optional[number]], []), "")
    return self.seen(y, name)
  # The strides of a 1x1 convolution of this stride.
  def across(self: __torch__.FusedResNet, stride: int) -> List[int]:
    strides = [stride, torch.mul(2, stride)]
    if self.plain:
      strides = [stride, stride]
    return strides
  # [n, c, h, w] -> the same memory as [n, c / 2, h, 2 w]
  def halved(self: __torch__.FusedResNet, x: Tensor) -> Tensor:
    if torch.__not__(self.plain):
      n, c, h, w = torch.size(x, 0), torch.size(x, 1), torch.size(x, 2), torch.size(x, 3)
      rows = torch.reshape(torch.permute(x, [0, 2, 3, 1]), [n, h, torch.mul(2, w), torch.floordiv(c, 2)])
      x = torch.permute(rows, [0, 3, 1, 2])
    return x
  # [n, c, h, w] -> the same memory as [n, c / 2, 1, 2 h w]
  def row(self: __torch__.FusedResNet, x: Tensor) -> Tensor:
    if torch.__not__(self.plain):
      n, c = torch.size(x, 0), torch.size(x, 1)
      rows = torch.reshape(torch.permute(x, [0, 2, 3, 1]), [n, 1, -1, torch.floordiv(c, 2)])
      x = torch.permute(rows, [0, 3, 1, 2])
    return x
  # [n, c, h, w] -> the same memory as [n, c, 1, h w], as row's result has it
  def flat(self: __torch__.FusedResNet, x: Tensor) -> Tensor:
    if torch.__not__(self.plain):
      x = self.image(x, 1, torch.mul(torch.size(x, 2), torch.size(x, 3)))
    return x
  # [n, c, 1, h w] -> the same memory as [n, c, h, w]
  def image(self: __torch__.FusedResNet, x: Tensor, h: int, w: int) -> Tensor:
    images = torch.reshape(torch.permute(x, [0, 2, 3, 1]), [torch.size(x, 0), h, w, -1])
    return torch.permute(images, [0, 3, 1, 2])
  # x: [n, c, h, w] -> [n, 4 * width, h / stride, w / stride]; x is overwritten.
  def bottleneck(self: __torch__.FusedResNet,
    x: Tensor,
    name: str,
    stride: int,
    first: bool) -> Tensor:
    h, w = torch.size(x, 2), torch.size(x, 3)
    y = self.conv(self.row(x), name + ".conv1", self.across(1), [0, 0], "relu")
    y = self.conv(self.image(y, h, w), name + ".conv2", [stride, stride], [1, 1], "relu")
    h, w = torch.size(y, 2), torch.size(y, 3)
    if first:
      x = self.conv(self.halved(x), name + ".downsample.0", self.across(stride), [0, 0], "none")
    z = ops.mkldnn._convolution_pointwise_(self.flat(x), self.row(y),
      self.packed[name + ".conv3.weight"], self.packed[name + ".conv3.bias"], [0, 0], self.across(1), [1, 1], 1,
      "add", 1.0, "relu", annotate(List[Optional[number]], []), "")
    return self.seen(self.image(z, h, w), name)
  # pixels: uint8 [n, h, w, 3] -> float32 [n, 2048, h / 32, w / 32]
  def maps_by_running_statistics(self: __torch__.FusedResNet, pixels: Tensor) -> Tensor:
    x = torch.to(__torch__.pixels.centred(pixels), self.dtype)
    x = self.conv(x, "conv1", [2, 2], [3, 3], "relu")
    x = torch.max_pool2d(x, [3, 3], [2, 2], [1, 1])
    for stage in range(1, 5):
      for i in range(self.blocks[stage - 1]):
        stride = 1
        if torch.__and__(i == 0, stage > 1):
          stride = 2
        x = self.bottleneck(x, "layer" + str(stage) + "." + str(i), stride, i == 0)
    return torch.to(x, 6)
  # pixels: uint8 [n, h, w, 3] -> float32 [n, 2048]
  def features_by_running_statistics(self: __torch__.FusedResNet, pixels: Tensor) -> Tensor:
    return torch.mean(self.maps_by_running_statistics(pixels), [2, 3])
  # By batch statistics a batch goes through each layer in parts: what is done between two
  # convolutions finds its values in the processor's caches, and only the convolutions' outputs are
  # kept of the whole batch. Of these, z, each part is followed by its moments.
  #
  # One part through a convolution.
  def bare(self: __torch__.FusedResNet,
    x: Tensor,
    conv: str,
    stride: List[int],
    padding: List[int]) -> Tensor:
    return ops.mkldnn._convolution_pointwise(x, self.unfolded[conv], None, padding, stride, [1, 1], 1,
      "none", annotate(List[Optional[number]], []), "")
  # z: a part, [n, c, h, w] -> mean and variance of each channel, float32 [2, c]
  def moments(self: __torch__.FusedResNet, z: Tensor) -> Tensor:
    moved = torch.zeros([2, torch.size(z, 1)], dtype=6)
    mean, variance, = torch.batch_norm_update_stats(z, moved[0], moved[1], 1.0)
    return torch.stack([mean, variance])
  # Mean and scale, gamma / sqrt(variance + eps), of each channel over all parts, float32 [c] each; moves
  # the running statistics. The variance is the mean of the parts' own and of the squares by which
  # their means are off. In double precision: what is rounded here grows from block to block.
  def statistics(self: __torch__.FusedResNet,
    z: List[Tensor],
    moments: List[Tensor],
    bn: str) -> Tuple[Tensor, Tensor]:
    w = self.weights
    counts = annotate(List[int], [])
    for i in range(torch.len(z)):
      counts = torch.append(counts, torch.floordiv(torch.numel(z[i]), torch.size(z[i], 1)))
    count = torch.reshape(torch.tensor(counts, dtype=7), [-1, 1])
    total = float(torch.sum(count))
    share = torch.div(count, total)
    each = torch.to(torch.stack(moments), 7)
    means = torch.select(each, 1, 0)
    mean = torch.sum(torch.mul(means, share), [0])
    off = torch.sub(means, mean)
    squares = torch.add(torch.select(each, 1, 1), torch.mul(off, off))
    variance = torch.sum(torch.mul(squares, share), [0])
    scale = torch.mul(w[bn + ".weight"], torch.rsqrt(torch.add(variance, 1e-05)))
    mean = torch.to(mean, 6)
    unbiased = torch.to(torch.mul(variance, torch.div(total, torch.sub(total, 1.0))), 6)
    moved = torch.lerp_(w[bn + ".running_mean"], mean, self.momentum)
    moved = torch.lerp_(w[bn + ".running_var"], unbiased, self.momentum)
    counted = torch.add_(w[bn + ".num_batches_tracked"], 1)
    return (mean, torch.to(scale, 6))
  # (z - mean) * scale + beta
  def normed(self: __torch__.FusedResNet, z: Tensor, bn: str, mean: Tensor, scale: Tensor) -> Tensor:
    return torch.batch_norm(z, scale, self.weights[bn + ".bias"], mean, torch.ones_like(mean), False, 0.0, 0.0, True)
  # x: parts [n, c, h, w] -> parts [n, 4 * width, h / stride, w / stride]
  def normed_bottleneck(self: __torch__.FusedResNet,
    x: List[Tensor],
    name: str,
    stride: int,
    first: bool) -> List[Tensor]:
    z = annotate(List[Tensor], [])
    moments = annotate(List[Tensor], [])
    parts = torch.len(x)
    h, w = torch.size(x[0], 2), torch.size(x[0], 3)
    for i in range(parts):
      z = torch.append(z, self.bare(self.row(x[i]), name + ".conv1", self.across(1), [0, 0]))
      moments = torch.append(moments, self.moments(z[i]))
    mean, scale, = self.statistics(z, moments, name + ".bn1")
    for i in range(parts):
      y = self.image(torch.relu_(self.normed(z[i], name + ".bn1", mean, scale)), h, w)
      z = torch._set_item(z, i, self.bare(y, name + ".conv2", [stride, stride], [1, 1]))
      moments = torch._set_item(moments, i, self.moments(z[i]))
    mean, scale, = self.statistics(z, moments, name + ".bn2")
    h, w = torch.size(z[0], 2), torch.size(z[0], 3)
    for i in range(parts):
      y = torch.relu_(self.normed(z[i], name + ".bn2", mean, scale))
      z = torch._set_item(z, i, self.bare(self.row(y), name + ".conv3", self.across(1), [0, 0]))
      moments = torch._set_item(moments, i, self.moments(z[i]))
    mean, scale, = self.statistics(z, moments, name + ".bn3")
    if first:
      x = self.normed_downsample(x, name, stride)
    for i in range(parts):
      y = torch.add_(self.image(self.normed(z[i], name + ".bn3", mean, scale), h, w), x[i])
      z = torch._set_item(z, i, torch.relu_(y))
    return z
  def normed_downsample(self: __torch__.FusedResNet, x: List[Tensor], name: str, stride: int) -> List[Tensor]:
    z = annotate(List[Tensor], [])
    moments = annotate(List[Tensor], [])
    bn = name + ".downsample.1"
    for i in range(torch.len(x)):
      z = torch.append(z, self.bare(self.halved(x[i]), name + ".downsample.0", self.across(stride), [0, 0]))
      moments = torch.append(moments, self.moments(z[i]))
    mean, scale, = self.statistics(z, moments, bn)
    for i in range(torch.len(z)):
      z = torch._set_item(z, i, self.normed(z[i], bn, mean, scale))
    return z
  # pixels: uint8 [n, h, w, 3] -> parts [n, 64, h / 4, w / 4]
  def normed_stem(self: __torch__.FusedResNet, pixels: Tensor) -> List[Tensor]:
    z = annotate(List[Tensor], [])
    moments = annotate(List[Tensor], [])
    # The widest activations have 16 values a pixel.
    image = torch.mul(16, torch.mul(torch.size(pixels, 1), torch.size(pixels, 2)))
    images = 1
    if image < self.part_values:
      images = torch.floordiv(self.part_values, image)
    for part in torch.split(pixels, images):
      x = torch.to(__torch__.pixels.centred(part), self.dtype)
      z = torch.append(z, self.bare(x, "conv1", [2, 2], [3, 3]))
      moments = torch.append(moments, self.moments(z[-1]))
    mean, scale, = self.statistics(z, moments, "bn1")
    for i in range(torch.len(z)):
      y = torch.relu_(self.normed(z[i], "bn1", mean, scale))
      z = torch._set_item(z, i, torch.max_pool2d(y, [3, 3], [2, 2], [1, 1]))
    return z
  # pixels: uint8 [n, h, w, 3] -> float32 [n, 2048]
  def features_by_batch_statistics(self: __torch__.FusedResNet, pixels: Tensor) -> Tensor:
    x = self.normed_stem(pixels)
    for stage in range(1, 5):
      for i in range(self.blocks[stage - 1]):
        stride = 1
        if torch.__and__(i == 0, stage > 1):
          stride = 2
        x = self.normed_bottleneck(x, "layer" + str(stage) + "." + str(i), stride, i == 0)
    means = annotate(List[Tensor], [])
    for i in range(torch.len(x)):
      means = torch.append(means, torch.mean(torch.to(x[i], 6), [2, 3]))
    return torch.cat(means)
  # Counts how large the values of the activations are that int8 must round, from image to image.
  def observe(self: __torch__.FusedResNet, pixels: Tensor) -> Tensor:
    self.observing = True
    x = self.features_by_running_statistics(pixels)
    self.observing = False
    return x
  # What was counted: float64 [activations, bins + 1] in the order of computation, the upper limit of
  # an activation's bins behind its counts.
  def histograms(self: __torch__.FusedResNet, like: Tensor) -> Tensor:
    rows = annotate(List[Tensor], [])
    for name in torch.keys(self.counts):
      limit = torch.reshape(torch.to(self.limits[name], 7), [1])
      rows = torch.append(rows, torch.cat([self.counts[name], limit]))
    return torch.stack(rows)
  def seen(self: __torch__.FusedResNet, x: Tensor, name: str) -> Tensor:
    if self.observing:
      self.count(x, name)
    return x
  # Every seventh value is enough, and 7 divides no number of channels. The first batch sets how far
  # the bins reach: to twice its largest value.
  def count(self: __torch__.FusedResNet, x: Tensor, name: str) -> NoneType:
    limits = self.limits
    counts = self.counts
    values = torch.reshape(torch.permute(x, [0, 2, 3, 1]), [-1])
    values = torch.abs(torch.to(torch.slice(values, 0, 0, 9223372036854775807, 7), 6))
    if torch.__not__(torch.__contains__(limits, name)):
      limits[name] = torch.clamp(torch.mul(torch.max(values), 2.0), 1e-06)
      counts[name] = torch.zeros([self.bins], dtype=7)
    limit = float(limits[name])
    counted = torch.histc(torch.clamp(values, 0.0, limit), self.bins, 0.0, limit)
    counts[name] = torch.add(counts[name], torch.to(counted, 7))
    return None
