"""The same shapes in PyTorch, eager: random weights, the usual loop with concatenated key/value caches. Reads settings as JSON from its first
argument, writes {"name": {"first_token_ms", "tokens_per_second"}} and, where the configuration has a vision tower of the SigLIP kind,
"images_per_second"."""
import json, sys, time
import torch
import torch.nn.functional as F

s = json.loads(sys.argv[1])
c, dev, dtype = s['config'], s['device'], torch.float16 if s['half'] else torch.float32
t = c.get('text_config') or c
H, L, HEADS, KV, FF, V = t['hidden_size'], t['num_hidden_layers'], t['num_attention_heads'], t['num_key_value_heads'], t['intermediate_size'], t['vocab_size']
HD = t.get('head_dim') or H // HEADS
torch.set_num_threads(s['threads'])
w = lambda o, i: torch.randn(o, i, device=dev, dtype=dtype) / i ** .5


def sync():
    if dev != 'cpu':
        torch.cuda.synchronize()


layers = [dict(q=w(HEADS * HD, H), k=w(KV * HD, H), v=w(KV * HD, H), o=w(H, HEADS * HD), g=w(FF, H), u=w(FF, H), d=w(H, FF)) for _ in range(L)]
one, table, head = torch.ones(H, device=dev, dtype=dtype), w(V, H), w(V, H)
inv = 1 / 1e5 ** (torch.arange(0, HD, 2, device=dev) / HD)


def norm(x):
    f = x.float()
    return one * (f * torch.rsqrt(f.pow(2).mean(-1, keepdim=True) + 1e-5)).to(dtype)


def turn(x, cos, sin):
    a, b = x.chunk(2, -1)
    return x * cos + torch.cat((-b, a), -1) * sin


@torch.inference_mode()
def run(x, cache):
    n, past = x.shape[1], cache[0][0].shape[2] if cache else 0
    angle = torch.arange(past, past + n, device=dev)[:, None] * inv
    cos, sin = (f(torch.cat((angle, angle), -1)).to(dtype) for f in (torch.cos, torch.sin))
    out = []
    for i, l in enumerate(layers):
        h = norm(x)
        q, k, v = ((h @ l[p].T).view(1, n, -1, HD).transpose(1, 2) for p in 'qkv')
        q, k = turn(q, cos, sin), turn(k, cos, sin)
        if cache:
            k, v = torch.cat((cache[i][0], k), 2), torch.cat((cache[i][1], v), 2)
        out.append((k, v))
        k, v = (y.repeat_interleave(HEADS // KV, 1) for y in (k, v))
        x = x + F.scaled_dot_product_attention(q, k, v, is_causal=n > 1).transpose(1, 2).reshape(1, n, -1) @ l['o'].T
        h = norm(x)
        x = x + (F.silu(h @ l['g'].T) * (h @ l['u'].T)) @ l['d'].T
    return norm(x[:, -1:]) @ head.T, out


def answer(length, count):
    sync()
    start = time.perf_counter()
    logits, cache = run(table[torch.arange(length, device=dev) % V][None], None)
    token = logits[0, -1].argmax().item()
    middle = time.perf_counter()
    for _ in range(count - 1):
        logits, cache = run(table[token][None, None], cache)
        token = logits[0, -1].argmax().item()
    return middle - start, time.perf_counter() - middle


@torch.inference_mode()
def tower(v):
    W, N, FFN, P = v['hidden_size'], v['num_attention_heads'], v['intermediate_size'], v['patch_size']
    conv = torch.randn(W, 3, P, P, device=dev, dtype=dtype) / 30
    blocks = [dict(q=w(W, W), k=w(W, W), v=w(W, W), o=w(W, W), a=w(FFN, W), b=w(W, FFN)) for _ in range(v['num_hidden_layers'])]
    picture, best = torch.randn(1, 3, v['image_size'], v['image_size'], device=dev, dtype=dtype), 1e9
    for _ in range(s['rounds'] + 1):
        sync()
        start = time.perf_counter()
        x = F.conv2d(picture, conv, stride=P).flatten(2).transpose(1, 2)
        for l in blocks:
            h = F.layer_norm(x, (W,))
            q, k, y = ((h @ l[p].T).view(1, -1, N, W // N).transpose(1, 2) for p in 'qkv')
            x = x + F.scaled_dot_product_attention(q, k, y).transpose(1, 2).reshape(1, -1, W) @ l['o'].T
            x = x + F.gelu(F.layer_norm(x, (W,)) @ l['a'].T, approximate='tanh') @ l['b'].T
        sync()
        best = min(best, time.perf_counter() - start)
    return 1 / best


result = {}
for case in s['cases']:
    first = rest = 1e9
    for _ in range(s['rounds'] + 1):
        a, b = answer(case['length'], case['count'])
        first, rest = min(first, a), min(rest, b)
    result[case['name']] = dict(first_token_ms=first * 1e3, tokens_per_second=(case['count'] - 1) / rest)
if s['eyes'] and all(k in (c.get('vision_config') or {}) for k in ('hidden_size', 'num_attention_heads', 'intermediate_size', 'patch_size', 'image_size')):
    result['eyes'] = dict(images_per_second=tower(c['vision_config']))
print(json.dumps(result))
