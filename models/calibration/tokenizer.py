"""Byte-level BPE as tokenizer.json describes it: special tokens, then single digits, then the GPT-2 pattern."""
import json
import re

_PATTERN = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[^\W\d_]+| ?[^\s\w]+|\s+(?!\S)|\s+")


def _byte_letters():
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {b: chr(b) for b in printable}
    for b in range(256):
        if b not in letters:
            letters[b] = chr(256 + len(letters) - len(printable))
    return letters


class Tokenizer:
    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            data = json.load(f)
        self.ids = data["model"]["vocab"]
        self.tokens = {i: t for t, i in self.ids.items()}
        merges = [tuple(m.split(" ")) if isinstance(m, str) else tuple(m) for m in data["model"]["merges"]]
        self._rank = {m: i for i, m in enumerate(merges)}
        self._special = [t["content"] for t in data["added_tokens"]]
        self._split = re.compile("(" + "|".join(map(re.escape, self._special)) + ")")
        self._letters = _byte_letters()
        self._bytes = {c: b for b, c in self._letters.items()}
        self._known = {}

    def __len__(self):
        return len(self.ids)

    def encode(self, text):
        out = []
        for part in self._split.split(text):
            if part in self._special:
                out.append(self.ids[part])
                continue
            for piece in re.split(r"(\d)", part):
                for word in [piece] if piece.isdigit() else _PATTERN.findall(piece):
                    out += self._word(word)
        return out

    def decode(self, ids):
        text = "".join(self.tokens[i] for i in ids if self.tokens[i] not in self._special)
        return bytes(self._bytes[c] for c in text).decode("utf-8", "replace")

    def _word(self, word):
        if word not in self._known:
            parts = [self._letters[b] for b in word.encode()]
            while len(parts) > 1:
                rank, at = min((self._rank.get(pair, len(self._rank)), i) for i, pair in enumerate(zip(parts, parts[1:])))
                if rank == len(self._rank):
                    break
                parts[at : at + 2] = ["".join(parts[at : at + 2])]
            self._known[word] = [self.ids[p] for p in parts]
        return self._known[word]
