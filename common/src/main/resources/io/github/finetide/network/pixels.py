# ToTensor and Normalize of torchvision, with the statistics of ImageNet.
# pixels: uint8 [n, h, w, 3], RGB -> float32 [n, 3, h, w] = (pixels / 255 - mean) / std
def normalised(pixels: Tensor) -> Tensor:
  x = torch.contiguous(torch.to(torch.permute(pixels, [0, 3, 1, 2]), 6), memory_format=0)
  x = torch.div_(x, 255)
  device = ops.prim.device(pixels)
  mean = torch.tensor([0.485, 0.456, 0.406], dtype=6, device=device)
  std = torch.tensor([0.229, 0.224, 0.225], dtype=6, device=device)
  x = torch.sub_(x, torch.reshape(mean, [3, 1, 1]))
  return torch.div_(x, torch.reshape(std, [3, 1, 1]))
