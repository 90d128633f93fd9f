"""Writes the model in this folder: random weights in the contract of the published Gemma 3n export, small. golden.mjs then asks transformers.js.

    pip install onnx==1.23.2 numpy==2.4.6
    python3 make.py && node golden.mjs

The decoder has fewer layers with keys and values of their own than layers (num_kv_shared_layers), takes per_layer_inputs in every layer, and
looks back a limited distance in its first one. It is written twice: as published exports may be, with attention_mask and num_logits_to_keep, and
without both ("_bare"). The encoders read every pixel, and every mel bin of every frame that the mask shows, each with another weight.
tokenizer.json is that of ../../tokenizer/testdata/gemma.json.
"""
import json, os, shutil
import numpy as np, onnx
from onnx import TensorProto, helper, numpy_helper

HIDDEN, LAYERS, SHARED, HEADS, KV, HEAD, FF, PER = 24, 4, 2, 4, 2, 8, 16, 6
WINDOW, TILE, IMAGE, CLIP, MELS, CAP = 24, 16, 4, 6, 128, 30.0
BOX = 8  # pixels of a patch's side: TILE / BOX squared is IMAGE
random = np.random.default_rng(22)


def write(name, data):
    with open(name, 'w') as f:
        json.dump(data, f, ensure_ascii=False, indent=1)
        f.write('\n')


def files():
    shutil.copy('../../tokenizer/testdata/gemma.json', 'tokenizer.json')
    with open('tokenizer.json') as f:
        ids = json.load(f)['model']['vocab']
    size = (len(ids) + 15) // 16 * 16
    stop = [ids['<eos>'], ids['<end_of_turn>']]
    write('config.json', dict(
        architectures=['Gemma3nForConditionalGeneration'], model_type='gemma3n', image_token_id=ids['<image_soft_token>'],
        audio_token_id=ids['<audio_soft_token>'], boi_token_id=ids['<start_of_image>'], eoi_token_id=ids['<end_of_image>'],
        boa_token_id=ids['<start_of_audio>'], eoa_token_id=ids['<end_of_audio>'], vision_soft_tokens_per_image=IMAGE, audio_soft_tokens_per_image=CLIP,
        eos_token_id=stop,
        text_config=dict(model_type='gemma3n_text', hidden_size=HIDDEN, num_hidden_layers=LAYERS, num_kv_shared_layers=SHARED, num_attention_heads=HEADS,
                         num_key_value_heads=KV, head_dim=HEAD, intermediate_size=FF, hidden_size_per_layer_input=PER, vocab_size=size,
                         vocab_size_per_layer_input=ids['<end_of_image>'], max_position_embeddings=512, sliding_window=WINDOW, final_logit_softcapping=CAP),
        vision_config=dict(model_type='gemma3n_vision'), audio_config=dict(model_type='gemma3n_audio')))
    write('generation_config.json', dict(bos_token_id=ids['<bos>'], eos_token_id=stop, pad_token_id=ids['<pad>']))
    write('processor_config.json', dict(processor_class='Gemma3nProcessor', image_seq_length=IMAGE, audio_seq_length=CLIP))
    write('tokenizer_config.json', dict(
        tokenizer_class='GemmaTokenizer', bos_token='<bos>', eos_token='<eos>', pad_token='<pad>', unk_token='<unk>', add_bos_token=True,
        clean_up_tokenization_spaces=False, boi_token='<start_of_image>', image_token='<image_soft_token>', eoi_token='<end_of_image>',
        boa_token='<start_of_audio>', audio_token='<audio_soft_token>', eoa_token='<end_of_audio>', image_token_id=ids['<image_soft_token>'],
        audio_token_id=ids['<audio_soft_token>']))
    write('preprocessor_config.json', dict(
        processor_class='Gemma3nProcessor', image_processor_type='SiglipImageProcessorFast', do_resize=True, size=dict(height=TILE, width=TILE), resample=2,
        do_rescale=True, rescale_factor=1 / 255, do_normalize=False, image_mean=[.5] * 3, image_std=[.5] * 3,
        feature_extractor_type='Gemma3nAudioFeatureExtractor', feature_size=MELS, sampling_rate=16000, frame_length=512, hop_length=160, fft_length=1024,
        fft_overdrive=True, min_frequency=125.0, max_frequency=7600.0, preemphasis=.97, preemphasis_htk_flavor=True, mel_floor=1e-5, dither=0.0,
        input_scale_factor=1.0, padding_side='right', padding_value=0.0, return_attention_mask=True, per_bin_mean=None, per_bin_stddev=None))
    return ids, size


class Graph:
    """A graph while it is written. Names of weights and of results are counted."""

    def __init__(self):
        self.nodes, self.weights, self.named = [], [], {}

    def __call__(self, op, *inputs, outputs=1, **attributes):
        names = [f'{op.lower()}{len(self.nodes)}_{i}' for i in range(outputs)]
        self.nodes.append(helper.make_node(op, [self.value(x) for x in inputs], names, **attributes))
        return names[0] if outputs == 1 else names

    def value(self, x):
        if isinstance(x, str):
            return x
        x = np.asarray(x)
        key = (x.dtype.str, x.shape, x.tobytes())
        if key not in self.named:
            self.named[key] = f'w{len(self.weights)}'
            self.weights.append(numpy_helper.from_array(x, self.named[key]))
        return self.named[key]

    def save(self, name, inputs, outputs):
        for got, (want, _, _) in outputs:
            self.nodes.append(helper.make_node('Identity', [got], [want]))
        info = [helper.make_tensor_value_info(*i) for i in inputs]
        result = [helper.make_tensor_value_info(*o) for _, o in outputs]
        graph = helper.make_graph(self.nodes, name, info, result, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8)
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, f'onnx/{name}.onnx')


def weight(*shape, scale=1.0):
    return (random.standard_normal(shape) * scale / np.sqrt(shape[0])).astype(np.float32)


def ints(*values):
    return np.array(values, np.int64)


F, I = TensorProto.FLOAT, TensorProto.INT64


def embed(ids, size):
    g = Graph()
    limit = ids['<end_of_image>']  # ids from here on have no inputs of their own in the layers
    own = g('Where', g('Less', 'input_ids', ints(limit)), 'input_ids', ints(0))
    table = random.standard_normal((limit, LAYERS * PER)).astype(np.float32)
    layers = g('Reshape', g('Gather', table, own), ints(0, 0, LAYERS, PER))
    rows = g('Gather', random.standard_normal((size, HIDDEN)).astype(np.float32), 'input_ids')
    g.save('embed_tokens', [('input_ids', I, ['batch_size', 'sequence_length'])],
           [(rows, ('inputs_embeds', F, ['batch_size', 'sequence_length', HIDDEN])),
            (layers, ('per_layer_inputs', F, ['batch_size', 'sequence_length', LAYERS, PER]))])


def norm(g, x):
    mean = g('ReduceMean', g('Mul', x, x), axes=[-1])
    return g('Div', x, g('Sqrt', g('Add', mean, np.float32(1e-6))))


def turn(g, x, cos, sin):
    """Rotary positions, halves turned against each other."""
    half = HEAD // 2
    low, high = g('Slice', x, ints(0), ints(half), ints(3)), g('Slice', x, ints(half), ints(HEAD), ints(3))
    return g('Add', g('Mul', x, cos), g('Mul', g('Concat', g('Neg', high), low, axis=3), sin))


def decoder(size, weights, bare):
    g = Graph()
    seq, past = g('Shape', 'inputs_embeds', start=1, end=2), g('Shape', 'past_key_values.0.key', start=2, end=3)
    total = g('Add', seq, past)
    places = g('Unsqueeze', 'position_ids', ints(2))  # [b, s, 1]
    angle = g('Mul', g('Cast', places, to=F), (10000.0 ** (-np.arange(HEAD // 2) / (HEAD // 2))).astype(np.float32))
    angle = g('Unsqueeze', g('Concat', angle, angle, axis=2), ints(1))  # [b, 1, s, head]
    cos, sin = g('Cos', angle), g('Sin', angle)
    keys = g('Range', np.array(0, np.int64), g('Squeeze', total, ints(0)), np.array(1, np.int64))
    seen = g('LessOrEqual', keys, places)
    if not bare:
        seen = g('And', seen, g('Cast', g('Unsqueeze', 'attention_mask', ints(1)), to=TensorProto.BOOL))
    near = g('And', seen, g('Greater', keys, g('Sub', places, ints(WINDOW))))
    bias = [g('Unsqueeze', g('Where', s, np.float32(0), np.float32(-1e9)), ints(1, 2)) for s in (near, seen)]  # [b, 1, 1, s, total]
    x, held, outputs = 'inputs_embeds', {}, []
    for i, w in enumerate(weights['layers']):
        h = norm(g, x)
        heads = lambda y, n: g('Transpose', g('Reshape', y, ints(0, 0, n, HEAD)), perm=[0, 2, 1, 3])
        q = turn(g, heads(g('MatMul', h, w['q']), HEADS), cos, sin)
        if i < LAYERS - SHARED:
            k = g('Concat', f'past_key_values.{i}.key', turn(g, heads(g('MatMul', h, w['k']), KV), cos, sin), axis=2)
            v = g('Concat', f'past_key_values.{i}.value', heads(g('MatMul', h, w['v']), KV), axis=2)
            held[i] = k, v
            outputs += [(k, (f'present.{i}.key', F, ['batch_size', KV, 'total', HEAD])), (v, (f'present.{i}.value', F, ['batch_size', KV, 'total', HEAD]))]
        k, v = held[i if i in held else i - (LAYERS - SHARED)]
        q = g('Reshape', q, ints(0, KV, HEADS // KV, -1, HEAD))
        k, v = (g('Unsqueeze', t, ints(2)) for t in (k, v))
        scores = g('Mul', g('MatMul', q, g('Transpose', k, perm=[0, 1, 2, 4, 3])), np.float32(HEAD ** -.5))
        mixed = g('MatMul', g('Softmax', g('Add', scores, bias[min(i, 1)]), axis=-1), v)
        mixed = g('Transpose', g('Reshape', mixed, ints(0, HEADS, -1, HEAD)), perm=[0, 2, 1, 3])
        x = g('Add', x, g('MatMul', g('Reshape', mixed, ints(0, 0, HEADS * HEAD)), w['o']))
        h = norm(g, x)
        gate = g('MatMul', h, w['gate'])
        x = g('Add', x, g('MatMul', g('Mul', g('Mul', gate, g('Sigmoid', gate)), g('MatMul', h, w['up'])), w['down']))
        own = g('Gather', 'per_layer_inputs', np.array(i, np.int64), axis=2)
        x = g('Add', x, g('MatMul', g('Mul', g('Sigmoid', g('MatMul', norm(g, x), w['own'])), own), w['back']))
    x = norm(g, x)
    if not bare:
        x = g('Slice', x, g('Neg', g('Reshape', 'num_logits_to_keep', ints(1))), ints(2 ** 62), ints(1))
    logits = g('Mul', g('Tanh', g('Div', g('MatMul', x, weights['head']), np.float32(CAP))), np.float32(CAP))
    inputs = [('inputs_embeds', F, ['batch_size', 'sequence_length', HIDDEN]), ('per_layer_inputs', F, ['batch_size', 'sequence_length', LAYERS, PER])]
    if not bare:
        inputs.append(('attention_mask', I, ['batch_size', 'total']))
    inputs.append(('position_ids', I, ['batch_size', 'sequence_length']))
    inputs += [(f'past_key_values.{i}.{part}', F, ['batch_size', KV, 'past', HEAD]) for i in range(LAYERS - SHARED) for part in ('key', 'value')]
    if not bare:
        inputs.append(('num_logits_to_keep', I, []))
    g.save('decoder_model_merged' + ('_bare' if bare else ''), inputs, [(logits, ('logits', F, ['batch_size', 'scored', size]))] + outputs)


def vision():
    g = Graph()
    boxes = g('Conv', 'pixel_values', weight(3 * BOX * BOX, HIDDEN, scale=2).T.reshape(HIDDEN, 3, BOX, BOX).copy(), strides=[BOX, BOX])
    rows = g('Transpose', g('Reshape', boxes, ints(0, 0, IMAGE)), perm=[0, 2, 1])
    rows = g('Add', rows, weight(IMAGE, HIDDEN))
    rows = g('Tanh', g('Add', g('MatMul', rows, weight(HIDDEN, HIDDEN, scale=2)), g('MatMul', weight(IMAGE, IMAGE), rows)))
    g.save('vision_encoder', [('pixel_values', F, ['batch_size', 3, TILE, TILE])],
           [(g('Mul', rows, np.float32(2)), ('image_features', F, ['batch_size', IMAGE, HIDDEN]))])


def audio():
    g = Graph()
    mask = g('Unsqueeze', 'input_features_mask', ints(2))  # [1, frames, 1]
    shown = g('Where', mask, 'input_features', np.float32(0))
    rows = g('MatMul', g('Div', shown, np.float32(3)), weight(MELS, HIDDEN, scale=2))
    count = g('Squeeze', g('Shape', 'input_features', start=1, end=2), ints(0))
    frame = g('Unsqueeze', g('Cast', g('Range', np.array(0, np.int64), count, np.array(1, np.int64)), to=F), ints(1))
    rows = g('Add', rows, g('Sin', g('Mul', frame, np.linspace(.05, 1.5, HIDDEN).astype(np.float32))))
    scores = g('MatMul', weight(CLIP, HIDDEN, scale=2), g('Transpose', rows, perm=[0, 2, 1]))  # [1, clip, frames]
    scores = g('Where', g('Transpose', mask, perm=[0, 2, 1]), scores, np.float32(-1e9))
    mixed = g('MatMul', g('Softmax', scores, axis=-1), rows)
    g.save('audio_encoder', [('input_features', F, ['batch_size', 'frames', MELS]), ('input_features_mask', TensorProto.BOOL, ['batch_size', 'frames'])],
           [(g('Mul', g('Tanh', g('MatMul', mixed, weight(HIDDEN, HIDDEN))), np.float32(2)), ('audio_features', F, ['batch_size', CLIP, HIDDEN]))])


if __name__ == '__main__':
    os.makedirs('onnx', exist_ok=True)
    ids, size = files()
    embed(ids, size)
    made = dict(head=weight(HIDDEN, size, scale=8), layers=[dict(
        q=weight(HIDDEN, HEADS * HEAD, scale=1.5), k=weight(HIDDEN, KV * HEAD, scale=1.5), v=weight(HIDDEN, KV * HEAD), o=weight(HEADS * HEAD, HIDDEN, scale=1.5),
        gate=weight(HIDDEN, FF), up=weight(HIDDEN, FF), down=weight(FF, HIDDEN), own=weight(HIDDEN, PER), back=weight(PER, HIDDEN)) for _ in range(LAYERS)])
    decoder(size, made, bare=False)
    decoder(size, made, bare=True)
    vision()
    audio()
