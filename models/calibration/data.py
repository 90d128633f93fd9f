"""Reads examples from scenestream and packs them: one picture, then every question about it in one sequence."""
import json
import queue
import struct
import subprocess
import threading

import numpy as np
import torch

from model import TOKENS


class Stream:
    """Examples from one scenestream process, in order."""

    def __init__(self, program, *arguments):
        self._process = subprocess.Popen([program, *map(str, arguments)], stdout=subprocess.PIPE, bufsize=1 << 20)
        self._pipe = self._process.stdout
        self.header = self._message()

    def _message(self):
        head = self._pipe.read(4)
        if len(head) < 4:
            raise EOFError
        return json.loads(self._pipe.read(struct.unpack("<I", head)[0]))

    def __iter__(self):
        side = self.header["side"]
        while True:
            try:
                record = self._message()
            except EOFError:
                return
            record["pixels"] = np.frombuffer(self._pipe.read(side * side * 3), np.uint8).reshape(side, side, 3)
            yield record

    def close(self):
        self._process.terminate()
        self._process.wait()


# What the words of an answer depend on, by kind of question: the thing that the words before name, the thing that they are
# about to name, how many things there are.
NAMED, TOLD, COUNTED = 1, 2, 4
DEPENDS = {"where": NAMED, "where-absent": NAMED, "colour": NAMED, "colour-absent": NAMED, "is-there": NAMED,
           "at": TOLD, "describe": TOLD | COUNTED, "count": COUNTED}


class Packer:
    """Builds token sequences. Every question sees the picture's prefix and itself; positions restart for each."""

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer
        picture = "<fake_token_around_image><global-img>" + "<image>" * TOKENS + "<fake_token_around_image>"
        self.prefix = tokenizer.encode("<|im_start|>User:" + picture)
        self.first = self.prefix.index(tokenizer.ids["<image>"])
        self._blind = tokenizer.encode("<|im_start|>User:")

    def question(self, text, picture):
        end = "<end_of_utterance>\nAssistant:"
        return self.tokenizer.encode(text + end) if picture else self._blind + self.tokenizer.encode(" " + text + end)

    def pack(self, record):
        """Returns rows of (token, position, segment, target, question index, what the next word depends on)."""
        rows = [(t, i, 0, -100, -1, 0) for i, t in enumerate(self.prefix)]
        for n, q in enumerate(record["questions"]):
            asked = self.question(q["question"], q["picture"])
            answer = self.tokenizer.encode(" " + q["answer"] + "<end_of_utterance>")
            tokens, start = asked + answer, len(self.prefix) if q["picture"] else 0
            depends = DEPENDS.get(q["kind"], 0) if q["picture"] else 0
            segment = n + 1 if q["picture"] else -(n + 1)
            for i, token in enumerate(tokens[:-1]):
                answering = i >= len(asked) - 1
                rows.append((token, start + i, segment, tokens[i + 1] if answering else -100, n if answering else -1, depends if answering else 0))
        return rows

    def batch(self, records):
        packed = [self.pack(r) for r in records]
        length = max(map(len, packed))
        sequence = np.zeros((len(records), length, 6), np.int64)
        sequence[:] = (self.tokenizer.ids["<pad>"], 0, -99, -100, -1, 0)
        for i, rows in enumerate(packed):
            sequence[i, : len(rows)] = rows
        pixels = torch.from_numpy(np.stack([r["pixels"] for r in records]))
        names = ("class", "colour", "order", "position")
        labels = np.array([[r["labels"][n] for n in names] for r in records], np.int64)
        return pixels, torch.from_numpy(labels), torch.from_numpy(sequence)


def normalise(pixels):
    return pixels.permute(0, 3, 1, 2).float() / 127.5 - 1


def attention_mask(segment):
    """Additive mask [batch, 1, length, length]."""
    same = segment[:, :, None] == segment[:, None, :]
    prefix = (segment[:, None, :] == 0) & (segment[:, :, None] >= 0)
    allowed = (same | prefix).tril()
    return torch.zeros(allowed.shape).masked_fill(~allowed, -1e4).unsqueeze(1)


def batches(stream, packer, size, ahead=6):
    """Packs in a thread, a few batches ahead."""
    ready = queue.Queue(ahead)

    def work():
        records = []
        for record in stream:
            records.append(record)
            if len(records) == size:
                ready.put(packer.batch(records))
                records = []
        if records:
            ready.put(packer.batch(records))
        ready.put(None)

    threading.Thread(target=work, daemon=True).start()
    while (batch := ready.get()) is not None:
        yield batch
