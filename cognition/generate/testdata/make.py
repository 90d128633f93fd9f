"""Writes the model folder idefics3 and idefics3/golden.json: a small Idefics3 model with random weights, and what the reference implementation
of processor and model makes of some conversations.

    pip install torch==2.15.0 transformers==5.23.0 onnx==1.23.2 onnxruntime==1.31.1 pillow
    python3 make.py

The decoder is exported in four forms: float32; float16 throughout ("_fp16"); float16 inside with float32 at both ends ("_mixed"); and float32
without position_ids, with num_logits_to_keep ("_keep").
"""
import json, math, os, warnings
import numpy as np, onnxruntime, torch
from PIL import Image
from transformers import AutoTokenizer, Idefics3Config, Idefics3ForConditionalGeneration, Idefics3ImageProcessor, Idefics3Processor

warnings.filterwarnings('ignore')
OUT = 'idefics3'
HIDDEN, LAYERS, HEADS, KV, HEAD, FF, TILE, SEQ, SIDE = 32, 3, 4, 2, 8, 64, 32, 4, 4
TEMPLATE = open('../chat/testdata/smolvlm.jinja').read()


def byte_runes():
    keep = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    moved = iter(range(256, 512))
    return [chr(b) if b in keep else chr(next(moved)) for b in range(256)]


def write(name, data):
    with open(os.path.join(OUT, name), 'w') as f:
        json.dump(data, f, ensure_ascii=False, indent=1)
        f.write('\n')


def files():
    runes = byte_runes()
    merges = [('Ġ', 't'), ('h', 'e'), ('Ġt', 'he'), ('U', 's'), ('Us', 'er'), ('e', 'r'), ('A', 's'), ('As', 's')]
    merges.sort(key=lambda m: len(m[0]) + len(m[1]))
    special = ['<|endoftext|>', '<|im_start|>', '<|im_end|>']
    vocab = {t: i for i, t in enumerate(special + runes + [a + b for a, b in merges])}
    added = special + ['<global-img>'] + [f'<row_{r}_col_{c}>' for r in range(1, SIDE + 1) for c in range(1, SIDE + 1)] + [
        '<fake_token_around_image>', '<image>', '<end_of_utterance>']
    ids = dict(vocab)
    for t in added:
        ids.setdefault(t, len(ids))
    write('tokenizer.json', dict(
        version='1.0', truncation=None, padding=None,
        added_tokens=[dict(id=ids[t], content=t, single_word=False, lstrip=False, rstrip=False, normalized=False, special=True) for t in added],
        normalizer=None, post_processor=None,
        pre_tokenizer=dict(type='Sequence', pretokenizers=[dict(type='Digits', individual_digits=True),
                                                           dict(type='ByteLevel', add_prefix_space=False, trim_offsets=True, use_regex=True)]),
        decoder=dict(type='ByteLevel', add_prefix_space=True, trim_offsets=True, use_regex=True),
        model=dict(type='BPE', dropout=None, unk_token=None, continuing_subword_prefix=None, end_of_word_suffix=None, fuse_unk=False,
                   byte_fallback=False, ignore_merges=False, vocab=vocab, merges=[list(m) for m in merges])))
    size = (len(ids) + 15) // 16 * 16
    text = dict(model_type='llama', hidden_size=HIDDEN, num_hidden_layers=LAYERS, num_attention_heads=HEADS, num_key_value_heads=KV, head_dim=HEAD,
                intermediate_size=FF, vocab_size=size, max_position_embeddings=1024, rms_norm_eps=1e-5, rope_theta=1e5,
                pad_token_id=ids['<|im_end|>'], bos_token_id=0, eos_token_id=ids['<end_of_utterance>'], tie_word_embeddings=True)
    write('config.json', dict(
        architectures=['Idefics3ForConditionalGeneration'], model_type='idefics3', image_token_id=ids['<image>'], scale_factor=4, tie_word_embeddings=True,
        text_config=text, vision_config=dict(model_type='idefics3_vision', hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
                                             intermediate_size=16, image_size=TILE, patch_size=4)))
    write('generation_config.json', dict(eos_token_id=[ids['<end_of_utterance>']], bos_token_id=0, pad_token_id=ids['<|im_end|>']))
    write('processor_config.json', dict(image_seq_len=SEQ, processor_class='Idefics3Processor'))
    write('preprocessor_config.json', dict(
        image_processor_type='Idefics3ImageProcessor', do_convert_rgb=True, do_resize=True, size=dict(longest_edge=SIDE * TILE), resample=1, do_rescale=True,
        rescale_factor=1 / 255, do_normalize=True, image_mean=[.5] * 3, image_std=[.5] * 3, do_pad=True, do_image_splitting=True,
        max_image_size=dict(longest_edge=TILE)))
    write('tokenizer_config.json', dict(tokenizer_class='PreTrainedTokenizerFast', pad_token='<|im_end|>', eos_token='<end_of_utterance>',
                                        model_max_length=1024, clean_up_tokenization_spaces=False))
    with open(os.path.join(OUT, 'chat_template.jinja'), 'w') as f:
        f.write(TEMPLATE)
    return ids


def features(rows, seed):
    """Deterministic features [rows, hidden]; the Go test computes the same."""
    i = np.arange(rows * HIDDEN, dtype=np.int64)
    return (((i * 7919 + seed * 104729) % 2001 - 1000) / np.float32(1000)).astype(np.float32).reshape(rows, HIDDEN)


class Embed(torch.nn.Module):
    def __init__(s, m):
        super().__init__()
        s.e = m.model.text_model.embed_tokens

    def forward(s, input_ids):
        return s.e(input_ids)


def rotate(x):
    a, b = x.chunk(2, -1)
    return torch.cat((-b, a), -1)


class Decoder(torch.nn.Module):
    """The Llama decoder with its caches as inputs and outputs, over the reference model's weights."""

    def __init__(s, m, kind, ends, keep):
        super().__init__()
        s.t, s.head, s.kind, s.ends, s.keep = m.model.text_model, m.lm_head, kind, ends, keep
        s.register_buffer('inv', 1 / 1e5 ** (torch.arange(0, HEAD, 2, dtype=torch.float32) / HEAD), persistent=False)

    def norm(s, n, x):
        f = x.float()
        return n.weight * (f * torch.rsqrt((f * f).mean(-1, keepdim=True) + 1e-5)).to(s.kind)

    def forward(s, inputs_embeds, attention_mask, *rest):
        rest = list(rest)
        position_ids = (attention_mask.cumsum(1) - 1)[:, -inputs_embeds.shape[1]:] if s.keep else rest.pop(0)
        keep = rest.pop(0) if s.keep else None
        n, total = inputs_embeds.shape[1], attention_mask.shape[1]
        q, k = torch.arange(n) + (total - n), torch.arange(total)
        seen = (k[None, None, :] <= q[None, :, None]) & (attention_mask[:, None, :] > 0)
        mask = (1. - seen.unsqueeze(1).float()) * -1e4
        angle = position_ids.float().unsqueeze(-1) * s.inv
        cos, sin = [f(torch.cat((angle, angle), -1)).unsqueeze(1).to(s.kind) for f in (torch.cos, torch.sin)]
        x, out = inputs_embeds.to(s.kind), []
        for i, l in enumerate(s.t.layers):
            h, a = s.norm(l.input_layernorm, x), l.self_attn
            qh, kh, vh = [p(h).view(1, n, -1, HEAD).transpose(1, 2) for p in (a.q_proj, a.k_proj, a.v_proj)]
            qh, kh = qh * cos + rotate(qh) * sin, kh * cos + rotate(kh) * sin
            kh, vh = torch.cat((rest[2 * i].to(s.kind), kh), 2), torch.cat((rest[2 * i + 1].to(s.kind), vh), 2)
            out += [kh, vh]
            kr, vr = [c.repeat_interleave(HEADS // KV, 1) for c in (kh, vh)]
            w = torch.softmax((qh @ kr.transpose(2, 3)).float() / math.sqrt(HEAD) + mask, -1).to(s.kind)
            x = x + a.o_proj((w @ vr).transpose(1, 2).reshape(1, n, HEADS * HEAD))
            h = s.norm(l.post_attention_layernorm, x)
            x = x + l.mlp.down_proj(torch.nn.functional.silu(l.mlp.gate_proj(h)) * l.mlp.up_proj(h))
        x = s.norm(s.t.norm, x)
        if s.keep:
            x = x[:, -keep[0]:]
        return (s.head(x).to(s.ends), *[c.to(s.ends) for c in out])


def export(m):
    names = [f'{{}}.{i}.{p}' for i in range(LAYERS) for p in ('key', 'value')]
    past, present = [n.format('past_key_values') for n in names], [n.format('present') for n in names]
    # Rounding the weights to float16 is for good, so those forms come last.
    for suffix, kind, ends, keep in (('', torch.float32, torch.float32, False), ('_keep', torch.float32, torch.float32, True),
                                     ('_fp16', torch.float16, torch.float16, False), ('_mixed', torch.float16, torch.float32, False)):
        m.to(kind)
        kw = dict(opset_version=17, do_constant_folding=True, dynamo=False)
        if suffix in ('', '_fp16'):
            torch.onnx.export(Embed(m), (torch.zeros(1, 5, dtype=torch.int64),), f'{OUT}/onnx/embed_tokens{suffix}.onnx', input_names=['input_ids'], output_names=['inputs_embeds'],
                  dynamic_axes=dict(input_ids={0: 'batch', 1: 'n'}, inputs_embeds={0: 'batch', 1: 'n'}), **kw)
        second = 'num_logits_to_keep' if keep else 'position_ids'
        args = (torch.randn(1, 3, HIDDEN, dtype=ends), torch.ones(1, 8, dtype=torch.int64), torch.tensor([1]) if keep else torch.arange(5, 8)[None],
                *[torch.randn(1, KV, 5, HEAD, dtype=ends) for _ in past])
        axes = {'inputs_embeds': {0: 'batch', 1: 'n'}, 'attention_mask': {0: 'batch', 1: 'total'}, 'logits': {0: 'batch', 1: 'n'}}
        if not keep:
            axes[second] = {0: 'batch', 1: 'n'}
        axes.update({n: {0: 'batch', 2: 'past'} for n in past}, **{n: {0: 'batch', 2: 'total'} for n in present})
        torch.onnx.export(Decoder(m, kind, ends, keep), args, f'{OUT}/onnx/decoder_model_merged{suffix}.onnx',
                          input_names=['inputs_embeds', 'attention_mask', second] + past, output_names=['logits'] + present, dynamic_axes=axes, **kw)
    for suffix in ('_mixed', '_keep'):
        with open(f'{OUT}/onnx/embed_tokens.onnx', 'rb') as f, open(f'{OUT}/onnx/embed_tokens{suffix}.onnx', 'wb') as g:
            g.write(f.read())


def talk(*turns):
    return [dict(role=r, text=t, images=im) for r, t, im in turns]


WIDE, TALL, SMALL = (120, 60), (40, 100), (30, 30)
TALKS = [
    talk(('user', 'what is the number 472?', [])),
    talk(('user', 'what do you see?', [(SMALL, False)])),
    talk(('user', 'what do you see?', [(WIDE, True)])),
    talk(('user', 'and here?', [(TALL, True)])),
    talk(('user', 'compare them', [(WIDE, True), (TALL, True)])),
    talk(('user', 'compare them', [(SMALL, False), (WIDE, False)])),
    talk(('system', 'You are brief.', []), ('user', 'who is he?', []), ('assistant', 'The\n cat — ü.', []), ('user', 'the  other', [(WIDE, True)])),
]


def golden(m, ids):
    tokenizer = AutoTokenizer.from_pretrained(OUT)
    pictures = Idefics3ImageProcessor.from_pretrained(OUT)
    processor = Idefics3Processor(pictures, tokenizer, image_seq_len=SEQ, chat_template=TEMPLATE)
    out = []
    for number, messages in enumerate(TALKS):
        images = [im for t in messages for im in t['images']]
        chat = [dict(role=t['role'], content=[dict(type='image')] * len(t['images']) + [dict(type='text', text=t['text'])]) for t in messages]
        prompt = processor.apply_chat_template(chat, add_generation_prompt=True)
        kw = dict(images=[Image.new('RGB', size, (200, 10 * number, 90)) for size, _ in images], do_image_splitting=images[0][1]) if images else {}
        inputs = processor(text=prompt, return_tensors='pt', **kw)
        shapes, rows = [], 0
        for k, (size, split) in enumerate(images):
            grid = [0, 0]
            if split:
                one = pictures([Image.new('RGB', size)], return_row_col_info=True, return_tensors='pt')
                grid = [int(one['rows'][0][0]), int(one['cols'][0][0])]
            tiles = grid[0] * grid[1] + 1
            shapes.append(dict(rows=grid[0], cols=grid[1], seed=10 * number + k))
            rows += tiles * SEQ
        merged = torch.from_numpy(np.concatenate([features((s['rows'] * s['cols'] + 1) * SEQ, s['seed']) for s in shapes])) if shapes else None
        input_ids = inputs['input_ids']
        assert int((input_ids == ids['<image>']).sum()) == rows, (rows, prompt)
        embeds = m.model.text_model.embed_tokens(input_ids)
        if merged is not None:
            embeds[input_ids == ids['<image>']] = merged
            reference = m.model.inputs_merger(input_ids=input_ids, inputs_embeds=m.model.text_model.embed_tokens(input_ids), image_hidden_states=merged)
            assert torch.equal(reference, embeds)
        made = m.generate(inputs_embeds=embeds, attention_mask=torch.ones_like(input_ids), max_new_tokens=40, do_sample=False, output_logits=True,
                          return_dict_in_generate=True)
        top = torch.stack(made.logits).squeeze(1).topk(2).values
        new = made.sequences[0].tolist()
        stop = ids['<end_of_utterance>']
        if new and new[-1] == stop:
            new = new[:-1]
        out.append(dict(messages=[dict(t, images=[shapes.pop(0) for _ in t['images']]) for t in messages], prompt=input_ids[0].tolist(), ids=new,
                        margin=round(float((top[:, 0] - top[:, 1]).min()), 5)))
        print(len(out[-1]['prompt']), new[:12], out[-1]['margin'])
    return out


def half(ids, golden):
    """What the float16 files answer, by the runtime's own Python interface and the plainest loop."""
    for suffix in ('_fp16', '_mixed'):
        e = onnxruntime.InferenceSession(f'{OUT}/onnx/embed_tokens{suffix}.onnx', providers=['CPUExecutionProvider'])
        d = onnxruntime.InferenceSession(f'{OUT}/onnx/decoder_model_merged{suffix}.onnx', providers=['CPUExecutionProvider'])
        kind = np.float16 if suffix == '_fp16' else np.float32
        past_names = [i.name for i in d.get_inputs() if i.name.startswith('past')]
        for g in golden:
            tokens = np.array([g['prompt']], np.int64)
            x = e.run(None, dict(input_ids=tokens))[0]
            shapes = [s for t in g['messages'] for s in t['images']]
            if shapes:
                x[tokens == ids['<image>']] = np.concatenate([features((s['rows'] * s['cols'] + 1) * SEQ, s['seed']) for s in shapes]).astype(kind)
            past, held, new = [np.zeros((1, KV, 0, HEAD), kind)] * (2 * LAYERS), 0, []
            while len(new) < 40:
                total = held + x.shape[1]
                r = d.run(None, dict(zip(past_names, past), inputs_embeds=x.astype(kind), attention_mask=np.ones((1, total), np.int64),
                                     position_ids=np.arange(held, total, dtype=np.int64)[None]))
                past, held, t = r[1:], total, int(r[0][0, -1].argmax())
                if t == ids['<end_of_utterance>']:
                    break
                new.append(t)
                x = e.run(None, dict(input_ids=np.array([[t]], np.int64)))[0]
            g['ids' + suffix] = new


if __name__ == '__main__':
    os.makedirs(OUT + '/onnx', exist_ok=True)
    ids = files()
    torch.manual_seed(3)
    model = Idefics3ForConditionalGeneration(Idefics3Config.from_pretrained(OUT)).eval()
    with torch.no_grad():
        for p in model.parameters():
            if p.dim() > 1:
                p.normal_(0, .35)
        model.tie_weights()
        result = golden(model, ids)
        export(model)
        half(ids, result)
    with open(OUT + '/golden.json', 'w') as f:
        f.write('[\n' + ',\n'.join(json.dumps(g) for g in result) + '\n]\n')
