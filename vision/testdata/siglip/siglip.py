"""Writes the golden tensors of this folder with the reference image processor of models that take one square, Gemma 3n among them.

Needs: transformers 5.24.0, pillow 11.3.0, numpy. Run in this directory: python3 siglip.py
Files as in ../golden, whose script draws the pictures. The variant of the processor that computes with torch may differ from this one by one
level of 255, since it rounds elsewhere.
"""
import gzip
import json
import sys

from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

sys.path.append("../golden")
from golden import picture  # noqa: E402

CASES = [
    ("square_down", 161, 90, {}),
    ("square_up", 13, 17, {}),
    ("square_same", 32, 32, {}),
    ("square_normalized", 50, 40, {"do_normalize": True}),
    ("square_bicubic", 97, 121, {"resample": 3}),
]

index = []
for seed, (name, width, height, changes) in enumerate(CASES):
    config = {
        "image_processor_type": "SiglipImageProcessorFast", "do_convert_rgb": None, "do_resize": True, "size": {"height": 32, "width": 32},
        "resample": 2, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": False, "image_mean": [0.5, 0.4, 0.3], "image_std": [0.5, 0.6, 0.7],
    }
    config.update(changes)
    arguments = {k: v for k, v in config.items() if k != "image_processor_type"}
    image = picture(width, height, seed)
    image.save(name + ".png", optimize=True)
    pixels = SiglipImageProcessorPil(**arguments).preprocess([image], return_tensors="np")["pixel_values"].astype("<f4")
    with open(name + ".f32.gz", "wb") as file:
        file.write(gzip.compress(pixels.tobytes(), 9, mtime=0))
    with open(name + ".json", "w") as file:
        json.dump(config, file, indent=1)
    index.append({"name": name, "shape": list(pixels.shape), "rows": 0, "cols": 0})
with open("cases.json", "w") as file:
    json.dump(index, file, indent=1)
