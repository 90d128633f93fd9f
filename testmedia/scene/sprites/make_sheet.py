"""Renders sheet.png from Debian's NotoColorEmoji.ttf (package fonts-noto-color-emoji).

usage: python make_sheet.py /usr/share/fonts/truetype/noto/NotoColorEmoji.ttf
Needs Pillow. The order of NAMES is the order of scene.emojiNames; cells run row by row, 8 to a row, 128 pixels square.
"""
import pathlib
import sys

from PIL import Image, ImageDraw, ImageFont

CELL, COLUMNS, STRIKE = 128, 8, 109
NAMES = """cat 1F431 dog 1F436 apple 1F34E car 1F697 banana 1F34C clock 23F0 umbrella 2614 house 1F3E0
tree 1F333 sunflower 1F33B cloud 2601 snowman 26C4 rainbow 1F308 key 1F511 book 1F4D6 scissors 2702
camera 1F4F7 bell 1F514 gift 1F381 balloon 1F388 guitar 1F3B8 trumpet 1F3BA trophy 1F3C6 airplane 2708
rocket 1F680 bicycle 1F6B2 anchor 2693 elephant 1F418 penguin 1F427 owl 1F989 fish 1F41F butterfly 1F98B
turtle 1F422 crab 1F980 strawberry 1F353 pineapple 1F34D carrot 1F955 pizza 1F355 crown 1F451 robot 1F916""".split()


def sprite(font, code):
    """One emoji, cropped to its ink and centred in a square cell."""
    image = Image.new("RGBA", (200, 200))
    ImageDraw.Draw(image).text((20, 20), chr(int(code, 16)), font=font, embedded_color=True)
    image = image.crop(image.getbbox())
    side = max(image.size)
    square = Image.new("RGBA", (side, side))
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return square.resize((CELL, CELL), Image.LANCZOS)


def main():
    font = ImageFont.truetype(sys.argv[1], STRIKE)
    codes = NAMES[1::2]
    sheet = Image.new("RGBA", (CELL * COLUMNS, CELL * -(-len(codes) // COLUMNS)))
    for i, code in enumerate(codes):
        sheet.paste(sprite(font, code), (i % COLUMNS * CELL, i // COLUMNS * CELL))
    sheet.save(pathlib.Path(__file__).with_name("sheet.png"), optimize=True)


if __name__ == "__main__":
    main()
