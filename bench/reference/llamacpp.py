"""llama.cpp on a GGUF file, beside the report of `engine-bench measure --json` on the folder converted from it.

    pip install llama-cpp-python==0.3.36 numpy
    engine-bench measure --provider cpu --dir DIR --variant _q4 --cases text,long --json > report.json
    python3 llamacpp.py FILE.gguf report.json [f32 | q8_0]

With a type as third argument the file is first widened or requantised to it, in a temporary folder. Prompts are the report's token ids.
Both are measured on as many threads as the report says; the fastest of the rounds counts.
"""
import json, os, resource, sys, tempfile, time
import numpy as np, llama_cpp


def retyped(path, kind, folder):
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = {'f32': llama_cpp.LLAMA_FTYPE_ALL_F32, 'q8_0': llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0}[kind]
    params.allow_requantize, params.nthread = True, 2
    out = os.path.join(folder, kind + '.gguf')
    if llama_cpp.llama_model_quantize(path.encode(), out.encode(), params) != 0:
        sys.exit('cannot convert to ' + kind)
    return out


def main():
    path, report = sys.argv[1], json.load(open(sys.argv[2]))
    kind, threads, rounds = (sys.argv[3] if len(sys.argv) > 3 else ''), report["threads"], 5
    with tempfile.TemporaryDirectory() as folder:
        if kind:
            path = retyped(path, kind, folder)
        longest = max(len(c['prompt']) + len(c['ids']) for c in report['cases'])
        model = llama_cpp.Llama(path, n_ctx=longest + 64, n_batch=512, n_threads=threads, n_threads_batch=threads, verbose=False)
    for case in report['cases']:
        first = rest = 1e9
        for _ in range(rounds):
            model.reset()
            start = time.perf_counter()
            model.eval(case['prompt'])
            token = int(np.argmax(np.ctypeslib.as_array(llama_cpp.llama_get_logits(model.ctx), (model.n_vocab(),))))
            middle = time.perf_counter()
            for _ in range(len(case['ids']) - 1):
                model.eval([token])
                token = int(np.argmax(np.ctypeslib.as_array(llama_cpp.llama_get_logits(model.ctx), (model.n_vocab(),))))
            first, rest = min(first, middle - start), min(rest, time.perf_counter() - middle)
        rate = (len(case['ids']) - 1) / rest
        print(f'{kind or "as stored":9} {case["name"]:6} {len(case["prompt"]):5} tokens: first token {case["first_token_ms"]:8.1f} ms, llama.cpp {first * 1e3:8.1f} ms '
              f'({first * 1e3 / case["first_token_ms"]:.2f} times its speed); {case["tokens_per_second"]:6.1f} tokens/s, llama.cpp {rate:6.1f} ({case["tokens_per_second"] / rate:.2f} times)')
    print(f'memory: {report["host_bytes"] >> 20} MB, llama.cpp {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB')


if __name__ == '__main__':
    main()
