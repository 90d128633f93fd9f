"""Reads examples from scenestream and packs them: one picture or two, then every question about them in one sequence."""
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
            for view in record["views"]:
                view["pixels"] = np.frombuffer(self._pipe.read(side * side * 3), np.uint8).reshape(side, side, 3)
            yield record

    def close(self):
        self._process.terminate()
        self._process.wait()


# What the words of an answer depend on, by kind of question: the thing that the words before name, the thing that they are
# about to name, how many things there are; and whether the earlier of two pictures is asked about, too.
NAMED, TOLD, COUNTED, BOTH = 1, 2, 4, 8
DEPENDS = {"where": NAMED, "where-absent": NAMED, "colour": NAMED, "colour-absent": NAMED, "is-there": NAMED,
           "at": TOLD, "describe": TOLD | COUNTED, "count": COUNTED, "change": TOLD | BOTH, "held-up": TOLD | BOTH}


class Packer:
    """Builds token sequences. Every question sees the pictures' prefix and itself; positions restart for each."""

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer
        self.image = tokenizer.ids["<image>"]
        self._picture = tokenizer.encode("<fake_token_around_image><global-img>" + "<image>" * TOKENS + "<fake_token_around_image>")
        self._user = tokenizer.encode("<|im_start|>User:")

    def prefix(self, views):
        """The tokens of pictures, oldest first: where there are several, each behind its caption."""
        tokens = list(self._user)
        for n, view in enumerate(views):
            tokens += self.tokenizer.encode(" " * (n == 0) + view["caption"]) if view["caption"] else []
            tokens += self._picture
        return tokens

    def question(self, text, picture):
        end = "<end_of_utterance>\nAssistant:"
        return self.tokenizer.encode(text + end) if picture else self._user + self.tokenizer.encode(" " + text + end)

    def pack(self, record):
        """Returns rows of (token, position, segment, target, question index, what the next word depends on)."""
        prefix = self.prefix(record["views"])
        rows = [(t, i, 0, -100, -1, 0) for i, t in enumerate(prefix)]
        for n, q in enumerate(record["questions"]):
            asked = self.question(q["question"], q["picture"])
            answer = self.tokenizer.encode(" " + q["answer"] + "<end_of_utterance>")
            tokens, start = asked + answer, len(prefix) if q["picture"] else 0
            depends = DEPENDS.get(q["kind"], 0) if q["picture"] else 0
            segment = n + 1 if q["picture"] else -(n + 1)
            for i, token in enumerate(tokens[:-1]):
                answering = i >= len(asked) - 1
                rows.append((token, start + i, segment, tokens[i + 1] if answering else -100, n if answering else -1, depends if answering else depends & BOTH))
        return rows

    def batch(self, records):
        """Pixels and labels of all pictures, record by record; sequences; and for each record where its image tokens stand,
        those of the newest picture first, -1 where there are none."""
        packed = [self.pack(r) for r in records]
        length = max(map(len, packed))
        sequence = np.zeros((len(records), length, 6), np.int64)
        sequence[:] = (self.tokenizer.ids["<pad>"], 0, -99, -100, -1, 0)
        cells = np.full((len(records), VIEWS * TOKENS), -1, np.int64)
        labels = np.full((len(records), 4, VIEWS * TOKENS), -1, np.int64)
        names = ("class", "colour", "order", "position")
        for i, (rows, record) in enumerate(zip(packed, records)):
            sequence[i, : len(rows)] = rows
            at = np.flatnonzero(sequence[i, :, 0] == self.image).reshape(-1, TOKENS)[::-1]
            cells[i, : at.size] = at.ravel()
            for k, view in enumerate(record["views"][::-1]):
                labels[i, :, k * TOKENS : (k + 1) * TOKENS] = [view["labels"][n] for n in names]
        pixels = torch.from_numpy(np.stack([v["pixels"] for r in records for v in r["views"]]))
        return pixels, torch.from_numpy(labels), torch.from_numpy(sequence), torch.from_numpy(cells)


VIEWS = 2  # at most so many pictures in an example


def normalise(pixels):
    return pixels.permute(0, 3, 1, 2).float() / 127.5 - 1


def attention_mask(segment):
    """Additive mask [batch, 1, length, length]."""
    same = segment[:, :, None] == segment[:, None, :]
    prefix = (segment[:, None, :] == 0) & (segment[:, :, None] >= 0)
    allowed = (same | prefix).tril()
    return torch.zeros(allowed.shape).masked_fill(~allowed, -1e4).unsqueeze(1)


def batches(stream, packer, size, parts=1, ahead=6):
    """Packs in a thread, a few batches ahead; every batch comes in so many parts, each packed for itself."""
    ready = queue.Queue(ahead)

    def work():
        records = []
        for record in stream:
            records.append(record)
            if len(records) == size:
                ready.put([packer.batch(records[n::parts]) for n in range(parts)])
                records = []
        ready.put(None)

    threading.Thread(target=work, daemon=True).start()
    while (batch := ready.get()) is not None:
        yield batch
