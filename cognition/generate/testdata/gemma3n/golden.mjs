// Writes golden.json: what transformers.js makes of some conversations with the model in this folder, in float32 on a processor.
//
//     npm install @huggingface/transformers@4.3.2
//     node golden.mjs
//
// Pictures and clips follow formulas that the Go tests compute too. A picture has the size that the model takes, since this library resizes in a
// way of its own, and the length of a clip is one of those for which it makes as many frames as the publisher's extractor (see hearing/usm).
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AutoProcessor, env, Gemma3nForConditionalGeneration, LogitsProcessor, LogitsProcessorList, RawImage } from '@huggingface/transformers';

const folder = dirname(fileURLToPath(import.meta.url));
env.allowRemoteModels = false;
env.localModelPath = dirname(folder);

const side = 16;
const picture = (seed) => new RawImage(Uint8ClampedArray.from({ length: side * side * 3 }, (_, i) => (i * 37 + seed * 101 + ((i * i) % 251)) % 256), side, side, 3);

// One sample: noise on a triangle wave, with silence between.
function clip(seed, length) {
    const period = 40 + 24 * seed;
    return Float32Array.from({ length }, (_, i) =>
        i % 4000 >= 3000 ? 0 : (((i * 7919 + seed * 104729) % 2001) - 1000) / 16000 + (Math.abs((i % period) - period / 2) - period / 4) / period);
}

const user = (text, images = [], clips = []) => ({ role: 'user', text, images, clips });
const talks = [
    [user('what is the number 472?')],
    [user('what color is the circle?', [1])],
    [user('what color is the circle?', [2])],
    [user('which of the two is a cat? é €', [3, 4])],
    [user('what do you hear?', [], [{ seed: 1, length: 5000 }])],
    [user('what do you hear?', [], [{ seed: 2, length: 9000 }])],
    [user('what do you see and hear?', [5], [{ seed: 3, length: 16000 }])],
    [user('who is speaking?', [6], [{ seed: 4, length: 4100 }]), { role: 'assistant', text: 'a person', images: [], clips: [] }, user('tell me more\nabout this picture')],
    [{ role: 'system', text: 'There is no light.', images: [], clips: [] }, user('hello', [7]), { role: 'assistant', text: 'hello!', images: [], clips: [] }, user('and this one?', [8])],
];

// Margin notes the smallest distance between the two best scores: how far the answer is from another one.
class Margin extends LogitsProcessor {
    smallest = Infinity;
    _call(ids, logits) {
        const [best, second] = [...logits.data].sort((a, b) => b - a);
        this.smallest = Math.min(this.smallest, best - second);
        return logits;
    }
}

const processor = await AutoProcessor.from_pretrained('gemma3n');
const model = await Gemma3nForConditionalGeneration.from_pretrained('gemma3n', { dtype: 'fp32', device: 'cpu' });

const rounded = (tensor) => [...tensor.data].map((v) => Math.fround(Number(v.toPrecision(7))));
const out = [];
for (const talk of talks) {
    const messages = talk.map((m) => ({
        role: m.role,
        content: [...m.images.map(() => ({ type: 'image' })), ...m.clips.map(() => ({ type: 'audio' })), { type: 'text', text: m.text }],
    }));
    const images = talk.flatMap((m) => m.images).map(picture);
    const clips = talk.flatMap((m) => m.clips).map((c) => clip(c.seed, c.length));
    const text = processor.apply_chat_template(messages, { add_generation_prompt: true, tokenize: false });
    const inputs = await processor(text, images.length ? images : null, clips.length ? clips[0] : null, { add_special_tokens: false });
    const margin = new Margin();
    const list = new LogitsProcessorList();
    list.push(margin);
    const ids = await model.generate({ ...inputs, max_new_tokens: 24, do_sample: false, logits_processor: list });
    const prompt = inputs.input_ids.tolist()[0].map(Number);
    const all = ids.tolist()[0].map(Number);
    const entry = { messages: talk, prompt, ids: all.slice(prompt.length), margin: margin.smallest };
    if (images.length) {
        const { image_features } = await model.sessions.vision_encoder.run({ pixel_values: inputs.pixel_values.ort_tensor });
        entry.images = rounded(image_features);
    }
    if (clips.length) {
        const { audio_features } = await model.sessions.audio_encoder.run({
            input_features: inputs.input_features.ort_tensor, input_features_mask: inputs.input_features_mask.ort_tensor,
        });
        entry.frames = inputs.input_features.dims[1];
        entry.clips = rounded(audio_features);
    }
    console.log(prompt.length, entry.frames ?? '', margin.smallest.toFixed(4), processor.tokenizer.decode(entry.ids));
    out.push(entry);
}
writeFileSync(`${folder}/golden.json`, '[\n' + out.map((e) => JSON.stringify(e)).join(',\n') + '\n]\n');
