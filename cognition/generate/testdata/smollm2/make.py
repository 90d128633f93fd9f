"""Writes golden.json: greedy answers of PyTorch `transformers` on the SmolLM2-135M-Instruct GGUF file, for comparison token by token.

    pip install torch==2.15.0 transformers==5.23.0 gguf==0.19.0 accelerate
    sensory-agent models pull smollm2-135m-instruct
    python3 make.py ~/.local/share/sensory-agent/models/smollm2-135m-instruct

Prompts are encoded with the reference `tokenizers` on the converted tokenizer.json, because the GGUF reader of `transformers` loses the rule that
digits stand alone. `margin` is the smallest distance of the two best scores in the answer.
"""
import json, sys, torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

SYSTEM = 'You are a helpful AI assistant named SmolLM, trained by Hugging Face'
QUESTIONS = [
    'What is the capital of France?', 'Write a short poem about the sea.', 'Explain photosynthesis to a child.', 'What is 12 + 30?', 'List three colours.',
    'Tell me a joke.', 'Who wrote Hamlet?', "Translate 'good morning' to Spanish.", 'Why is the sky blue?', 'Give me a recipe for pancakes.',
    'What does a doctor do?', 'How far is the Moon?', 'Describe a cat in one sentence.', 'What is the largest ocean?', 'Write a haiku about autumn.',
    'What year did World War II end?', 'How do I boil an egg?', 'Name a famous painter.', 'What is the opposite of hot?', 'Count from 1 to 10.',
    'What is a prime number? Give 5 examples: 2, 3...', 'Say hello in French, German and Italian — naïve café?', 'def add(a, b):\n    return',
    'Summarize: The quick brown fox jumps over the lazy dog.']

if __name__ == '__main__':
    folder, stop, out = sys.argv[1], 2, []
    tokenizer = Tokenizer.from_file(folder + '/tokenizer.json')
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file='SmolLM2-135M-Instruct.Q4_1.gguf', dtype=torch.float32).eval()
    for question in QUESTIONS:
        text = f'<|im_start|>system\n{SYSTEM}<|im_end|>\n<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n'
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        with torch.no_grad():
            made = model.generate(torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long), max_new_tokens=64, do_sample=False,
                                  output_logits=True, return_dict_in_generate=True, eos_token_id=stop, pad_token_id=stop)
        new = made.sequences[0, len(ids):].tolist()
        best = torch.stack(made.logits).squeeze(1).topk(2).values
        if new[-1] == stop:
            new = new[:-1]
        out.append(dict(question=question, prompt=ids, ids=new, margin=round(float((best[:, 0] - best[:, 1]).min()), 5)))
    with open('golden.json', 'w') as f:
        f.write('[\n' + ',\n'.join(json.dumps(x) for x in out) + '\n]\n')
