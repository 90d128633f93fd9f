"""Writes the model folders qwen2_vl and qwen3_vl: small models with random weights in the contract of the published ONNX exports of the Qwen VL
family. make.mjs then writes their golden.json.

    pip install numpy onnx==1.23.2 onnxruntime==1.31.1
    python3 make.py

Both have byte-level tokens with Qwen's special ones, grouped attention and three rows of positions; the vision encoder takes patches and grids, and
attends within each picture. They differ as the families do: qwen2_vl has a flat config.json, biases, frequencies in sections and an input named
grid_thw; qwen3_vl a text_config, normalised queries and keys, interleaved frequencies, image_grid_thw, and num_logits_to_keep. "_gqa" is the
same decoder with the runtime's operator for grouped attention. Weights are stored in half precision and computed with in single.
"""
import json, os
import numpy as np, onnx
from onnx import TensorProto, helper, numpy_helper

HIDDEN, LAYERS, HEADS, KV, HEAD, FF = 32, 2, 4, 2, 16, 48
PATCH, FRAMES, MERGE, VISION, VHEADS = 4, 2, 2, 32, 2
FLOAT, INT = TensorProto.FLOAT, TensorProto.INT64


class Net:
    """A graph under construction: every method adds a node and returns the name of its output."""

    def __init__(self, seed):
        self.nodes, self.initializers, self.count, self.seen = [], [], 0, {}
        self.random, self.opsets = np.random.default_rng(seed), [('', 17)]

    def __getattr__(self, op):
        def add(*inputs, out=None, **attributes):
            self.count += 1
            out = out or f'{op}_{self.count}'
            self.nodes.append(helper.make_node(op, [self.name(i) for i in inputs], [out], **attributes))
            return out
        return add

    def name(self, value):
        if isinstance(value, str):
            return value
        value = np.asarray(value)
        value = value.astype(np.float32 if value.dtype.kind == 'f' else np.int64)
        key = (value.dtype.str, value.shape, value.tobytes())
        if key not in self.seen:
            self.seen[key] = f'constant_{len(self.seen)}'
            self.initializers.append(numpy_helper.from_array(value, self.seen[key]))
        return self.seen[key]

    def weight(self, *shape, scale=.35, mean=0.):
        self.count += 1
        name = f'weight_{self.count}'
        self.initializers.append(numpy_helper.from_array((mean + scale * self.random.standard_normal(shape)).astype(np.float16), name))
        return self.Cast(name, to=FLOAT)

    def grouped(self, inputs, present):
        """The runtime's own operator for grouped attention, as published decoders have it."""
        self.count += 1
        out, self.opsets = f'grouped_{self.count}', [('', 17), ('com.microsoft', 1)]
        self.nodes.append(helper.make_node('GroupQueryAttention', inputs, [out, *present], domain='com.microsoft', num_heads=HEADS, kv_num_heads=KV))
        return out

    def dims(self, x, axis):
        return self.Gather(self.Shape(x), np.int64(axis))

    def save(self, path, inputs, outputs):
        values = [[helper.make_tensor_value_info(*v) for v in side] for side in (inputs, outputs)]
        model = helper.make_model(helper.make_graph(self.nodes, 'graph', *values, self.initializers), opset_imports=[helper.make_opsetid(d, v) for d, v in self.opsets], ir_version=8)
        onnx.checker.check_model(model)
        with open(path, 'wb') as f:
            f.write(model.SerializeToString(deterministic=True))


def rms(n, x, width, gain=None):
    gain = gain or n.weight(width, scale=.2, mean=1.)
    mean = n.ReduceMean(n.Mul(x, x), axes=[-1], keepdims=1)
    return n.Mul(n.Div(x, n.Sqrt(n.Add(mean, 1e-6))), gain)


def turned(n, x, cos, sin, half):
    """Rotary positions over the last axis, the second half negated in front of the first."""
    a, b = n.Slice(x, [0], [half], [-1]), n.Slice(x, [half], [2 * half], [-1])
    return n.Add(n.Mul(x, cos), n.Mul(n.Concat(n.Neg(b), a, axis=-1), sin))


def embed(path, table):
    n = Net(0)
    n.initializers.append(numpy_helper.from_array(table, 'table'))
    n.Gather(n.Cast('table', to=FLOAT), 'input_ids', out='inputs_embeds')
    n.save(path, [('input_ids', INT, ['batch', 'n'])], [('inputs_embeds', FLOAT, ['batch', 'n', HIDDEN])])


def axes(interleaved):
    """Which row of positions each frequency takes: [3, HEAD / 2], ones and zeros."""
    half, sections, take = HEAD // 2, (4, 2, 2), np.zeros((3, HEAD // 2), np.float32)
    for i in range(half):
        row = 0
        if interleaved:
            row = i % 3 if i < 3 * sections[i % 3] else 0
        else:
            row = int(i >= sections[0]) + int(i >= sections[0] + sections[1])
        take[row, i] = 1
    return take


def decoder(path, table, third, fused=False):
    n, half = Net(11 if third else 8), HEAD // 2
    x = 'inputs_embeds'
    tokens, total = n.dims(x, 1), n.dims('attention_mask', 1)
    frequencies = 1 / 100. ** (np.arange(half) / half)
    angles = n.Mul(n.Unsqueeze(n.Cast('position_ids', to=FLOAT), [3]), frequencies.astype(np.float32))
    angles = n.ReduceSum(n.Mul(angles, axes(third)[:, None, None]), [0], keepdims=0)
    angles = n.Unsqueeze(n.Concat(angles, angles, axis=-1), [1])
    cos, sin = n.Cos(angles), n.Sin(angles)
    every = n.Range(np.int64(0), total, np.int64(1))
    mine = n.Unsqueeze(n.Range(n.Sub(total, tokens), total, np.int64(1)), [1])
    later = n.Greater(n.Unsqueeze(every, [0]), mine)
    hidden = n.Unsqueeze(n.Equal('attention_mask', np.int64(0)), [1, 2, 3])
    bias = n.Where(n.Or(later, hidden), -1e9, 0.)
    if fused:
        ends = n.Cast(n.Sub(n.ReduceSum('attention_mask', [1], keepdims=1), np.int64(1)), to=TensorProto.INT32)
        both = n.Cast(total, to=TensorProto.INT32)
    flat = lambda x, count: n.Reshape(n.Transpose(x, perm=[0, 2, 1, 3]), [0, 0, count * HEAD])

    def heads(h, count, gain):
        y = n.MatMul(h, n.weight(HIDDEN, count * HEAD))
        if not third:
            y = n.Add(y, n.weight(count * HEAD))
        y = n.Reshape(y, [0, 0, count, HEAD])
        if third and gain:
            y = rms(n, y, HEAD)
        return n.Transpose(y, perm=[0, 2, 1, 3])

    outputs = []
    for layer in range(LAYERS):
        h = rms(n, x, HIDDEN)
        q, k, v = turned(n, heads(h, HEADS, True), cos, sin, half), turned(n, heads(h, KV, True), cos, sin, half), heads(h, KV, False)
        past = [f'past_key_values.{layer}.{p}' for p in ('key', 'value')]
        present = [f'present.{layer}.{p}' for p in ('key', 'value')]
        outputs += present
        if fused:
            y = n.grouped([flat(q, HEADS), flat(k, KV), flat(v, KV), *past, ends, both], present)
        else:
            k, v = (n.Unsqueeze(n.Concat(a, b, axis=2, out=o), [2]) for a, b, o in zip(past, (k, v), present))
            q = n.Reshape(q, n.Concat(n.Shape(q, end=1), [KV, HEADS // KV, -1, HEAD], axis=0))
            w = n.Add(n.Mul(n.MatMul(q, n.Transpose(k, perm=[0, 1, 2, 4, 3])), HEAD ** -.5), bias)
            y = flat(n.Reshape(n.MatMul(n.Softmax(w, axis=-1), v), n.Concat(n.Shape(x, end=1), [HEADS, -1, HEAD], axis=0)), HEADS)
        x = n.Add(x, n.MatMul(y, n.weight(HEADS * HEAD, HIDDEN)))
        h = rms(n, x, HIDDEN)
        g = n.MatMul(h, n.weight(HIDDEN, FF))
        x = n.Add(x, n.MatMul(n.Mul(n.Mul(g, n.Sigmoid(g)), n.MatMul(h, n.weight(HIDDEN, FF))), n.weight(FF, HIDDEN)))
    x = rms(n, x, HIDDEN)
    inputs = [('inputs_embeds', FLOAT, ['batch', 'n', HIDDEN]), ('attention_mask', INT, ['batch', 'total']), ('position_ids', INT, [3, 'batch', 'n'])]
    if third:
        x = n.Slice(x, n.Unsqueeze(n.Neg('num_logits_to_keep'), [0]), [1 << 40], [1])
        inputs.append(('num_logits_to_keep', INT, []))
    n.initializers.append(numpy_helper.from_array(np.ascontiguousarray(table.T), 'table'))
    n.MatMul(x, n.Cast('table', to=FLOAT), out='logits')
    shape = lambda tokens: ['batch', KV, tokens, HEAD]
    inputs += [(f'past_key_values.{i}.{p}', FLOAT, shape('past')) for i in range(LAYERS) for p in ('key', 'value')]
    n.save(path, inputs, [('logits', FLOAT, ['batch', 'kept', len(table)])] + [(o, FLOAT, shape('total')) for o in outputs])


def vision(path, third):
    grid, n, width = 'image_grid_thw' if third else 'grid_thw', Net(21 if third else 22), VISION // VHEADS
    size = 3 * FRAMES * PATCH * PATCH
    t, h, w = (n.Gather(grid, np.int64(i), axis=1) for i in range(3))
    counts = n.Mul(n.Mul(t, h), w)
    ends = n.CumSum(counts, np.int64(0))
    index = n.Range(np.int64(0), n.dims('pixel_values', 0), np.int64(1))
    picture = n.ReduceSum(n.Cast(n.GreaterOrEqual(n.Unsqueeze(index, [1]), n.Unsqueeze(ends, [0])), to=INT), [1], keepdims=0)
    h, w = n.Gather(h, picture), n.Gather(w, picture)
    # The place of each patch in its frame: cells of MERGE x MERGE patches row by row, in each cell row by row.
    place = n.Mod(n.Sub(index, n.Gather(n.Sub(ends, counts), picture)), n.Mul(h, w))
    cell, inside, cells = n.Div(place, np.int64(MERGE ** 2)), n.Mod(place, np.int64(MERGE ** 2)), n.Div(w, np.int64(MERGE))
    row = n.Add(n.Mul(n.Div(cell, cells), np.int64(MERGE)), n.Div(inside, np.int64(MERGE)))
    col = n.Add(n.Mul(n.Mod(cell, cells), np.int64(MERGE)), n.Mod(inside, np.int64(MERGE)))
    at = [n.Unsqueeze(n.Cast(v, to=FLOAT), [1]) for v in (row, col)]
    share = [n.Div(a, n.Unsqueeze(n.Cast(v, to=FLOAT), [1])) for a, v in zip(at, (h, w))]
    x = n.Add(n.MatMul('pixel_values', n.weight(size, VISION, scale=.15)), n.MatMul(n.Concat(*share, axis=1), n.weight(2, VISION, scale=1.)))
    angles = n.Concat(*[n.Mul(a, (1 / 10. ** (np.arange(width // 4) / (width // 4))).astype(np.float32)) for a in at], axis=1)
    angles = n.Unsqueeze(n.Concat(angles, angles, axis=1), [0])
    cos, sin = n.Cos(angles), n.Sin(angles)
    other = n.Where(n.Equal(n.Unsqueeze(picture, [0]), n.Unsqueeze(picture, [1])), 0., -1e9)
    y = n.LayerNormalization(x, n.weight(VISION, scale=.2, mean=1.), n.weight(VISION), axis=-1)
    q, k, v = (n.Transpose(n.Reshape(n.MatMul(y, n.weight(VISION, VISION)), [-1, VHEADS, width]), perm=[1, 0, 2]) for _ in range(3))
    q, k = turned(n, q, cos, sin, width // 2), turned(n, k, cos, sin, width // 2)
    a = n.Softmax(n.Add(n.Mul(n.MatMul(q, n.Transpose(k, perm=[0, 2, 1])), width ** -.5), other), axis=-1)
    y = n.Reshape(n.Transpose(n.MatMul(a, v), perm=[1, 0, 2]), [-1, VISION])
    x = n.Add(x, n.MatMul(y, n.weight(VISION, VISION)))
    x = n.LayerNormalization(x, n.weight(VISION, scale=.2, mean=1.), n.weight(VISION), axis=-1)
    x = n.MatMul(n.Reshape(x, [-1, VISION * MERGE ** 2]), n.weight(VISION * MERGE ** 2, HIDDEN, scale=.12))
    x = n.Mul(x, n.Sigmoid(n.Mul(x, 1.702)))
    n.MatMul(x, n.weight(HIDDEN, HIDDEN, scale=.4), out='image_features')
    n.save(path, [('pixel_values', FLOAT, ['patches', size]), (grid, INT, ['images', 3])], [('image_features', FLOAT, ['tokens', HIDDEN])])


def byte_runes():
    keep = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    moved = iter(range(256, 512))
    return [chr(b) if b in keep else chr(next(moved)) for b in range(256)]


def write(folder, name, data):
    with open(os.path.join(folder, name), 'w') as f:
        json.dump(data, f, ensure_ascii=False, indent=None if name == 'tokenizer.json' else 1)
        f.write('\n')


SPECIAL = ['<|endoftext|>', '<|im_start|>', '<|im_end|>', '<|object_ref_start|>', '<|object_ref_end|>', '<|box_start|>', '<|box_end|>', '<|quad_start|>',
           '<|quad_end|>', '<|vision_start|>', '<|vision_end|>', '<|vision_pad|>', '<|image_pad|>', '<|video_pad|>']
PATTERN = ("(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+")


# What Qwen3-VL's template writes of conversations without tools, in the same constructs; Qwen2-VL's own is in chat/testdata.
THIRD = """{%- if messages[0].role == 'system' %}
    {{- '<|im_start|>system\\n' }}
    {%- for part in messages[0].content %}
        {%- if 'text' in part %}
            {{- part.text }}
        {%- endif %}
    {%- endfor %}
    {{- '<|im_end|>\\n' }}
{%- endif %}
{%- set pictures = namespace(value=0) %}
{%- for message in messages %}
    {%- if message.role != 'system' %}
        {{- '<|im_start|>' + message.role + '\\n' }}
        {%- if message.content is string %}
            {{- message.content }}
        {%- else %}
            {%- for part in message.content %}
                {%- if part.type == 'image' or 'image' in part %}
                    {%- set pictures.value = pictures.value + 1 %}
                    {%- if add_vision_id %}Picture {{ pictures.value }}: {% endif -%}
                    <|vision_start|><|image_pad|><|vision_end|>
                {%- elif 'text' in part %}
                    {{- part.text }}
                {%- endif %}
            {%- endfor %}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""


def tokenizer(folder):
    merges = [('Ġ', 't'), ('h', 'e'), ('Ġt', 'he'), ('s', 'y'), ('sy', 's'), ('t', 'e'), ('sys', 'te'), ('syste', 'm'), ('u', 's'), ('e', 'r'), ('us', 'er')]
    vocab = {t: i for i, t in enumerate(byte_runes() + [a + b for a, b in merges])}
    ids = dict(vocab)
    for t in SPECIAL:
        ids[t] = len(ids)
    flags = dict(single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)
    write(folder, 'tokenizer.json', dict(
        version='1.0', truncation=None, padding=None, added_tokens=[dict(id=ids[t], content=t, **flags) for t in SPECIAL], normalizer=dict(type='NFC'),
        pre_tokenizer=dict(type='Sequence', pretokenizers=[dict(type='Split', pattern=dict(Regex=PATTERN), behavior='Isolated', invert=False),
                                                           dict(type='ByteLevel', add_prefix_space=False, trim_offsets=False, use_regex=False)]),
        post_processor=dict(type='ByteLevel', add_prefix_space=False, trim_offsets=False, use_regex=False),
        decoder=dict(type='ByteLevel', add_prefix_space=False, trim_offsets=False, use_regex=False),
        model=dict(type='BPE', dropout=None, unk_token=None, continuing_subword_prefix='', end_of_word_suffix='', fuse_unk=False, byte_fallback=False,
                   ignore_merges=False, vocab=vocab, merges=[list(m) for m in merges])))
    write(folder, 'tokenizer_config.json', dict(
        tokenizer_class='Qwen2Tokenizer', eos_token='<|im_end|>', pad_token='<|endoftext|>', bos_token=None, unk_token=None, add_prefix_space=False,
        clean_up_tokenization_spaces=False, model_max_length=1024))
    return ids


def folder(name, third):
    os.makedirs(name + '/onnx', exist_ok=True)
    ids = tokenizer(name)
    size = (len(ids) + 7) // 8 * 8
    text = dict(hidden_size=HIDDEN, num_hidden_layers=LAYERS, num_attention_heads=HEADS, num_key_value_heads=KV, intermediate_size=FF, vocab_size=size,
                max_position_embeddings=1024, rms_norm_eps=1e-6, rope_theta=100., eos_token_id=ids['<|im_end|>'], bos_token_id=ids['<|endoftext|>'])
    scaling = dict(mrope_section=[4, 2, 2], rope_type='default', type='default')
    if third:
        text.update(head_dim=HEAD, model_type='qwen3_vl_text', rope_scaling=dict(scaling, mrope_interleaved=True))
        text = dict(text_config=text)
    else:
        text.update(head_dim=HEAD, rope_scaling=scaling)
    write(name, 'config.json', dict(
        architectures=['Qwen3VLForConditionalGeneration' if third else 'Qwen2VLForConditionalGeneration'], model_type=name, tie_word_embeddings=True,
        image_token_id=ids['<|image_pad|>'], video_token_id=ids['<|video_pad|>'], vision_start_token_id=ids['<|vision_start|>'],
        vision_end_token_id=ids['<|vision_end|>'],
        vision_config=dict(patch_size=PATCH, temporal_patch_size=FRAMES, spatial_merge_size=MERGE, in_channels=3, depth=1, num_heads=VHEADS), **text))
    write(name, 'generation_config.json', dict(eos_token_id=[ids['<|im_end|>'], ids['<|endoftext|>']], pad_token_id=ids['<|endoftext|>'], do_sample=False))
    with open('../../../../vision/testdata/patches/edges.json') as f:
        write(name, 'preprocessor_config.json', dict(json.load(f), processor_class='Qwen3VLProcessor' if third else 'Qwen2VLProcessor', do_normalize=True, resample=3))
    with open('../../chat/testdata/vision.jinja') as f, open(name + '/chat_template.jinja', 'w') as g:
        g.write(THIRD if third else f.read())
    table = (.5 * np.random.default_rng(3 if third else 4).standard_normal((size, HIDDEN))).astype(np.float16)
    embed(name + '/onnx/embed_tokens.onnx', table)
    decoder(name + '/onnx/decoder_model_merged.onnx', table, third)
    vision(name + '/onnx/vision_encoder.onnx', third)
    if third:
        embed(name + '/onnx/embed_tokens_gqa.onnx', table)
        decoder(name + '/onnx/decoder_model_merged_gqa.onnx', table, third, fused=True)


if __name__ == '__main__':
    folder('qwen2_vl', False)
    folder('qwen3_vl', True)
