"""Writes golden.json: what the reference implementation of the Idefics3 processor and model makes of a folder in SmolVLM-256M's shape.

    pip install torch==2.15.0 transformers==5.23.0 pillow==11.3.0
    engine-bench write --dir DIR --text-layers 3 --vision-layers 2 --checkpoint --tokenizer .../smollm2-135m-instruct/tokenizer.json
    python3 make.py DIR golden.json [SQUARES]

Both sides read the same files. For every picture: the grid of tiles, the SHA-256 of the pixel tensor as levels of 0 to 255, some of its values,
and some values of the features. For every talk: the prompt's token ids as [id, how often] and the greedy answer. `margin` is the smallest
distance of the two best scores in the answer. SQUARES leaves out talks about pictures in more squares than that. Pillow 13 scales in another order of axes than the models were trained with: use an older one.
"""
import hashlib, json, sys, time, warnings
import numpy as np, torch
from PIL import Image
from transformers import AutoTokenizer, Idefics3ForConditionalGeneration, Idefics3ImageProcessor, Idefics3Processor

warnings.filterwarnings('ignore')
NEW = 24  # tokens of an answer

SQUARE, TINY, TALL, WIDE, CAMERA, STRIP, SMALL = (512, 512), (8, 8), (300, 1100), (1600, 400), (640, 480), (100, 30), (200, 800)


def talk(*turns):
    return [dict(role=r, text=t, images=[dict(width=w, height=h, seed=s, split=split) for (w, h), s, split in im]) for r, t, im in turns]


TALKS = [
    talk(('user', 'What is 472 + 38?', [])),
    talk(('user', 'What do you see?', [(SQUARE, 1, False)])),
    talk(('user', 'And here?', [(TINY, 2, False)])),
    talk(('user', 'Describe the picture, please.', [(TALL, 3, False)])),
    talk(('user', 'What is written on it?', [(WIDE, 4, True)])),
    talk(('user', 'Read it out.', [(SMALL, 5, True)])),
    talk(('user', 'Compare the two — naïve café?', [(CAMERA, 6, False), (STRIP, 7, False)])),
    talk(('system', 'You are brief.', []), ('user', 'who is he?', []), ('assistant', 'The\n cat — ü.', []), ('user', 'the  other', [(WIDE, 4, True)])),
    talk(('user', 'Compare them.', [(WIDE, 4, True), (SMALL, 5, True)])),
    talk(('user', 'What do you see?', [(CAMERA, 6, True)])),
    talk(('user', 'What do you see?', [(SQUARE, 1, True)])),
    talk(('user', 'What do you see?', [(TINY, 2, True)])),
]


def picture(width, height, seed):
    """The Go test draws the same."""
    y, x = np.mgrid[0:height, 0:width].astype(np.int64)
    img = np.stack([x * 255 // max(width - 1, 1), y * 255 // max(height - 1, 1), (x * x + 3 * y * y + 97 * seed >> 5) & 255], -1)
    img[(x * 4 >= width) & (x * 2 < width) & (y * 4 >= height) & (y * 2 < height)] = (230, 20 + 10 * seed, 20)
    img[(x * 3 > 2 * width) & (x // 3 % 2 == 0)] = 250
    return Image.fromarray(img.astype(np.uint8))


def squares(pictures, im):
    """How many squares the processor makes of a picture."""
    return pictures([[Image.new('RGB', (im['width'], im['height']))]], return_tensors='np', do_image_splitting=im['split'])['pixel_values'].shape[1]


def spots(n, count):
    return [k * 7919 * 7919 % n for k in range(count)]


def main():
    folder, target = sys.argv[1:3]
    most = int(sys.argv[3]) if len(sys.argv) > 3 else 64
    torch.set_num_threads(2)
    model = Idefics3ForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, attn_implementation='eager').eval()
    tokenizer, pictures = AutoTokenizer.from_pretrained(folder), Idefics3ImageProcessor.from_pretrained(folder)
    template = open(folder + '/chat_template.jinja').read()
    processor = Idefics3Processor(pictures, tokenizer, image_seq_len=64, chat_template=template)
    stop, image_token = 49279, 49190
    seen, talks = {}, []
    for messages in TALKS:
        start = time.time()
        images = [im for t in messages for im in t['images']]
        if any(squares(pictures, im) > most for im in images):
            continue
        for im in images:
            key = json.dumps(im)
            if key in seen:
                continue
            made = pictures([[picture(im['width'], im['height'], im['seed'])]], return_row_col_info=True, return_tensors='np', do_image_splitting=im['split'])
            pixels = made['pixel_values'][0].astype(np.float32)
            assert made['pixel_attention_mask'].all()
            levels = np.rint((pixels * .5 + .5) * 255).astype(np.uint8)
            rows, cols = int(made['rows'][0][0]), int(made['cols'][0][0])
            with torch.no_grad():
                out = [model.model.get_image_features(torch.from_numpy(p[None, None])).pooler_output[0] for p in pixels]
            features = torch.cat(out).numpy()
            seen[key] = dict(im, images=len(pixels), rows=rows if len(pixels) > 1 else 0, cols=cols if len(pixels) > 1 else 0,
                             levels=hashlib.sha256(levels.tobytes()).hexdigest(),
                             pixels=[round(float(pixels.flat[k]), 8) for k in spots(pixels.size, 24)],
                             features=[round(float(features.flat[k]), 5) for k in spots(features.size, 48)])
            seen[key]['_'] = features
        chat = [dict(role=t['role'], content=[dict(type='image')] * len(t['images']) + [dict(type='text', text=t['text'])]) for t in messages]
        prompt = processor.apply_chat_template(chat, add_generation_prompt=True)
        # The processor takes one setting for all pictures of a call.
        kw = dict(images=[picture(im['width'], im['height'], im['seed']) for im in images], do_image_splitting=images[0]['split']) if images else {}
        ids = processor(text=prompt, return_tensors='pt', **kw)['input_ids']
        embeds = model.model.text_model.embed_tokens(ids)
        if images:
            features = torch.from_numpy(np.concatenate([seen[json.dumps(im)]['_'] for im in images]))
            embeds = model.model.inputs_merger(input_ids=ids, inputs_embeds=embeds, image_hidden_states=features)
        with torch.no_grad():
            made = model.generate(inputs_embeds=embeds, attention_mask=torch.ones_like(ids), max_new_tokens=NEW, do_sample=False, output_logits=True,
                                  return_dict_in_generate=True, eos_token_id=stop, pad_token_id=2)
        top = torch.stack(made.logits).squeeze(1).topk(2).values
        new = made.sequences[0].tolist()
        runs = []
        for t in ids[0].tolist():
            if runs and runs[-1][0] == t:
                runs[-1][1] += 1
            else:
                runs.append([t, 1])
        talks.append(dict(messages=messages, prompt=runs, ids=new[:-1] if new[-1] == stop else new, margin=round(float((top[:, 0] - top[:, 1]).min()), 5)))
        print(f'{time.time() - start:.1f} s, {ids.shape[1]} tokens, {new[:6]}, margin {talks[-1]["margin"]}', flush=True)
    for p in seen.values():
        del p['_']
    with open(target, 'w') as f:
        lines = lambda list: ',\n'.join(json.dumps(x, ensure_ascii=False) for x in list)
        f.write('{"pictures": [\n' + lines(seen.values()) + '\n], "talks": [\n' + lines(talks) + '\n]}\n')


if __name__ == '__main__':
    main()
