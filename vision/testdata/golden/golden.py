"""Writes the golden tensors of the vision package with the reference image processor.

Needs: transformers 4.57.1, pillow 11.3.0, numpy. Run in this directory: python3 golden.py
Pillow 13 filters rows before columns where a picture shrinks more in height than in width, which moves the rounding in between;
the models of this family were trained with the older order, columns first, which the package keeps.
For each case: NAME.png is the picture, NAME.json the preprocessor config, NAME.f32.gz the little-endian float32 tensor
[images, 3, height, width], and cases.json lists the shapes and tile grids.
"""
import gzip
import json

import numpy as np
from PIL import Image
from transformers import Idefics3ImageProcessor

CASES = [
    # name, width, height, config changes
    ("squash_down", 161, 90, {}),
    ("squash_up", 13, 17, {}),
    ("squash_longer_edge", 97, 61, {"size": {"longest_edge": 64}}),
    ("split_wide", 90, 61, {"do_image_splitting": True, "size": {"longest_edge": 64}}),
    ("split_tall", 21, 70, {"do_image_splitting": True, "size": {"longest_edge": 80}}),
    ("split_single", 30, 20, {"do_image_splitting": True, "size": {"longest_edge": 24}}),
    ("bicubic", 121, 83, {"resample": 3}),
    ("bilinear", 121, 83, {"resample": 2}),
    ("box", 121, 83, {"resample": 4}),
    ("hamming", 121, 83, {"resample": 5}),
    ("nearest", 121, 83, {"resample": 0}),
    ("mean_std", 50, 50, {"image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711]}),
    ("no_normalize", 40, 50, {"do_normalize": False}),
    ("no_resize", 60, 50, {"do_resize": False}),
    ("odd_edge", 41, 41, {"size": {"longest_edge": 27}}),
]


def picture(width, height, seed):
    """A picture with edges, gradients, a disc and noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    img = np.zeros((height, width, 3))
    img[..., 0] = 255 * x / width
    img[..., 1] = 255 * y / height
    img[..., 2] = 40
    img[(x - width * 0.3) ** 2 + (y - height * 0.4) ** 2 < (0.2 * height) ** 2] = (230, 20, 20)
    img[(x > width * 0.6) & (y > height * 0.5) & ((x // 3) % 2 == 0)] = (250, 250, 250)
    img[(x > width * 0.6) & (y < height * 0.3) & ((y // 2) % 2 == 0)] = (10, 30, 220)
    img += rng.normal(0, 4, img.shape)
    return Image.fromarray(np.clip(img, 0, 255).astype(np.uint8))


def main():
    index = []
    for seed, (name, width, height, changes) in enumerate(CASES):
        config = {
            "image_processor_type": "Idefics3ImageProcessor", "do_convert_rgb": True, "do_resize": True,
            "size": {"longest_edge": 24}, "resample": 1, "do_rescale": True, "rescale_factor": 1 / 255,
            "do_normalize": True, "image_mean": [0.5] * 3, "image_std": [0.5] * 3, "do_pad": True,
            "do_image_splitting": False, "max_image_size": {"longest_edge": 24},
        }
        config.update(changes)
        arguments = {k: v for k, v in config.items() if k != "image_processor_type"}
        image = picture(width, height, seed)
        image.save(name + ".png", optimize=True)
        out = Idefics3ImageProcessor(**arguments).preprocess([[image]], return_tensors="np", return_row_col_info=True)
        pixels = out["pixel_values"][0].astype("<f4")
        assert out["pixel_attention_mask"].all()
        with open(name + ".f32.gz", "wb") as file:
            file.write(gzip.compress(pixels.tobytes(), 9, mtime=0))
        with open(name + ".json", "w") as file:
            json.dump(config, file, indent=1)
        index.append({"name": name, "shape": list(pixels.shape), "rows": out["rows"][0][0], "cols": out["cols"][0][0]})
    with open("cases.json", "w") as file:
        json.dump(index, file, indent=1)


if __name__ == "__main__":
    main()
