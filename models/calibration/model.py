"""The calibration model: a convolutional and attentive image encoder, one linear connector, a small Llama decoder.

Parameter names are those of the checkpoint; the auxiliary heads are used in training only.
"""
import torch
import torch.nn.functional as F
from torch import nn

WIDTH, LAYERS, HEADS, KV_HEADS, HEAD, HIDDEN = 192, 4, 6, 2, 32, 512
SIDE, TOKENS, THETA, EPSILON = 128, 64, 10000.0, 1e-5
COMPARED = 1  # the decoder layer behind which an image token knows the one of the picture before, and a name whether it is shown


class ConvNorm(nn.Sequential):
    def __init__(self, inputs, outputs, kernel=3, stride=1, activate=True):
        conv = nn.Conv2d(inputs, outputs, kernel, stride, 2 if kernel == 8 else kernel // 2, bias=False)
        super().__init__(conv, nn.BatchNorm2d(outputs), *([nn.ReLU(inplace=True)] if activate else []))


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.a = ConvNorm(width, width)
        self.b = ConvNorm(width, width, activate=False)

    def forward(self, x):
        return F.relu(x + self.b(self.a(x)))


class EncoderBlock(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.n1, self.n2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.o = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.f = nn.Sequential(nn.Linear(width, 3 * width), nn.GELU(), nn.Linear(3 * width, width))

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = self.qkv(self.n1(x)).reshape(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4).unbind(0)
        weights = (q @ k.transpose(-1, -2) * (width // self.heads) ** -0.5).softmax(-1)
        x = x + self.o((weights @ v).transpose(1, 2).reshape(batch, length, width))
        return x + self.f(self.n2(x))


class Vision(nn.Module):
    """Pixels in [-1, 1] to TOKENS vectors, row by row."""

    def __init__(self, labels):
        super().__init__()
        stem = nn.Conv2d(3, 48, 8, 4, 2, bias=False), nn.BatchNorm2d(48), nn.ReLU(inplace=True)
        self.conv = nn.Sequential(
            *stem, Residual(48), ConvNorm(48, 96, 3, 2), Residual(96), Residual(96), ConvNorm(96, WIDTH, 3, 2), Residual(WIDTH)
        )
        self.pos = nn.Parameter(torch.randn(1, TOKENS, WIDTH) * 0.02)
        self.blocks = nn.ModuleList([EncoderBlock(WIDTH, 6) for _ in range(2)])
        self.norm = nn.LayerNorm(WIDTH)
        self.heads = nn.ModuleList([nn.Linear(WIDTH, n) for n in labels])

    def forward(self, pixels):
        x = self.conv(pixels).flatten(2).transpose(1, 2) + self.pos
        for block in self.blocks:
            x = block(x)
        return self.norm(x)


class RMSNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.w = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + EPSILON) * self.w


def rotary(positions):
    frequency = THETA ** (-torch.arange(0, HEAD, 2).float() / HEAD)
    angle = positions.unsqueeze(-1).float() * frequency
    angle = torch.cat([angle, angle], -1)
    return angle.cos().unsqueeze(1), angle.sin().unsqueeze(1)


def rotate(x, cos, sin):
    half = x.shape[-1] // 2
    return x * cos + torch.cat([-x[..., half:], x[..., :half]], -1) * sin


class DecoderLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.n1, self.n2 = RMSNorm(WIDTH), RMSNorm(WIDTH)
        self.q = nn.Linear(WIDTH, HEADS * HEAD, bias=False)
        self.k = nn.Linear(WIDTH, KV_HEADS * HEAD, bias=False)
        self.v = nn.Linear(WIDTH, KV_HEADS * HEAD, bias=False)
        self.o = nn.Linear(HEADS * HEAD, WIDTH, bias=False)
        self.g = nn.Linear(WIDTH, HIDDEN, bias=False)
        self.u = nn.Linear(WIDTH, HIDDEN, bias=False)
        self.d = nn.Linear(HIDDEN, WIDTH, bias=False)

    def forward(self, x, angles, mask, past=None):
        batch, length, _ = x.shape
        h = self.n1(x)
        q = rotate(self.q(h).reshape(batch, length, HEADS, HEAD).transpose(1, 2), *angles) * HEAD**-0.5
        k = rotate(self.k(h).reshape(batch, length, KV_HEADS, HEAD).transpose(1, 2), *angles)
        v = self.v(h).reshape(batch, length, KV_HEADS, HEAD).transpose(1, 2)
        if past is not None:
            k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        grouped = q.reshape(batch, KV_HEADS, HEADS // KV_HEADS, length, HEAD)
        scores = grouped @ k.unsqueeze(2).transpose(-1, -2) + mask.unsqueeze(2)
        if self.training:
            self.pointers = scores[:, 0, 0], scores[:, 1, 0]  # of the first head of each key/value head, for the trainer
        y = (scores.softmax(-1) @ v.unsqueeze(2)).reshape(batch, HEADS, length, HEAD)
        x = x + self.o(y.transpose(1, 2).reshape(batch, length, HEADS * HEAD))
        h = self.n2(x)
        return x + self.d(F.silu(self.g(h)) * self.u(h)), (k, v)


class Model(nn.Module):
    """labels: how many classes, colours, orders and positions the auxiliary heads tell apart. More heads tell whether an image
    token shows something else than the same one of the picture before, and which class and colour that one shows; and
    whether what a word names is shown."""

    def __init__(self, vocabulary, labels):
        super().__init__()
        self.vision = Vision(labels)
        self.conn = nn.Linear(WIDTH, WIDTH, bias=False)
        self.emb = nn.Embedding(vocabulary, WIDTH)
        self.layers = nn.ModuleList([DecoderLayer() for _ in range(LAYERS)])
        self.nf = RMSNorm(WIDTH)
        self.differs = nn.Linear(WIDTH, 2)
        self.was = nn.ModuleList([nn.Linear(WIDTH, n) for n in labels[:2]])
        self.there = nn.Linear(WIDTH, 2)

    def decode(self, x, positions, mask, past=None):
        """Returns the last hidden states, normalised, and keys and values of every layer."""
        angles, kept = rotary(positions), []
        for i, layer in enumerate(self.layers):
            x, kv = layer(x, angles, mask, None if past is None else past[i])
            kept.append(kv)
            if self.training and i == COMPARED:
                self.compared = x  # for the trainer
        return self.nf(x), kept

    def logits(self, hidden):
        return F.linear(hidden, self.emb.weight)
