"""Checks trainer and scenestream against each other: python check.py ./scenestream"""
import os
import sys

import torch

from data import Packer, Stream, attention_mask
from model import TOKENS, Model
from tokenizer import Tokenizer
from losses import Losses
from train import label_counts


def main():
    torch.manual_seed(0)
    here = os.path.dirname(os.path.abspath(__file__))
    packer = Packer(Tokenizer(os.path.join(here, "weights", "tokenizer.json")))
    stream = Stream(sys.argv[1], "-count", 24)
    records = list(stream)
    assert len(records) == 24, len(records)
    for record in records:
        for q in record["questions"]:
            for text in (q["question"], q["answer"]):
                assert packer.tokenizer.decode(packer.tokenizer.encode(text)) == text, text

    pixels, labels, sequence, cells = batch = packer.batch(records)
    mask = attention_mask(sequence[..., 2])[:, 0] == 0
    segment = sequence[..., 2]
    assert not mask.triu(1).any(), "a token sees a later one"
    blind = segment < 0
    assert not (mask & blind.unsqueeze(2) & (segment == 0).unsqueeze(1)).any(), "a blind question sees the picture"
    other = (segment.unsqueeze(1) != segment.unsqueeze(2)) & (segment.unsqueeze(1) > 0)
    assert not (mask & other).any(), "a question sees another one"
    for i, record in enumerate(records):
        views = len(record["views"])
        held = cells[i, : views * TOKENS]
        assert (sequence[i, held, 0] == packer.image).all() and (cells[i, views * TOKENS :] == -1).all()
        assert views == 1 or held[0] > held[TOKENS], "the newest picture does not stand last"
        newest = torch.tensor(record["views"][-1]["labels"]["class"])
        assert (labels[i, 0, :TOKENS] == newest).all(), "the labels of another picture"
    assert len(pixels) == sum(len(r["views"]) for r in records) == len(Losses._seen(labels))
    assert any(len(r["views"]) == 2 for r in records) and any(len(r["views"]) == 1 for r in records)

    model, losses = Model(len(packer.tokenizer), label_counts(stream.header)), Losses(packer, stream.header)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    history = []
    for _ in range(12):
        loss, parts = losses(model, *batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        history.append(parts[0].item())
    assert history[-1] < 0.8 * history[0], history
    print("fine: answers lose", [round(h, 2) for h in history])


if __name__ == "__main__":
    main()
