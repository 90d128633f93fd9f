"""Writes the golden patches of the vision package with the reference image processor of the Qwen VL family.

Needs: transformers 4.57.1, pillow 11.3.0, numpy. Run in this directory: python3 golden.py
For each case: NAME.png is the picture and NAME.f32.gz the little-endian float32 tensor [patches, channels × frames × side × side]. CONFIG.json is
a preprocessor config, and cases.json names the config of each case, its grid [frames, rows, columns] in patches, and the shape.
This version of the processor ignores size where it is made and honours it where it is called, so it is handed over there.
"""
import gzip
import json

import numpy as np
from PIL import Image
from transformers import Qwen2VLImageProcessor

CONFIGS = {
    # As Qwen3-VL publishes it, smaller: the switches are left to the class.
    "edges": {
        "size": {"longest_edge": 4096, "shortest_edge": 256}, "patch_size": 4, "temporal_patch_size": 2, "merge_size": 2,
        "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "processor_class": "Qwen3VLProcessor",
        "image_processor_type": "Qwen2VLImageProcessorFast",
    },
    # As Qwen2-VL does.
    "pixels": {
        "min_pixels": 3136, "max_pixels": 6272, "patch_size": 14, "temporal_patch_size": 2, "merge_size": 2,
        "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711],
        "image_processor_type": "Qwen2VLImageProcessor", "processor_class": "Qwen2VLProcessor",
    },
    # Every field written out, and unusual values.
    "full": {
        "do_convert_rgb": True, "do_resize": True, "size": {"shortest_edge": 300, "longest_edge": 2700}, "resample": 2, "do_rescale": True,
        "rescale_factor": 0.01, "do_normalize": False, "patch_size": 5, "temporal_patch_size": 3, "merge_size": 3,
        "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "image_processor_type": "Qwen2VLImageProcessor",
    },
}

CASES = [
    # name, config, width, height
    ("exact", "edges", 32, 24),
    ("square", "edges", 16, 16),
    ("wide", "edges", 100, 37),
    ("tall", "edges", 33, 90),
    ("halves", "edges", 20, 12),  # 2.5 and 1.5 cells: halves go to the even number
    ("large", "edges", 161, 120),
    ("tiny", "edges", 5, 7),
    ("thin", "edges", 390, 5),
    ("clip", "pixels", 131, 45),
    ("bilinear", "full", 61, 70),
]


def picture(width, height, seed):
    """A picture with edges, gradients, a disc and noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    img = np.zeros((height, width, 3))
    img[..., 0] = 255 * x / width
    img[..., 1] = 255 * y / height
    img[..., 2] = 40 + 150 * (seed % 2)
    img[(x - width * 0.3) ** 2 + (y - height * 0.4) ** 2 < (0.2 * height) ** 2] = (230, 20, 20)
    img[(x > width * 0.6) & (y > height * 0.5) & ((x // 3) % 2 == 0)] = (250, 250, 250)
    img += rng.normal(0, 3, img.shape)
    return Image.fromarray(np.clip(img, 0, 255).astype(np.uint8))


def main():
    index = []
    for name, config in CONFIGS.items():
        with open(name + ".json", "w") as file:
            json.dump(config, file, indent=1)
            file.write("\n")
    for seed, (name, config, width, height) in enumerate(CASES):
        arguments = {k: v for k, v in CONFIGS[config].items() if k not in ("image_processor_type", "processor_class", "size")}
        size = CONFIGS[config].get("size")
        image = picture(width, height, seed)
        image.save(name + ".png", optimize=True)
        out = Qwen2VLImageProcessor(**arguments).preprocess([image], **({"size": size} if size else {}), return_tensors="np")
        pixels, grid = out["pixel_values"].astype("<f4"), out["image_grid_thw"][0].tolist()
        with open(name + ".f32.gz", "wb") as file:
            file.write(gzip.compress(pixels.tobytes(), 9, mtime=0))
        index.append({"name": name, "config": config, "grid": grid, "shape": list(pixels.shape)})
        print(name, (width, height), grid, pixels.shape)
    with open("cases.json", "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in index) + "\n]\n")


if __name__ == "__main__":
    main()
