"""Another program beside `engine-bench measure --json`, in turns: a machine that is slower for a while is slower for both."""
import json, subprocess

TURNS, ROUNDS = 4, 3


def compare(name, command, measure):
    """Runs the command, then measure(case, report) ROUNDS times for each of its cases, which returns the seconds to the first token and behind
    it; all of that TURNS times. Prints the fastest of each side, and returns the last report."""
    best = {}
    for _ in range(TURNS):
        report = json.loads(subprocess.check_output(command))
        for case in report['cases']:
            steps = len(case['ids']) - 1
            ours = (case['first_token_ms'] / 1e3, steps / case['tokens_per_second'])
            theirs = [measure(case, report) for _ in range(ROUNDS)]
            kept = best.setdefault(case['name'], [len(case['prompt']), steps, ours, theirs[0]])
            kept[2] = tuple(map(min, kept[2], ours))
            kept[3] = tuple(map(min, kept[3], *theirs))
    for case, (prompt, steps, ours, theirs) in best.items():
        print(f'{case:8} {prompt:5} tokens: first token {ours[0] * 1e3:8.1f} ms, {name} {theirs[0] * 1e3:8.1f} ms ({theirs[0] / ours[0]:.2f} times its speed); '
              f'{steps / ours[1]:6.1f} tokens/s, {name} {steps / theirs[1]:6.1f} ({theirs[1] / ours[1]:.2f} times)', flush=True)
    return report
