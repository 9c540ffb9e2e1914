# Where the copy to an NVIDIA GPU can read it while the processor goes on. like: where it is to go
def pinned(x: Tensor, like: Tensor) -> Tensor:
  if ops.prim.is_cuda(like):
    x = torch.pin_memory(x)
  return x
# ToTensor and Normalize of torchvision, with the statistics of ImageNet.
# pixels: uint8 [n, h, w, 3], RGB -> float32 [n, 3, h, w] = (pixels / 255 - mean) / std
def normalised(pixels: Tensor) -> Tensor:
  x = torch.contiguous(torch.to(torch.permute(pixels, [0, 3, 1, 2]), 6), memory_format=0)
  x = torch.div_(x, 255)
  x = torch.sub_(x, __torch__.pixels.each_channel(x, 0.485, 0.456, 0.406))
  return torch.div_(x, __torch__.pixels.each_channel(x, 0.229, 0.224, 0.225))
# A number for each channel, made where x is: copied from the processor, it would make that wait for its GPU.
# x: [n, 3, h, w] -> float32 [3, 1, 1]
def each_channel(x: Tensor, red: float, green: float, blue: float) -> Tensor:
  device = ops.prim.device(x)
  channels = [torch.full([1, 1, 1], red, dtype=6, device=device),
    torch.full([1, 1, 1], green, dtype=6, device=device),
    torch.full([1, 1, 1], blue, dtype=6, device=device)]
  return torch.cat(channels)
# The same but for the division by std, which is left to a first layer of weight / (255 * std).
# pixels: uint8 [n, h, w, 3] -> float32 [n, 3, h, w], channels last, = pixels - 255 * mean
def centred(pixels: Tensor) -> Tensor:
  x = torch.to(torch.permute(pixels, [0, 3, 1, 2]), 6)
  mean = torch.tensor([123.675, 116.28, 103.53], dtype=6)
  return torch.sub_(x, torch.reshape(mean, [3, 1, 1]))
# weight: float32 [64, 3, 7, 7], for normalised pixels -> for centred or raw ones
def first_weight(weight: Tensor) -> Tensor:
  std = torch.tensor([58.395, 57.12, 57.375], dtype=6)
  return torch.div(weight, torch.reshape(std, [3, 1, 1]))
# Raw pixels in a frame of the mean colour, each block of 2x2 as 16 channels of which the last 4 are 0:
# for a 7x7 layer with stride 2, as a 4x4 layer with stride 1 (blocked_weight), without padding of its own.
# pixels: uint8 [n, h, w, 3] -> uint8 [n, oh + 3, ow + 3, 16], oh and ow being the size of the output
def blocked(pixels: Tensor) -> Tensor:
  n, h, w = torch.size(pixels, 0), torch.size(pixels, 1), torch.size(pixels, 2)
  rows = torch.floordiv(torch.add(h, 7), 2)
  columns = torch.floordiv(torch.add(w, 7), 2)
  mean = torch.tensor([124, 116, 104], dtype=0)
  framed = torch.contiguous(torch.expand(mean, [n, torch.mul(2, rows), torch.mul(2, columns), 3]))
  inside = torch.slice(torch.slice(framed, 1, 3, torch.add(h, 3)), 2, 3, torch.add(w, 3))
  inside = torch.copy_(inside, pixels)
  pairs = torch.reshape(framed, [n, rows, 2, columns, 6])
  x = torch.zeros([n, rows, columns, 16], dtype=0)
  upper = torch.copy_(torch.slice(x, 3, 0, 6), torch.select(pairs, 2, 0))
  lower = torch.copy_(torch.slice(x, 3, 6, 12), torch.select(pairs, 2, 1))
  return x
# weight: [64, 3, 7, 7] -> [64, 16, 4, 4]
def blocked_weight(weight: Tensor) -> Tensor:
  w = torch.reshape(torch.constant_pad_nd(weight, [0, 1, 0, 1]), [-1, 3, 4, 2, 4, 2])
  w = torch.reshape(torch.permute(w, [0, 3, 5, 1, 2, 4]), [-1, 12, 4, 4])
  return torch.contiguous(torch.constant_pad_nd(w, [0, 0, 0, 0, 0, 4]))
# What the mean colour adds to each output of a first layer of raw pixels.
# weight: float32 [64, 3, 7, 7] -> float32 [64]
def mean_response(weight: Tensor) -> Tensor:
  mean = torch.tensor([123.675, 116.28, 103.53], dtype=6)
  return torch.sum(torch.mul(weight, torch.reshape(mean, [3, 1, 1])), [1, 2, 3])
