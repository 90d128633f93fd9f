"""Checks trainer and scenestream against each other: python check.py ./scenestream"""
import os
import sys

import torch

from data import Packer, Stream, attention_mask
from model import TOKENS, Model
from tokenizer import Tokenizer
from train import Losses, label_counts


def main():
    torch.manual_seed(0)
    here = os.path.dirname(os.path.abspath(__file__))
    packer = Packer(Tokenizer(os.path.join(here, "weights", "tokenizer.json")))
    stream = Stream(sys.argv[1], "-count", 16)
    records = list(stream)
    assert len(records) == 16, len(records)
    for record in records:
        for q in record["questions"]:
            for text in (q["question"], q["answer"]):
                assert packer.tokenizer.decode(packer.tokenizer.encode(text)) == text, text

    pixels, labels, sequence = batch = packer.batch(records)
    mask = attention_mask(sequence[..., 2])[:, 0] == 0
    segment = sequence[..., 2]
    assert not mask.triu(1).any(), "a token sees a later one"
    blind = segment < 0
    assert not (mask & blind.unsqueeze(2) & (segment == 0).unsqueeze(1)).any(), "a blind question sees the picture"
    other = (segment.unsqueeze(1) != segment.unsqueeze(2)) & (segment.unsqueeze(1) > 0)
    assert not (mask & other).any(), "a question sees another one"
    assert (sequence[:, packer.first : packer.first + TOKENS, 0] == packer.tokenizer.ids["<image>"]).all()

    model, losses = Model(len(packer.tokenizer), label_counts(stream.header)), Losses(packer, stream.header)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    history = []
    for _ in range(12):
        loss, parts = losses(model, *batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        history.append(float(parts[0]))
    assert history[-1] < 0.8 * history[0], history
    print("fine: answers lose", [round(h, 2) for h in history])


if __name__ == "__main__":
    main()
