"""Trains the calibration model on examples from scenestream.

  go build -o scenestream ../../testmedia/scene/cmd/scenestream
  nice python train.py --stream ./scenestream --checkpoint checkpoint.pt --out run.pt --log training.jsonl --seconds 3600

The learning rate stays for the first half of the time and then falls to almost nothing. run.pt is written every few
minutes with all that is needed to go on (--resume). Training seeds start at --seed; held-out seeds start at 10**12.
"""
import argparse
import copy
import json
import math
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import torch
import torch.nn.functional as F

from data import COUNTED, NAMED, TOLD, Packer, Stream, attention_mask, batches, normalise
from model import TOKENS, Model
from tokenizer import Tokenizer

HELD_OUT = 10**12
POINTING = 1  # the decoder layer whose first head is taught to look, from a name, at what it names
REACHING = 2  # and the one where two heads are taught to look at what the next word of an answer depends on
PHRASE = 3  # so many words before a name belong to it: "and a red circle"
EVALUATED = "shapes=30,emoji=12,mixed=22,number=14,quadrants=10,plain=5,count=7"


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--stream", required=True, help="the scenestream program")
    p.add_argument("--checkpoint", help="weights to start from")
    p.add_argument("--resume", action="store_true", help="go on from --out")
    p.add_argument("--out", default="run.pt")
    p.add_argument("--log", default="training.jsonl")
    p.add_argument("--seconds", type=float, default=3600, help="time of training in all")
    p.add_argument("--seed", type=int, default=0, help="first seed of the pictures")
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--workers", type=int, default=2, help="threads; each takes its part of the batch")
    p.add_argument("--rate", type=float, default=1.2e-3, help="learning rate of the decoder")
    p.add_argument("--vision-rate", type=float, default=8e-4)
    p.add_argument("--kinds", default="", help="weights of kinds of pictures, as scenestream takes them")
    p.add_argument("--questions", default="", help="weights of kinds of questions")
    p.add_argument("--per-image", type=int, default=6, help="questions about each picture")
    p.add_argument("--evaluate", type=float, default=600, help="seconds between evaluations")
    p.add_argument("--evaluated", type=int, default=320, help="held-out pictures per evaluation")
    return p.parse_args()


def label_counts(header):
    return len(header["classes"]), len(header["colours"]) + 1, header["orders"], len(header["positions"]) + 1


def load(model, path):
    """Takes every weight whose name and shape fit; the rest starts fresh."""
    saved = torch.load(path, map_location="cpu")
    saved, own = saved.get("model", saved), model.state_dict()
    fits = {k: v for k, v in saved.items() if k in own and own[k].shape == v.shape}
    model.load_state_dict(fits, strict=False)
    return sorted(set(own) - set(fits))


def groups(model, rate, vision_rate):
    out = []
    for vision in (False, True):
        for matrices in (False, True):
            chosen = [p for n, p in model.named_parameters() if n.startswith("vision") == vision and (p.ndim > 1) == matrices]
            out.append({"params": chosen, "weight_decay": 0.05 if matrices else 0.0, "base": vision_rate if vision else rate})
    return out


class Losses:
    """What is learned: answers, the labels of every image token, and image tokens that resemble their words."""

    def __init__(self, packer, header):
        ids, encode = packer.tokenizer.ids, packer.tokenizer.encode
        word = lambda name: ids[name] if name.isdigit() else encode(" " + name)[0]
        named = [(i, word(n)) for i, n in enumerate(header["classes"]) if n not in ("background", "panel")]
        self.name_words = torch.tensor([w for _, w in named])
        self.name_of = torch.full((len(header["classes"]),), -100)
        for at, (i, _) in enumerate(named):
            self.name_of[i] = at
        self.colour_words = torch.tensor([word(c) for c in header["colours"]])
        corners = [p.split() for p in header["positions"]]
        parts = sorted({w for c in corners for w in c})
        self.place_words = torch.tensor([word(w) for w in parts])
        self.places = torch.zeros(len(corners) + 1, len(parts))
        for i, c in enumerate(corners):
            for w in c:
                self.places[i + 1, parts.index(w)] = 1 / len(c)
        self.weights = torch.ones(len(ids))
        for token in [ids["ĠYes"], ids["ĠNo"]] + [ids[str(d)] for d in range(10)]:
            self.weights[token] = 2.5
        self.packer = packer
        self.class_of = torch.full((len(ids),), -1)
        for i, token in named:
            if i < header["classes"].index("panel"):
                self.class_of[token] = i
        self.colour_of = torch.full((len(ids),), -1)
        self.colour_of[self.colour_words] = torch.arange(1, len(self.colour_words) + 1)

    def forward(self, model, pixels, sequence):
        features = model.vision(normalise(pixels).contiguous(memory_format=torch.channels_last))
        image, first = model.conn(features), self.packer.first
        words = model.emb(sequence[..., 0])
        x = torch.cat([words[:, :first], image, words[:, first + TOKENS :]], 1)
        hidden, _ = model.decode(x, sequence[..., 1], attention_mask(sequence[..., 2]))
        return features, image, hidden

    def __call__(self, model, pixels, labels, sequence):
        features, image, hidden = self.forward(model, pixels, sequence)
        asked = sequence[..., 3] >= 0
        target = sequence[..., 3][asked]
        answer = F.cross_entropy(model.logits(hidden[asked]), target, weight=self.weights)
        dense = [self._dense(head(features), labels, k) for k, head in enumerate(model.vision.heads)]
        alike = self._alike(model, image, self.name_words, self.name_of[labels[:, 0]])
        alike = alike + 0.5 * self._alike(model, image, self.colour_words, labels[:, 1] - 1)
        alike = alike + 0.5 * self._alike(model, image, self.place_words, self.places[labels[:, 3]], labels[:, 3] > 0)
        found = self._found([model.layers[n].pointers for n in (POINTING, REACHING)], labels, sequence)
        auxiliary = dense[0] + 0.5 * dense[1] + 0.3 * dense[2] + 0.3 * dense[3]
        return 2 * answer + 0.3 * auxiliary + 0.3 * (alike + found), [answer, *dense, alike, found]

    @staticmethod
    def _dense(logits, labels, k):
        covered = (labels[:, 0] > 0).float()
        weight = covered + (1 - covered) * (0.1 if k == 1 else 0.15)
        loss = F.cross_entropy(logits.flatten(0, 1), labels[:, k].flatten(), reduction="none").view_as(weight)
        return (loss * weight).sum() / weight.sum()

    def _found(self, layers, labels, sequence):
        """A name in a question or an answer attends to the image tokens that show the thing, of the colour before the
        name if there is one, or, when none does, to the token before the image. One layer later the words of an answer
        attend to the thing that the next of them depends on, named before or about to be named; and with another head,
        where how many things there are matters, to the last of them in reading order."""
        token, segment, depends = sequence[..., 0], sequence[..., 2], sequence[..., 5]
        name = torch.where(segment > 0, self.class_of[token], -1)
        hue = self.colour_of[token].roll(1, 1)
        at, end = torch.arange(name.shape[1]).expand_as(name), name.shape[1] - 1
        before = torch.where(name >= 0, at, -1).cummax(1).values.clamp(min=0)
        ahead = torch.where(name >= 0, at, end).flip(1).cummin(1).values.flip(1)
        near = torch.where((depends & TOLD > 0) & (ahead - at <= PHRASE), ahead, before)
        sought = (depends & (NAMED | TOLD) > 0) & (segment.gather(1, near) == segment)
        classes, colours, orders = labels[:, 0], labels[:, 1], labels[:, 2]
        last = (orders > 0) & (orders == orders.amax(1, keepdim=True))

        def shown(names, hues):
            return lambda i, j: (classes[i] == names[i, j].unsqueeze(1)) & ((hues[i, j].unsqueeze(1) < 0) | (colours[i] == hues[i, j].unsqueeze(1)))

        (pointing, _), (reaching, counting) = layers
        lost = self._looks(pointing, name >= 0, shown(name, hue))
        name, hue = name.gather(1, near), hue.gather(1, near)
        lost = lost + self._looks(reaching, sought & (name >= 0), shown(name, hue))
        return lost + 0.5 * self._looks(counting, depends & COUNTED > 0, lambda i, j: last[i])

    def _looks(self, scores, asked, shown):
        first = self.packer.first
        which, when = torch.nonzero(asked, as_tuple=True)
        shown = shown(which, when)
        target = torch.cat([~shown.any(1, keepdim=True), shown], 1)
        likely = F.log_softmax(scores[which, when], -1)[:, first - 1 : first + TOKENS]
        return -likely.masked_fill(~target, -1e4).logsumexp(1).sum() / max(1, len(which))

    @staticmethod
    def _alike(model, image, words, target, covered=None):
        near = F.normalize(image, dim=-1) @ F.normalize(model.emb(words), dim=-1).T
        covered = target >= 0 if covered is None else covered
        return F.cross_entropy(16 * near[covered], target[covered])


class Halves:
    """Computes gradients on parts of a batch side by side, each on one core, which waits less on a busy machine than
    sharing every operation does. The replicas share their weights."""

    def __init__(self, model, losses, workers):
        self.losses, self.models = losses, [model]
        for _ in range(workers - 1):
            twin = copy.deepcopy(model)
            for own, shared in zip(twin.parameters(), model.parameters()):
                own.data = shared.data
            self.models.append(twin)
        self.pool = ThreadPoolExecutor(workers)

    def gradients(self, batch):
        """Leaves the mean gradient in the first model and returns the parts of the loss."""
        parts = zip(*(t.chunk(len(self.models)) for t in batch))
        done = list(self.pool.map(self._work, self.models, parts))
        for own, *others in zip(*(m.parameters() for m in self.models)):
            for other in others:
                own.grad += other.grad
            own.grad /= len(self.models)
        return torch.stack(done).mean(0)

    def _work(self, model, batch):
        model.zero_grad(set_to_none=True)
        loss, parts = self.losses(model, *batch)
        loss.backward()
        return torch.stack([p.detach() for p in parts])


@torch.no_grad()
def evaluate(model, losses, held_out, shift=0):
    """Share of answers that are right to the letter, by kind of question; shift shows every question another picture."""
    model.eval()
    right, names = {}, losses.packer
    for at in range(0, len(held_out), 32):
        records = held_out[at : at + 32]
        pixels, _, sequence = names.batch(records)
        _, _, hidden = losses.forward(model, pixels.roll(shift, 0), sequence)
        hit = model.logits(hidden).argmax(-1) == sequence[..., 3]
        for i, record in enumerate(records):
            for n, q in enumerate(record["questions"]):
                kind = q["kind"] + (":" + record["kind"] if q["kind"] == "describe" else "")
                if q["kind"] == "is-there":
                    kind += ":" + q["answer"][:2].strip(",").lower()
                right.setdefault(kind, []).append(bool(hit[i][sequence[i, :, 4] == n].all()))
    model.train()
    return {k: [round(sum(v) / len(v), 3), len(v)] for k, v in sorted(right.items())}


def main():
    a = arguments()
    torch.manual_seed(1)
    torch.set_num_threads(1)
    packer = Packer(Tokenizer(os.path.join(os.path.dirname(os.path.abspath(__file__)), "weights", "tokenizer.json")))
    state = torch.load(a.out) if a.resume else {"step": 0, "spent": 0.0, "seed": a.seed}
    mixture = [v for name, v in (("-kinds", a.kinds), ("-questions", a.questions)) if v for v in (name, v)]
    stream = Stream(a.stream, "-start", state["seed"], "-per-image", a.per_image, *mixture)
    test = Stream(a.stream, "-start", HELD_OUT, "-count", a.evaluated, "-kinds", EVALUATED, "-per-image", 5)
    held_out = list(test)
    model = Model(len(packer.tokenizer), label_counts(stream.header))
    fresh = load(model, a.out if a.resume else a.checkpoint) if a.resume or a.checkpoint else ["everything"]
    print("starting fresh:", fresh, flush=True)
    model.train().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(groups(model, a.rate, a.vision_rate), lr=a.rate, betas=(0.9, 0.98))
    if a.resume:
        optimizer.load_state_dict(state["optimizer"])
        for g, base in zip(optimizer.param_groups, groups(model, a.rate, a.vision_rate)):
            g["base"] = base["base"]
    run(a, model, optimizer, Losses(packer, stream.header), stream, held_out, state)
    stream.close()


def run(a, model, optimizer, losses, stream, held_out, state):
    log = open(a.log, "a", encoding="utf-8")
    began, since = time.time() - state["spent"], time.time()
    evaluated, averages = time.time(), None
    halves, stopping = Halves(model, losses, a.workers), []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))

    def note(**what):
        log.write(json.dumps(what) + "\n")
        log.flush()

    for pixels, labels, sequence in batches(stream, losses.packer, a.batch):
        done = min(1, (time.time() - began) / a.seconds)
        rate = 1 if done < 0.5 else 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (2 * done - 1)))
        rate *= min(1, (state["step"] + 1) / 100)
        for g in optimizer.param_groups:
            g["lr"] = g["base"] * rate
        values = halves.gradients((pixels, labels, sequence))
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        averages = values if averages is None else 0.95 * averages + 0.05 * values
        state["step"] += 1
        state["seed"] += len(pixels)
        if state["step"] % 50 == 0:
            speed = 50 * a.batch / (time.time() - since)
            since = time.time()
            names = ("answer", "class", "colour", "order", "position", "alike", "found")
            note(step=state["step"], seconds=round(time.time() - began), images=state["seed"] - a.seed, per_second=round(speed, 1),
                 rate=round(rate, 3), **{n: round(float(v), 4) for n, v in zip(names, averages)})
        if stopping or time.time() - evaluated > a.evaluate or done >= 1:
            state["spent"] = time.time() - began
            torch.save({**state, "model": model.state_dict(), "optimizer": optimizer.state_dict()}, a.out + ".new")
            os.replace(a.out + ".new", a.out)
            if stopping:
                return
            note(step=state["step"], seconds=round(time.time() - began), right=evaluate(model, losses, held_out))
            evaluated = since = time.time()
        if done >= 1:
            return


if __name__ == "__main__":
    main()
