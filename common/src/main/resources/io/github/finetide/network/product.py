# Matrix products, one after the other: x <- a x. Each needs the one before, so none is left out.
class Product(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  dtype : int
  # a, x: float32 [n, n] -> a scalar
  def floats(self: __torch__.Product, a: Tensor, x: Tensor, times: Tensor) -> Tensor:
    left = torch.to(a, self.dtype)
    y = torch.to(x, self.dtype)
    for i in range(int(times)):
      y = torch.mm(left, y)
    return torch.sum(torch.to(y, 6))
  # The same in int8 with sums in int32, of which the lowest 8 bits go on.
  def integers(self: __torch__.Product, a: Tensor, x: Tensor, times: Tensor) -> Tensor:
    left = torch.to(a, self.dtype)
    y = torch.to(x, self.dtype)
    for i in range(int(times)):
      y = torch.to(torch._int_mm(left, y), self.dtype)
    return torch.sum(torch.to(y, 6))
