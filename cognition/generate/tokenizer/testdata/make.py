"""Writes the golden vectors of this folder with the reference implementation: pip install tokenizers==0.23.3

    python3 make.py ../../../../models/calibration/weights/tokenizer.json

bytelevel.json is a copy of the tokenizer named on the command line; the small ones cover what it does not use. gemma.json has the shape of
Gemma's: a SentencePiece vocabulary as BPE with byte fallback. golden_ids.json holds rows of ids, broken characters among them, with their text.
"""
import json, random, sys
from tokenizers import Tokenizer, models, normalizers, trainers

ADDED = dict(single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)


def write(name, added, normalizer, pre, decoder, model):
    data = dict(version='1.0', truncation=None, padding=None, added_tokens=added, normalizer=normalizer, pre_tokenizer=pre,
                post_processor=None, decoder=decoder, model=model)
    with open(name + '.json', 'w') as f:
        json.dump(data, f, ensure_ascii=False, indent=0)


def bpe(vocab, merges, **kw):
    return dict(dict(type='BPE', dropout=None, unk_token=None, continuing_subword_prefix=None, end_of_word_suffix=None, fuse_unk=False,
                     byte_fallback=False, ignore_merges=False, vocab=vocab, merges=merges), **kw)


def small():
    words = ['[UNK]', 'the', 'cat', 'sat', ',', '.', "don", "'", 't', 'é', '12']
    write('wordlevel', [dict(ADDED, id=11, content='[SEP]')], dict(type='Lowercase'), dict(type='Whitespace'), None,
          dict(type='WordLevel', vocab={w: i for i, w in enumerate(words)}, unk_token='[UNK]'))
    letters = ['<unk>'] + list('abcdehlorstu ') + ['<0xC3>', '<0xA9>', 'th', 'the', 'he', 'ab', 'abc', 'll', 'hello']
    merges = [['t', 'h'], ['h', 'e'], ['th', 'e'], ['a', 'b'], ['ab', 'c'], ['l', 'l']]
    vocab = {w: i for i, w in enumerate(letters)}
    n = len(vocab)
    added = [dict(ADDED, id=n, content='<a>', lstrip=True), dict(ADDED, id=n + 1, content='<b>', rstrip=True),
             dict(ADDED, id=vocab['abc'], content='abc', single_word=True, special=False), dict(ADDED, id=n + 2, content='NORM', normalized=True, special=False),
             dict(ADDED, id=n + 3, content='<a><b>')]
    write('fallback', added, dict(type='Sequence', normalizers=[dict(type='NFKC'), dict(type='Lowercase')]),
          dict(type='Split', pattern=dict(String=' '), behavior='Isolated', invert=False), dict(type='Fuse'),
          bpe(vocab, merges, unk_token='<unk>', fuse_unk=True, byte_fallback=True, ignore_merges=True))
    write('unknown', added[:2], None, dict(type='Digits', individual_digits=False), dict(type='Fuse'), bpe(vocab, [' '.join(m) for m in merges], unk_token='<unk>'))
    pattern = ("(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+")
    chars = [chr(c) for c in range(0x21, 0x7f)] + [chr(c) for c in range(0xa1, 0x180)]
    write('qwen', [], dict(type='NFC'), dict(type='Sequence', pretokenizers=[
        dict(type='Split', pattern=dict(Regex=pattern), behavior='Isolated', invert=False),
        dict(type='ByteLevel', add_prefix_space=False, trim_offsets=False, use_regex=False)]), dict(type='ByteLevel', add_prefix_space=False, trim_offsets=False, use_regex=False),
          bpe({c: i for i, c in enumerate(chars)} | {'ĠĠ': 500, 'ĊĊ': 501, "'s": 502, 'ĠĊ': 503, '.Ċ': 504, 'ĠĠĠ': 505},
              [['Ġ', 'Ġ'], ['Ċ', 'Ċ'], ["'", 's'], ['Ġ', 'Ċ'], ['.', 'Ċ'], ['ĠĠ', 'Ġ']]))
    write('prefix', [dict(ADDED, id=317, content='<s>')], None, dict(type='ByteLevel', add_prefix_space=True, trim_offsets=True, use_regex=True),
          dict(type='ByteLevel', add_prefix_space=True, trim_offsets=True, use_regex=True), bpe({c: i for i, c in enumerate(chars)}, []))


SPECIAL = ['<pad>', '<eos>', '<bos>', '<unk>', '<start_of_turn>', '<end_of_turn>', '<start_of_image>', '<start_of_audio>']
BEHIND = ['<end_of_image>', '<image_soft_token>', '<end_of_audio>', '<audio_soft_token>']
TEXT = """what color is the circle at the top left? the circle is red, and the square below it is blue.
who is speaking? a person asks what you see and what you hear. there are two pictures, one of a cat and one of a hat.
User asks: what is the number 472? It is 4 7 2. I hear the word hello. They say that we will be there.
tell me more about this picture, please! There's no light in the other one; only the sound of rain (and wind) is heard.
"""


def gemma():
    t = Tokenizer(models.BPE())
    t.normalizer = normalizers.Replace(' ', '\u2581')
    first = SPECIAL + ['\n\n', '\u2581\u2581', '<table>'] + [f'<0x{b:02X}>' for b in range(256)]
    t.train_from_iterator(TEXT.splitlines(keepends=True), trainers.BpeTrainer(vocab_size=380, special_tokens=first, show_progress=False))
    made = json.loads(t.to_str())['model']
    for token in BEHIND:
        made['vocab'][token] = len(made['vocab'])
    ids = made['vocab']
    plain = ['\n\n', '\u2581\u2581', '<table>']
    added = sorted([dict(ADDED, id=ids[a], content=a) for a in SPECIAL + BEHIND] + [dict(ADDED, id=ids[a], content=a, special=False) for a in plain], key=lambda a: a['id'])
    write('gemma', added, dict(type='Replace', pattern=dict(String=' '), content='\u2581'),
          dict(type='Split', pattern=dict(String=' '), behavior='MergedWithPrevious', invert=False),
          dict(type='Sequence', decoders=[dict(type='Replace', pattern=dict(String='\u2581'), content=' '), dict(type='ByteFallback'), dict(type='Fuse')]),
          bpe(ids, made['merges'], unk_token='<unk>', fuse_unk=True, byte_fallback=True))
    # The same pre-tokenizer where it meets spaces, since no normalizer has taken them away.
    write('behind', added, None, dict(type='Split', pattern=dict(String=' '), behavior='MergedWithPrevious', invert=False),
          dict(type='Sequence', decoders=[dict(type='ByteFallback'), dict(type='Fuse')]), bpe(ids, made['merges'], unk_token='<unk>', fuse_unk=False, byte_fallback=True))


def rows(t):
    """Ids in any order: bytes that make characters, and bytes that make none."""
    r = random.Random(3)
    known = [t.token_to_id(f'<0x{b:02X}>') for b in range(256)]
    out = [[known[b] for b in 'é€😀'.encode()], [known[b] for b in 'é'.encode() + b'\xff' + 'é'.encode()], [known[0xe2], known[0x82]], []]
    for _ in range(60):
        row = []
        for _ in range(r.randint(1, 5)):
            kind = r.random()
            if kind < .4:
                row += [known[b] for b in r.choice('é€😀aß漢').encode()]
            elif kind < .6:
                row += [known[r.randrange(256)] for _ in range(r.randint(1, 3))]
            else:
                row.append(r.randrange(t.get_vocab_size()))
        out.append(row)
    return [dict(ids=row, plain=t.decode(row), kept=t.decode(row, skip_special_tokens=False)) for row in out]


def lines(special):
    r = random.Random(20)
    english = "the quick brown fox jumps over lazy dog's what's I'm you're we've they'll he'd It'S DON'T can't hello abc, 472 1,234.56 2nd".split()
    odd = [chr(c) for c in [9, 10, 11, 12, 13, 0x85, 0xa0, 0x1680, 0x2003, 0x2028, 0x202f, 0x3000, 0xfeff, 0x200b, 0x200d, 1, 0x7f, 0xad, 0xb2, 0xbd, 0xdf,
                            0x130, 0x17f, 0x1c5, 0x300, 0x301, 0x37a, 0x5d0, 0x627, 0x661, 0x966, 0xe33, 0x1100, 0x1e9e, 0x2160, 0x2188, 0x2460, 0x3007,
                            0x3042, 0x4e00, 0xac00, 0xe000, 0xfb01, 0xff10, 0x10400, 0x1d7ce, 0x1f600, 0x1f1e9, 0xe0001, 0x10ffff, 0x2019, 0x20ac, 0xe9]]
    plain = [chr(c) for c in range(32, 127)]
    out = ['', ' ', '\n', "'s 'S", 'abc', 'xabc abc abcx', 'NORM norm', '  <a>  <b>  x', '<a><b>', 'hello', 'thethe', 'ab  ab\r\n\r\n ab']
    for _ in range(30):
        out.append(' '.join(r.choice(english) for _ in range(r.randint(1, 9))) + r.choice(['', '?', '...', ' ', '\n', '  ', '\n\n ']))
        out.append(''.join(r.choice(plain) if r.random() < .8 else r.choice(' \n\t') for _ in range(r.randint(1, 30))))
        out.append(''.join(r.choice(odd) if r.random() < .6 else r.choice(plain) for _ in range(r.randint(1, 16))))
        out.append(''.join(r.choice([r.choice(special), r.choice(special)[:-1], r.choice(english), ' ', '\n', r.choice(plain)]) for _ in range(r.randint(1, 8))))
    for t in special:
        out += [t, ' ' + t + ' ', t + t, 'a' + t + 'b', t[:-1], t[1:]]
    return out


if __name__ == '__main__':
    with open(sys.argv[1]) as f, open('bytelevel.json', 'w') as g:
        g.write(f.read())
    small()
    gemma()
    golden, ids = {}, {}
    for name in ['bytelevel', 'wordlevel', 'fallback', 'unknown', 'qwen', 'prefix', 'gemma', 'behind']:
        t = Tokenizer.from_file(name + '.json')
        special = [a['content'] for a in json.load(open(name + '.json'))['added_tokens']] or ['<x>']
        golden[name] = [dict(text=s, ids=(e := t.encode(s, add_special_tokens=False).ids), plain=t.decode(e), kept=t.decode(e, skip_special_tokens=False))
                        for s in lines(special)]
    with open('golden.json', 'w') as f:
        f.write('{\n' + ',\n'.join(json.dumps(n) + ': [\n' + ',\n'.join(json.dumps(x) for x in v) + '\n]' for n, v in golden.items()) + '\n}\n')
    for name in ['gemma', 'behind']:
        ids[name] = rows(Tokenizer.from_file(name + '.json'))
    with open('golden_ids.json', 'w') as f:
        f.write('{\n' + ',\n'.join(json.dumps(n) + ': [\n' + ',\n'.join(json.dumps(x) for x in v) + '\n]' for n, v in ids.items()) + '\n}\n')
