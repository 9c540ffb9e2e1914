# Matrix products, one after the other: x <- x a (transposed). Each needs the one before, so none is left out.
class Product(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  dtype : int
  packed : Dict[str, Tensor]
  # With a packed as the network's weights are, at the first call: torch.mm takes it as it lies, and on
  # some processors makes less than half of it.
  # a, x: float32 [n, n] -> a scalar
  def floats(self: __torch__.Product, a: Tensor, x: Tensor, times: Tensor) -> Tensor:
    n = torch.size(a, 0)
    packed = self.packed
    if torch.__not__(torch.__contains__(packed, "a")):
      packed["a"] = ops.mkldnn._reorder_linear_weight(torch.contiguous(torch.to(a, self.dtype)), n)
    bias = torch.zeros([n], dtype=self.dtype)
    y = torch.to(x, self.dtype)
    for i in range(int(times)):
      y = ops.mkldnn._linear_pointwise(y, packed["a"], bias, "none", annotate(List[Optional[number]], []), "")
    return torch.sum(torch.to(y, 6))
  # The same in int8 with sums in int32, of which the lowest 8 bits go on.
  def integers(self: __torch__.Product, a: Tensor, x: Tensor, times: Tensor) -> Tensor:
    left = torch.to(a, self.dtype)
    y = torch.to(x, self.dtype)
    for i in range(int(times)):
      y = torch.to(torch._int_mm(left, y), self.dtype)
    return torch.sum(torch.to(y, 6))
