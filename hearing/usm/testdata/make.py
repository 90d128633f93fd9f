"""Writes golden.json and the features beside it with the publisher's extractor: pip install transformers==5.24.0 numpy==2.4.6

Clips follow the formula of ../../../cognition/generate/testdata/gemma3n/golden.mjs; the Go test computes the same.
"""
import gzip, json
import numpy as np
from transformers import Gemma3nAudioFeatureExtractor

FILE = '../../../cognition/generate/testdata/gemma3n/preprocessor_config.json'


def clip(seed, length):
    i = np.arange(length, dtype=np.int64)
    period = 40 + 24 * seed
    wave = ((i * 7919 + seed * 104729) % 2001 - 1000) / 16000 + (np.abs(i % period - period / 2) - period / 4) / period
    return np.where(i % 4000 >= 3000, 0, wave).astype(np.float32)


if __name__ == '__main__':
    published = json.load(open(FILE))
    bins = np.linspace(-3, 1, published['feature_size'])
    cases = []
    # 3712 is a window and 20 hops: transformers.js makes a frame more of it. 513 and 640 samples are one frame each.
    for name, seed, length, change in [('short', 1, 513, {}), ('one', 2, 640, {}), ('whole', 3, 3712, {}), ('speech', 4, 9000, {}), ('tail', 5, 4100, {}),
                                       ('plain', 1, 2000, dict(preemphasis_htk_flavor=False)), ('flat', 2, 2000, dict(preemphasis=0.0)),
                                       ('scaled', 3, 2000, dict(input_scale_factor=.25, per_bin_mean=bins.tolist(), per_bin_stddev=(bins + 4).tolist()))]:
        made = Gemma3nAudioFeatureExtractor(**{**published, **change})
        assert (made.frame_length, made.hop_length, made.fft_length) == tuple(published[k] for k in ('frame_length', 'hop_length', 'fft_length'))
        out = made(clip(seed, length), return_tensors='np', sampling_rate=16000)
        values, mask = out['input_features'][0], out['input_features_mask'][0]
        with open(name + '.f32.gz', 'wb') as f:
            f.write(gzip.compress(values.astype('<f4').tobytes(), 9, mtime=0))
        cases.append(dict(name=name, seed=seed, length=length, change=change, frames=values.shape[0], heard=int(mask.sum())))
        print(cases[-1]['name'], values.shape, mask.sum(), values.min(), values.max())
    with open('golden.json', 'w') as f:
        f.write('[\n' + ',\n'.join(json.dumps(c) for c in cases) + '\n]\n')
