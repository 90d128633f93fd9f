"""Writes the checkpoints that the tests read, with PyTorch 2.15.0, in both forms: python make.py"""
from collections import OrderedDict

import torch

shared = torch.arange(10, dtype=torch.float32)
state = OrderedDict(
    matrix=torch.arange(6, dtype=torch.float32).reshape(2, 3) / 4,
    kernel=torch.arange(24, dtype=torch.float32).reshape(2, 1, 3, 4),
    half=torch.tensor([0.5, -2.0], dtype=torch.float16),
    bfloat=torch.tensor([1.0, -3.0], dtype=torch.bfloat16),
    first=shared[:4],
    last=shared[4:],
    counter=torch.tensor(7),
    turned=torch.arange(24, dtype=torch.float32).reshape(2, 3, 4).permute(2, 0, 1),
    parameter=torch.nn.Parameter(torch.tensor([1.5])),
)
model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3, bias=False), torch.nn.BatchNorm2d(4))
with torch.no_grad():
    for i, p in enumerate(model.parameters()):
        p.copy_(torch.arange(p.numel()).reshape(p.shape) + i)
for name, zipped in (("archive", True), ("legacy", False)):
    torch.save(state, name + ".pth", _use_new_zipfile_serialization=zipped)
    torch.save(model.state_dict(), name + "_module.pth", _use_new_zipfile_serialization=zipped)
    torch.save({"gaps": torch.zeros(2, 6)[:, ::2]}, name + "_gaps.pth", _use_new_zipfile_serialization=zipped)
    torch.save({"called": slice(1)}, name + "_called.pth", _use_new_zipfile_serialization=zipped)
