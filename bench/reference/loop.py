"""The usual generation loop over the three ONNX files of an Idefics3 export, in Python, beside `engine-bench measure --json`.

    pip install onnxruntime==1.31.1 numpy
    python3 loop.py DIR engine-bench measure --provider cpu --dir DIR --json

It runs the same prompts and features, with key/value caches as plain arrays, fails unless it answers with the same tokens, and prints both
speeds. Features follow the formula of the Go program. VARIANT names other graph files, for example _fp16.
"""
import json, os, resource, sys, time
import numpy as np, onnxruntime
import turns


def session(path, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(path, options, providers=['CPUExecutionProvider'])


class Loop:
    def __init__(self, folder, variant, threads):
        self.image = json.load(open(folder + '/config.json')).get('image_token_id', -1)
        self.embed = session(f'{folder}/onnx/embed_tokens{variant}.onnx', threads)
        self.decode = session(f'{folder}/onnx/decoder_model_merged{variant}.onnx', threads)
        self.past = [i for i in self.decode.get_inputs() if i.name.startswith('past_key_values')]
        self.names = [o.name for o in self.decode.get_outputs()]

    def answer(self, prompt, rows, count):
        """Returns the tokens, the seconds to the first one and the seconds behind it."""
        start = time.perf_counter()
        ids = np.array([prompt], np.int64)
        x = self.embed.run(None, {'input_ids': ids})[0]
        if rows:
            i = np.arange(rows * x.shape[-1], dtype=np.int64)
            features = ((i * 7919 % 2001 - 1000).astype(np.float32) / np.float32(1000)).reshape(rows, -1)
            x[ids == self.image] = features
        cache = {i.name: np.zeros((1, i.shape[1], 0, i.shape[3]), np.float32) for i in self.past}
        mask, places = np.ones_like(ids), np.arange(len(prompt), dtype=np.int64)[None]
        made, first = [], 0
        while True:
            out = dict(zip(self.names, self.decode.run(None, dict(cache, inputs_embeds=x, attention_mask=mask, position_ids=places))))
            made.append(int(out['logits'][0, -1].argmax()))
            if not first:
                first = time.perf_counter()
            if len(made) == count:
                return made, first - start, time.perf_counter() - first
            cache = {n: out[n.replace('past_key_values', 'present')] for n in cache}
            mask = np.concatenate((mask, np.ones((1, 1), np.int64)), 1)
            places = places[:, -1:] + 1
            x = self.embed.run(None, {'input_ids': np.array([[made[-1]]], np.int64)})[0]


def main():
    folder, command = sys.argv[1], sys.argv[2:]
    loops = []

    def measure(case, report):
        if not loops:
            loops.append(Loop(folder, os.environ.get('VARIANT', ''), report['threads']))
        made, first, rest = loops[0].answer(case['prompt'], case['image_rows'], len(case['ids']))
        if made != case['ids']:
            sys.exit(f'{case["name"]}: other tokens: {made}, {case["ids"]}')
        return first, rest

    report = turns.compare('the loop', command, measure)
    print(f'memory: {report["host_bytes"] >> 20} MB, the loop {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB')


if __name__ == '__main__':
    main()
