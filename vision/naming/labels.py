"""Writes labels.tsv: for each class of ImageNet its name in WordNet 3.0, and the sort of things it belongs to.

  python labels.py imagenet_synsets.txt data.noun

imagenet_synsets.txt, the order of the classes, is in the package timm 1.0.22 (Apache-2.0, timm/data/_info); data.noun is
WordNet's, in Debian's wordnet-base 1:3.0-37 (WordNet licence). A sort is the nearest of SORTS above a class.
"""
import sys
from collections import defaultdict

# WordNet's first word for a sort, and what people call it.
SORTS = {
    "dog": "dog", "domestic_cat": "cat", "big_cat": "big cat", "bird": "bird", "snake": "snake", "lizard": "lizard", "turtle": "turtle",
    "frog": "frog", "spider": "spider", "shark": "shark", "fish": "fish", "monkey": "monkey", "ape": "ape", "bear": "bear", "fox": "fox",
    "wolf": "wolf", "rabbit": "rabbit", "butterfly": "butterfly", "beetle": "beetle", "insect": "insect", "crab": "crab", "bovid": "hoofed animal",
    "car": "car", "truck": "truck", "ship": "ship", "boat": "boat", "vessel": "", "bus": "bus", "train": "train", "bicycle": "bicycle",
    "airplane": "airplane", "locomotive": "locomotive", "motorcycle": "motorcycle", "rocket": "rocket", "spacecraft": "spacecraft",
    "cup": "cup", "mug": "cup", "coffee": "coffee", "bottle": "bottle", "ball": "ball", "hat": "hat", "headdress": "hat", "shoe": "shoe", "footwear": "shoe",
    "keyboard": "keyboard", "computer": "computer", "telephone": "telephone", "timepiece": "clock", "bag": "bag", "chair": "chair",
    "sofa": "sofa", "table": "table", "bed": "bed", "lamp": "lamp", "camera": "camera", "knife": "knife", "guitar": "guitar", "piano": "piano",
    "stringed_instrument": "stringed instrument", "wind_instrument": "wind instrument", "drum": "drum", "gun": "gun", "citrus": "citrus fruit",
    "edible_fruit": "fruit", "vegetable": "vegetable", "bread": "bread", "mushroom": "mushroom", "fungus": "mushroom", "flower": "flower",
    "dwelling": "house", "place_of_worship": "place of worship", "bridge": "bridge", "tower": "tower", "fence": "fence",
    "screen": "screen", "cooking_utensil": "pan or pot", "pan": "pan or pot", "pot": "pan or pot", "glass": "glass", "spectacles": "glasses", "optical_instrument": "",
    "swimsuit": "swimsuit", "coat": "coat", "shirt": "shirt", "sweater": "sweater", "skirt": "skirt", "seat": "", "elephant": "elephant",
    "equine": "horse or zebra", "swine": "pig", "sheep": "sheep", "salamander": "salamander", "crocodilian_reptile": "crocodile", "mountain": "mountain",
    "shore": "shore", "cutlery": "cutlery", "printer": "printer", "wheel": "wheel",
}

# What WordNet puts below a sort and nobody calls so.
NOT = {
    "slide rule", "web site", "freight car", "passenger car", "Christmas stocking", "maillot", "hourglass", "parking meter", "punching bag",
    "bubble", "letter opener", "spatula", "sarong", "bearskin", "mortarboard", "cardoon", "meat loaf", "paddlewheel", "pinwheel", "typewriter keyboard",
}
# What people call what WordNet's first word does not say to everybody, by the class's number.
CALLED = {
    7: "rooster", 21: "kite (bird)", 134: "crane (bird)", 517: "crane (machine)", 242: "boxer dog", 339: "horse", 341: "pig", 412: "trash can",
    458: "memorial plaque", 468: "taxi", 487: "mobile phone", 608: "jeans", 628: "ocean liner", 673: "computer mouse", 680: "baby bottle nipple",
    681: "notebook computer", 687: "pipe organ", 714: "plectrum", 724: "pirate ship", 726: "carpenter's plane", 738: "flowerpot", 751: "racing car",
    776: "saxophone", 778: "weighing scale", 800: "slot machine", 836: "sunglasses", 881: "upright piano", 913: "shipwreck", 982: "bridegroom",
    989: "rose hip", 998: "ear of corn",
}


def main():
    words, above = {}, defaultdict(list)
    with open(sys.argv[2], encoding="utf-8") as f:
        for line in f:
            if line.startswith("  "):
                continue
            p = line.split(" ")
            count = int(p[3], 16)
            words[p[0]] = [p[4 + 2 * i] for i in range(count)]
            at = 4 + 2 * count
            for i in range(int(p[at])):
                kind, offset, pos, _ = p[at + 1 + 4 * i:at + 5 + 4 * i]
                if kind in ("@", "@i") and pos == "n":
                    above[p[0]].append(offset)

    def sort(offset):
        level = [offset]
        for _ in range(12):
            for o in level:
                if words[o][0] in SORTS:
                    return SORTS[words[o][0]]
            level = [a for o in level for a in above[o]]
        return ""

    lines, members = [], defaultdict(list)
    with open(sys.argv[1], encoding="utf-8") as f:
        for synset in f.read().split():
            name = words[synset[1:]][0].replace("_", " ")
            s = "" if name in NOT else sort(synset[1:])
            name = CALLED.get(len(lines), name)
            lines.append((name, s))
            members[s].append(name)
    with open("labels.tsv", "w", encoding="utf-8") as f:
        for name, s in lines:
            f.write(f"{name}\t{s}\n" if len(members[s]) > 1 and s else f"{name}\n")
    for s, m in sorted(members.items()):
        print(f"{s or '-'} ({len(m)}): {', '.join(m)}")


if __name__ == "__main__":
    main()
