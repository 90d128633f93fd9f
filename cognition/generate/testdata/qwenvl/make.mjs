// Writes golden.json of the folders that make.py wrote: what transformers.js makes of some conversations.
//
//     npm install @huggingface/transformers@4.3.2     (in any folder, with Node 20)
//     node make.mjs /path/to/that/folder
//
// Pixel values are those of vision/testdata/patches, which come from the processor of Python's transformers. The processor of transformers.js is held
// to them where a picture keeps its size; where one is scaled it takes other filters (sharp's), rounds halves up
// and enlarges small ones first, so grids differ too; its greatest difference is printed.
// transformers.js takes several pictures of one size as the frames of a film, so each is processed for itself here and the patches are joined.
// For a conversation without pictures, version 4.3.2 adds the length of the prompt to the offset of later positions where Python's transformers
// subtracts it, so that an answer would begin at three times its place. That method is replaced; nothing else is.
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(path.resolve(process.argv[2], 'package.json'));
const T = await import(pathToFileURL(require.resolve('@huggingface/transformers')));
T.env.allowRemoteModels = false;
T.env.localModelPath = path.resolve('.');

const PATCHES = '../../../../vision/testdata/patches/';
const CASES = Object.fromEntries(JSON.parse(fs.readFileSync(PATCHES + 'cases.json')).map((c) => [c.name, c]));
const user = (text, ...images) => ({ role: 'user', text, images });
const other = (role, text) => ({ role, text, images: [] });
const TALKS = [
    [user('what is the number 472?')],
    [other('system', 'You are brief.'), user("naïve — who's he?\n")],
    [user('what do you see?', 'exact')],
    [user('what do you see?', 'square')],
    [user('what do you see?', 'wide')],
    [user('what do you see?', 'tall')],
    [user('', 'large')],
    [user('compare the two', 'wide', 'exact')],
    [user('compare the three', 'tiny', 'thin', 'halves')],
    [user('what do you see?', 'wide'), other('assistant', 'A disc, and stripes.'), user('are you sure?')],
    [other('system', 'You are brief.'), user('the first', 'tall'), other('assistant', 'Yes.'), user('the second', 'square'), other('assistant', 'No.'), user('and?')],
];
const TOKENS = 48;

class Margin extends T.LogitsProcessor {
    least = Infinity;
    _call(_, logits) {
        const [best, next] = [...logits.data].sort((a, b) => b - a);
        this.least = Math.min(this.least, best - next);
        return logits;
    }
}

function pixels(name) {
    const bytes = zlib.gunzipSync(fs.readFileSync(PATCHES + name + '.f32.gz'));
    const data = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    return new T.Tensor('float32', data, CASES[name].shape);
}

async function compare(processor, name) {
    const image = await T.RawImage.read(PATCHES + name + '.png');
    const made = await processor.image_processor(image);
    const grid = made.image_grid_thw.tolist()[0].map(Number);
    const want = pixels(name);
    const same = String(grid) === String(CASES[name].grid);
    const most = same ? Math.max(...want.data.map((v, i) => Math.abs(v - made.pixel_values.data[i]))) : NaN;
    const [, rows, cols] = CASES[name].grid;
    if (rows * 4 === image.height && cols * 4 === image.width && !(most < 1e-6)) {
        throw new Error(`${name}: the processors differ by ${most}`);
    }
    return `${name} ${grid} ${most.toFixed(4)}`;
}

async function answer(name, model, processor, messages) {
    const names = messages.flatMap((m) => m.images);
    const chat = messages.map((m) => ({ role: m.role, content: [...m.images.map(() => ({ type: 'image' })), { type: 'text', text: m.text }] }));
    const text = processor.apply_chat_template(chat, { add_generation_prompt: true, chat_template: fs.readFileSync(name + '/chat_template.jinja', 'utf8') });
    const pictures = {};
    if (names.length) {
        pictures.pixel_values = T.cat(names.map(pixels), 0);
        pictures.image_grid_thw = new T.Tensor('int64', names.flatMap((n) => CASES[n].grid), [names.length, 3]);
    }
    // The processor itself, with the patches above in place of what it would make of a picture.
    const with_patches = Object.create(processor);
    Object.defineProperty(with_patches, 'image_processor', { value: Object.assign(async () => pictures, { config: processor.image_processor.config }) });
    const inputs = await Object.getPrototypeOf(processor)._call.call(with_patches, text, names.length ? names : null);
    const [positions] = model.get_rope_index(inputs.input_ids, inputs.image_grid_thw, null, inputs.attention_mask);
    const margin = new Margin();
    const logits_processor = new T.LogitsProcessorList();
    logits_processor.push(margin);
    const made = await model.generate({ ...inputs, max_new_tokens: TOKENS, do_sample: false, logits_processor });
    const prompt = inputs.input_ids.tolist()[0].map(Number);
    const stop = model.generation_config.eos_token_id;
    const ids = made.tolist()[0].map(Number).slice(prompt.length).filter((id) => !stop.includes(id));
    return { messages, prompt, positions: positions.tolist().map((row) => row[0].map(Number)), ids, margin: Number(margin.least.toFixed(5)) };
}

function text_only(input_ids) {
    const n = input_ids.dims[1];
    const row = Array.from({ length: n }, (_, i) => i);
    return [new T.Tensor('int64', [...row, ...row, ...row], [3, 1, n]), new T.Tensor('int64', [0], [1, 1])];
}

for (const name of ['qwen2_vl', 'qwen3_vl']) {
    const processor = await T.AutoProcessor.from_pretrained(name);
    const model = await T.AutoModelForImageTextToText.from_pretrained(name, { dtype: 'fp32' });
    model._get_text_only_rope_index = text_only;
    for (const c of Object.values(CASES).filter((c) => c.config === 'edges')) {
        console.log(await compare(processor, c.name));
    }
    const golden = [];
    for (const messages of TALKS) {
        golden.push(await answer(name, model, processor, messages));
        const g = golden.at(-1);
        console.log(name, g.prompt.length, g.ids.join(' '), g.margin);
    }
    fs.writeFileSync(name + '/golden.json', '[\n' + golden.map((g) => JSON.stringify(g)).join(',\n') + '\n]\n');
}
