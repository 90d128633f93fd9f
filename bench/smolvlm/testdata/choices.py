"""Writes choices.json: what the reference image processor makes of pictures at every size that it can be set to.

    pip install transformers==5.23.0 pillow==11.3.0 numpy==2.4.6
    engine-bench write --dir DIR --text-layers 1 --vision-layers 1
    python3 choices.py DIR choices.json

`edge` is size.longest_edge, 0 where pictures are not split. `levels` is the SHA-256 of the pixel tensor as levels of 0 to 255. Pillow 13
scales in another order of axes than the models were trained with: use an older one.
"""
import hashlib, json, sys
import numpy as np
from PIL import Image
from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil

SIZES = [(1280, 720), (720, 1280), (640, 480), (512, 512), (2560, 400), (37, 50)]


def picture(width, height, seed):
    """make.py and the Go test draw the same."""
    y, x = np.mgrid[0:height, 0:width].astype(np.int64)
    img = np.stack([x * 255 // max(width - 1, 1), y * 255 // max(height - 1, 1), (x * x + 3 * y * y + 97 * seed >> 5) & 255], -1)
    img[(x * 4 >= width) & (x * 2 < width) & (y * 4 >= height) & (y * 2 < height)] = (230, 20 + 10 * seed, 20)
    img[(x * 3 > 2 * width) & (x // 3 % 2 == 0)] = 250
    return Image.fromarray(img.astype(np.uint8))


def main():
    folder, target = sys.argv[1:3]
    pictures = Idefics3ImageProcessorPil.from_pretrained(folder)
    out = []
    for seed, (width, height) in enumerate(SIZES):
        for edge in (0, 1024, 1536, 2048):
            kw = dict(do_image_splitting=False) if edge == 0 else dict(do_image_splitting=True, size=dict(longest_edge=edge))
            made = pictures([[picture(width, height, seed)]], return_row_col_info=True, return_tensors='np', **kw)
            pixels = made['pixel_values'][0].astype(np.float32)
            levels = np.rint((pixels * .5 + .5) * 255).astype(np.uint8)
            many = len(pixels) > 1
            out.append(dict(width=width, height=height, seed=seed, edge=edge, images=len(pixels),
                            rows=int(made['rows'][0][0]) if many else 0, cols=int(made['cols'][0][0]) if many else 0,
                            levels=hashlib.sha256(levels.tobytes()).hexdigest()))
            print(out[-1], flush=True)
    with open(target, 'w') as f:
        f.write('[\n' + ',\n'.join(json.dumps(x) for x in out) + '\n]\n')


if __name__ == '__main__':
    main()
