"""Trains the calibration model on examples from scenestream.

  go build -o scenestream ../../testmedia/scene/cmd/scenestream
  nice python train.py --stream ./scenestream --pictures pictures --checkpoint checkpoint.pt --images 60000

The learning rate stays for the first half of the examples and then falls to almost nothing. run.pt is written every few
minutes with all that is needed to go on (--resume), so training may be stopped, paused and gone on with at any time.
Training seeds start at --seed; held-out seeds start at 10**12.
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

from data import Packer, Stream, batches
from losses import Losses
from model import Model
from tokenizer import Tokenizer

HELD_OUT = 10**12
EVALUATED = "shapes=30,emoji=12,mixed=22,number=14,quadrants=10,plain=5,count=7,real=20,change=50"


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--stream", required=True, help="the scenestream program")
    p.add_argument("--checkpoint", help="weights to start from")
    p.add_argument("--resume", action="store_true", help="go on from --out")
    p.add_argument("--out", default="run.pt")
    p.add_argument("--log", default="training.jsonl")
    p.add_argument("--images", type=int, default=60000, help="examples of training in all")
    p.add_argument("--seed", type=int, default=0, help="first seed of the pictures")
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--precision", default="ieee", choices=("ieee", "bf16"), help="of products: bf16 is fast where a core has its instructions")
    p.add_argument("--workers", type=int, default=2, help="threads; each takes its part of the batch")
    p.add_argument("--rate", type=float, default=1.2e-3, help="learning rate of the decoder")
    p.add_argument("--vision-rate", type=float, default=8e-4)
    p.add_argument("--kinds", default="", help="weights of kinds of pictures, as scenestream takes them")
    p.add_argument("--questions", default="", help="weights of kinds of questions")
    p.add_argument("--per-image", type=int, default=6, help="questions about each picture")
    p.add_argument("--pictures", help="folder of real pictures: train/ and held/, with a folder for each sort")
    p.add_argument("--save", type=float, default=180, help="seconds between checkpoints")
    p.add_argument("--evaluate", type=float, default=600, help="seconds between evaluations")
    p.add_argument("--evaluated", type=int, default=320, help="held-out pictures per evaluation")
    return p.parse_args()


def label_counts(header):
    return len(header["classes"]), len(header["colours"]) + 1, header["orders"], len(header["positions"]) + 1


def load(model, path):
    """Takes every weight whose name and shape fit, and the first rows of those that have grown; the rest starts fresh."""
    saved = torch.load(path, map_location="cpu")
    saved, own = saved.get("model", saved), model.state_dict()
    fresh = []
    for name, weight in own.items():
        old = saved.get(name)
        if old is None or old.shape[1:] != weight.shape[1:] or len(old.shape) != len(weight.shape) or old.shape[:1] > weight.shape[:1]:
            fresh.append(name)
        elif old.shape == weight.shape:
            weight.copy_(old)
        else:
            weight[: len(old)] = old
            fresh.append(f"{name}[{len(old)}:]")
    return fresh


def groups(model, rate, vision_rate):
    out = []
    for vision in (False, True):
        for matrices in (False, True):
            chosen = [p for n, p in model.named_parameters() if n.startswith("vision") == vision and (p.ndim > 1) == matrices]
            out.append({"params": chosen, "weight_decay": 0.05 if matrices else 0.0, "base": vision_rate if vision else rate})
    return out


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

    def gradients(self, parts):
        """Takes a part of the batch for each model, leaves the mean gradient in the first and returns the parts of the loss."""
        done = list(self.pool.map(self._work, self.models, parts))
        for own, *others in zip(*(m.parameters() for m in self.models)):
            had = [p.grad for p in (own, *others) if p.grad is not None]
            own.grad = sum(had) / len(self.models) if had else None
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
        pixels, _, sequence, cells = names.batch(records)
        _, _, hidden = losses.forward(model, pixels.roll(shift, 0), sequence, cells)
        hit = model.logits(hidden).argmax(-1) == sequence[..., 3]
        for i, record in enumerate(records):
            for n, q in enumerate(record["questions"]):
                kind = q["kind"] + (":" + record["kind"] if q["kind"] == "describe" else "")
                if len(record["views"]) > 1 and q["kind"] not in ("change", "held-up", "real"):
                    kind = "latest:" + kind
                if q["kind"] == "change":
                    kind += ":" + next((w for w in ("appeared", "gone", "moved", "Nothing") if w in q["answer"]), "recoloured")
                if q["kind"] == "is-there" and len(record["views"]) == 1:
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
    album = lambda side: ["-pictures", os.path.join(a.pictures, side)] if a.pictures else []
    stream = Stream(a.stream, "-start", state["seed"], "-per-image", a.per_image, *album("train"), *mixture)
    test = Stream(a.stream, "-start", HELD_OUT, "-count", a.evaluated, "-kinds", EVALUATED, "-per-image", 5, "-earlier", 0, *album("held"))
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
    run(a, model, optimizer, Losses(packer, stream.header, a.precision == "bf16"), stream, held_out, state)
    stream.close()


def run(a, model, optimizer, losses, stream, held_out, state):
    log = open(a.log, "a", encoding="utf-8")
    began, since = time.time() - state["spent"], time.time()
    evaluated = saved = time.time()
    averages = None
    halves, stopping = Halves(model, losses, a.workers), []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))

    def note(**what):
        log.write(json.dumps(what) + "\n")
        log.flush()

    for parts in batches(stream, losses.packer, a.batch, a.workers):
        done = min(1, (state["seed"] - a.seed) / a.images)
        rate = 1 if done < 0.5 else 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (2 * done - 1)))
        rate *= min(1, (state["step"] + 1) / 100)
        for g in optimizer.param_groups:
            g["lr"] = g["base"] * rate
        values = halves.gradients(parts)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        averages = values if averages is None else 0.95 * averages + 0.05 * values
        state["step"] += 1
        state["seed"] += a.batch
        if state["step"] % 50 == 0:
            speed = 50 * a.batch / (time.time() - since)
            since = time.time()
            names = ("answer", "class", "colour", "order", "position", "alike", "found", "there", "compared")
            note(step=state["step"], seconds=round(time.time() - began), images=state["seed"] - a.seed, per_second=round(speed, 1),
                 rate=round(rate, 3), **{n: round(float(v), 4) for n, v in zip(names, averages)})
        if stopping or time.time() - saved > a.save or done >= 1:
            saved, state["spent"] = time.time(), time.time() - began
            torch.save({**state, "model": model.state_dict(), "optimizer": optimizer.state_dict()}, a.out + ".new")
            os.replace(a.out + ".new", a.out)
            if stopping:
                return
        if time.time() - evaluated > a.evaluate or done >= 1:
            note(step=state["step"], seconds=round(time.time() - began), right=evaluate(model, losses, held_out))
            evaluated = since = time.time()
        if done >= 1:
            return


if __name__ == "__main__":
    main()
