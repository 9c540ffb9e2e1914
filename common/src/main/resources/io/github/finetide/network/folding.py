# Batch norm with constant statistics, multiplied into the convolution before it:
# scale = gamma / sqrt(var + eps), weight' = weight * scale, bias' = beta - mean * scale.
def folded(w: Dict[str, Tensor], conv: str, bn: str) -> Tuple[Tensor, Tensor]:
  scale = torch.mul(w[bn + ".weight"], torch.rsqrt(torch.add(w[bn + ".running_var"], 1e-05)))
  weight = torch.mul(w[conv + ".weight"], torch.reshape(scale, [-1, 1, 1, 1]))
  bias = torch.sub(w[bn + ".bias"], torch.mul(w[bn + ".running_mean"], scale))
  return (weight, bias)
# The convolution before a batch norm, by torchvision's names.
def convolution(bn: str) -> str:
  return torch.replace(torch.replace(bn, "bn", "conv"), "downsample.1", "downsample.0")
# Its stride, by its name.
def stride(conv: str) -> int:
  n = 1
  if torch.__contains__(["conv1",
    "layer2.0.conv2", "layer3.0.conv2", "layer4.0.conv2",
    "layer2.0.downsample.0", "layer3.0.downsample.0", "layer4.0.downsample.0"], conv):
    n = 2
  return n
