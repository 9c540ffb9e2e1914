# torch.optim.Adam and AdamW, all parameters in one call: a few kernels for lists of tensors on a GPU.
class Adam(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  parameters : Dict[str, Tensor]
  means : Dict[str, Tensor]
  squares : Dict[str, Tensor]
  # What it changes stays shared with the caller; the moments have the parameters' names.
  def load(self: __torch__.Adam, parameters: Dict[str, Tensor], like: Tensor) -> Tensor:
    self.parameters = parameters
    return like
  def load_means(self: __torch__.Adam, means: Dict[str, Tensor], like: Tensor) -> Tensor:
    self.means = means
    return like
  def load_squares(self: __torch__.Adam, squares: Dict[str, Tensor], like: Tensor) -> Tensor:
    self.squares = squares
    return like
  # Uses the gradients, then sets them to 0. numbers: float64 [7] on the processor: beta1, beta2, epsilon,
  # the share of the value that the gradient grows by, the factor of the value, the step's size (negative)
  # and the root of the second moment's bias correction.
  def step(self: __torch__.Adam, numbers: Tensor) -> Tensor:
    values = annotate(List[Tensor], [])
    gradients = annotate(List[Tensor], [])
    means = annotate(List[Tensor], [])
    squares = annotate(List[Tensor], [])
    for name in torch.keys(self.parameters):
      values = torch.append(values, self.parameters[name])
      gradients = torch.append(gradients, ops.prim.grad(self.parameters[name]))
      means = torch.append(means, self.means[name])
      squares = torch.append(squares, self.squares[name])
    beta1, beta2, epsilon = float(numbers[0]), float(numbers[1]), float(numbers[2])
    share, factor = float(numbers[3]), float(numbers[4])
    if share != 0.0:
      torch._foreach_add_(gradients, torch._foreach_mul(values, share))
    if factor != 1.0:
      torch._foreach_mul_(values, factor)
    torch._foreach_mul_(means, beta1)
    torch._foreach_add_(means, torch._foreach_mul(gradients, torch.sub(1.0, beta1)))
    torch._foreach_mul_(squares, beta2)
    scaled = torch._foreach_mul(gradients, torch.sub(1.0, beta2))
    torch._foreach_mul_(scaled, gradients)
    torch._foreach_add_(squares, scaled)
    divisors = torch._foreach_sqrt(squares)
    torch._foreach_div_(divisors, float(numbers[6]))
    torch._foreach_add_(divisors, epsilon)
    changes = torch._foreach_mul(means, float(numbers[5]))
    torch._foreach_div_(changes, divisors)
    torch._foreach_add_(values, changes)
    torch._foreach_zero_(gradients)
    # libtorch drops what changes the members of a list unless some member is read afterwards: one of each.
    return torch.stack([self.first(values), self.first(means), self.first(squares), self.first(gradients)])
  def first(self: __torch__.Adam, tensors: List[Tensor]) -> Tensor:
    return torch.select(torch.reshape(tensors[0], [-1]), 0, 0)
