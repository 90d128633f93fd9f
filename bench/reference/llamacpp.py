"""llama.cpp on a GGUF file, beside `engine-bench measure --json` on the folder converted from it.

    pip install llama-cpp-python==0.3.36 numpy
    python3 llamacpp.py stored FILE.gguf engine-bench measure --provider cpu --dir DIR --variant _q4 --cases text,long --json

In place of "stored", f32 or q8_0 has the file widened or requantised first, in a temporary folder. Prompts are the report's token ids. Both run
on as many threads as the report says.
"""
import os, resource, sys, tempfile, time
import numpy as np, llama_cpp
import turns


def retyped(path, kind, folder):
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = {'f32': llama_cpp.LLAMA_FTYPE_ALL_F32, 'q8_0': llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0}[kind]
    params.allow_requantize, params.nthread = True, 2
    out = os.path.join(folder, kind + '.gguf')
    if llama_cpp.llama_model_quantize(path.encode(), out.encode(), params) != 0:
        sys.exit('cannot convert to ' + kind)
    return out


def main():
    kind, path, command = sys.argv[1], sys.argv[2], sys.argv[3:]
    models = []

    def best(model):
        return int(np.argmax(np.ctypeslib.as_array(llama_cpp.llama_get_logits(model.ctx), (model.n_vocab(),))))

    def measure(case, report):
        if not models:
            longest, threads = max(len(c['prompt']) + len(c['ids']) for c in report['cases']), report['threads']
            models.append(llama_cpp.Llama(path, n_ctx=longest + 64, n_batch=512, n_threads=threads, n_threads_batch=threads, verbose=False))
        model = models[0]
        model.reset()
        start = time.perf_counter()
        model.eval(case['prompt'])
        token = best(model)
        middle = time.perf_counter()
        for _ in range(len(case['ids']) - 1):
            model.eval([token])
            token = best(model)
        return middle - start, time.perf_counter() - middle

    with tempfile.TemporaryDirectory() as folder:
        if kind != 'stored':
            path = retyped(path, kind, folder)
        report = turns.compare('llama.cpp', command, measure)
    print(f'memory: {report["host_bytes"] >> 20} MB, llama.cpp {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB')


if __name__ == '__main__':
    main()
