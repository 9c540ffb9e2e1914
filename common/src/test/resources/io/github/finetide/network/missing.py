# A page that calls an operator which this libtorch does not have.
class Missing(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def pack(self: __torch__.Missing, w: Dict[str, Tensor], like: Tensor) -> Tensor:
    return ops.mkldnn._convolution_of_another_release(like)
