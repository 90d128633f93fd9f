"""What the calibration model is trained for: answers, what every image token shows, and where attention heads look."""
import torch
import torch.nn.functional as F

from data import BOTH, COUNTED, NAMED, TOLD, attention_mask, normalise
from model import TOKENS

POINTING = 1  # the decoder layer whose first head is taught to look, from a name, at what it names
REACHING = 2  # and the one where two heads are taught to look at what the next word of an answer depends on
COMPARING = 0  # and the one where a head of a newer picture is taught to look at the same place of the older one
PHRASE = 3  # so many words before a name belong to it: "and a red circle"


class Losses:
    """What is learned: answers, the labels of every image token, and image tokens that resemble their words."""

    def __init__(self, packer, header, short=False):
        """short computes products in bfloat16."""
        self.short = short
        ids, encode = packer.tokenizer.ids, packer.tokenizer.encode
        word = lambda name: ids[name] if name.isdigit() else encode(" " + name)[0]
        named = [(i, word(n)) for i, n in enumerate(header["classes"]) if n not in ("background", "panel", "real")]
        self.real = header["classes"].index("real")
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

    def forward(self, model, pixels, sequence, cells):
        with torch.autocast("cpu", torch.bfloat16, enabled=self.short):
            features = model.vision(normalise(pixels).contiguous(memory_format=torch.channels_last))
            image = model.conn(features).float()
            x = model.emb(sequence[..., 0])
            x = x.masked_scatter((sequence[..., 0] == self.packer.image).unsqueeze(-1), image)
            hidden, _ = model.decode(x, sequence[..., 1], attention_mask(sequence[..., 2]))
        return features.float(), image, hidden.float()

    def __call__(self, model, pixels, labels, sequence, cells):
        features, image, hidden = self.forward(model, pixels, sequence, cells)
        asked = sequence[..., 3] >= 0
        target = sequence[..., 3][asked]
        answer = F.cross_entropy(model.logits(hidden[asked]), target, weight=self.weights)
        seen = self._seen(labels)
        dense = [self._dense(head(features), seen, k) for k, head in enumerate(model.vision.heads)]
        alike = self._alike(model, image, self.name_words, self.name_of[seen[:, 0]])
        alike = alike + 0.5 * self._alike(model, image, self.colour_words, seen[:, 1] - 1)
        alike = alike + 0.5 * self._alike(model, image, self.place_words, self.places[seen[:, 3]], seen[:, 3] > 0)
        found, there = self._found(model, labels, sequence, cells)
        compared = self._compared(model, labels, cells)
        auxiliary = dense[0] + 0.5 * dense[1] + 0.3 * dense[2] + 0.3 * dense[3]
        return 2 * answer + 0.3 * auxiliary + 0.3 * (alike + found + there + compared), [answer, *dense, alike, found, there, compared]

    @staticmethod
    def _seen(labels):
        """Labels by picture as the pixels lie: the older of two first."""
        by_view = labels.unflatten(2, (-1, TOKENS)).transpose(1, 2).flip(1).flatten(0, 1)
        return by_view[by_view[:, 0, 0] >= 0]

    def _dense(self, logits, labels, k):
        covered = ((labels[:, 0] > 0) & (labels[:, 0] != self.real)).float()
        weight = covered + (1 - covered) * (0.1 if k == 1 else 0.15)
        loss = F.cross_entropy(logits.flatten(0, 1), labels[:, k].flatten(), reduction="none").view_as(weight)
        return (loss * weight).sum() / weight.sum()

    def _found(self, model, labels, sequence, cells):
        """A name in a question or an answer attends to the image tokens that show the thing, of the colour before the
        name if there is one, or, when none does, to the token before the newest image; and knows which of both it was. One
        layer later the words of an answer attend to the thing that the next of them depends on, named before or about to be
        named; and with another head, where how many things there are matters, to the last of them in reading order. All of it
        in the newest picture: where the question is about what changed, at the places where the thing came or went."""
        token, segment, depends = sequence[..., 0], sequence[..., 2], sequence[..., 5]
        name = torch.where(segment > 0, self.class_of[token], -1)
        hue = self.colour_of[token].roll(1, 1)
        at, end = torch.arange(name.shape[1]).expand_as(name), name.shape[1] - 1
        before = torch.where(name >= 0, at, -1).cummax(1).values.clamp(min=0)
        ahead = torch.where(name >= 0, at, end).flip(1).cummin(1).values.flip(1)
        near = torch.where((depends & TOLD > 0) & (ahead - at <= PHRASE), ahead, before)
        sought = (depends & (NAMED | TOLD) > 0) & (segment.gather(1, near) == segment)
        classes, colours, orders = labels[:, 0], labels[:, 1], labels[:, 2]
        last = (orders > 0) & (orders == orders[:, :TOKENS].amax(1, keepdim=True))
        last[:, TOKENS:] = False
        both, differs = depends & BOTH > 0, self._differs(labels)

        def shown(names, hues):
            def these(i, j):
                hue = hues[i, j].unsqueeze(1)
                match = (classes[i] == names[i, j].unsqueeze(1)) & ((hue < 0) | (colours[i] == hue))
                now, was = match.split(TOKENS, 1)
                return F.pad(torch.where(both[i, j].unsqueeze(1), differs[i] & (now | was), now), (0, TOKENS))

            return these

        (pointing, _), (reaching, counting) = (model.layers[n].pointers for n in (POINTING, REACHING))
        lost = self._looks(pointing, name >= 0, shown(name, hue), cells)
        named = torch.nonzero(name >= 0, as_tuple=True)
        there = F.cross_entropy(model.there(model.compared[named].float()), shown(name, hue)(*named).any(1).long())
        name, hue = name.gather(1, near), hue.gather(1, near)
        lost = lost + self._looks(reaching, sought & (name >= 0), shown(name, hue), cells)
        return lost + 0.5 * self._looks(counting, depends & COUNTED > 0, lambda i, j: last[i], cells), there

    @staticmethod
    def _differs(labels):
        """Where the newer of two pictures shows something else than the older; nowhere where there is one picture."""
        now, was = labels[:, :2].split(TOKENS, 2)
        return (now != was).any(1) & (was[:, 0] >= 0)

    @staticmethod
    def _looks(scores, asked, shown, cells):
        which, when = torch.nonzero(asked, as_tuple=True)
        shown = shown(which, when)
        target = torch.cat([~shown.any(1, keepdim=True), shown], 1)
        at = torch.cat([cells[:, :1] - 1, cells], 1)[which]
        likely = F.log_softmax(scores[which, when].float(), -1).gather(1, at.clamp(min=0)).masked_fill(at < 0, -1e4)
        return -likely.masked_fill(~target, -1e4).logsumexp(1).sum() / max(1, len(which))

    def _compared(self, model, labels, cells):
        """An image token of the newer of two pictures attends to the same one of the older, and knows whether they show
        the same, and what that one shows: what is gone can only be told from there."""
        pairs = cells[:, TOKENS] >= 0
        if not pairs.any():
            return torch.zeros(())
        newer, older = cells[pairs, :TOKENS], cells[pairs, TOKENS:]
        rows = torch.nonzero(pairs).expand_as(newer)
        pointer = model.layers[COMPARING].pointers[1][rows, newer].float()
        looks = F.log_softmax(pointer, -1).gather(2, older.unsqueeze(2)).mean()
        differs, known = self._differs(labels)[pairs], model.compared[rows, newer].float()
        weight = (0.2 + 0.8 * differs.float()).flatten()
        told = zip((model.differs, *model.was), (differs.long(), labels[pairs, 0, TOKENS:], labels[pairs, 1, TOKENS:]))
        loss = sum(F.cross_entropy(head(known).flatten(0, 1), is_.flatten(), reduction="none") for head, is_ in told)
        return (loss * weight).sum() / weight.sum() - 0.3 * looks

    @staticmethod
    def _alike(model, image, words, target, covered=None):
        near = F.normalize(image, dim=-1) @ F.normalize(model.emb(words), dim=-1).T
        covered = target >= 0 if covered is None else covered
        if not covered.any():
            return torch.zeros(())
        return F.cross_entropy(16 * near[covered], target[covered])
