"""Reads what scripts/bench-service has measured and says how it stands to the goals."""
import json
import pathlib
import re
import statistics
import sys

work = pathlib.Path(sys.argv[1])


def bench(file, name, unit):
    """The figure of a Go benchmark in one of its units."""
    for line in (work / file).read_text().splitlines():
        if re.match(rf"{name}(-\d+)?\s", line):
            found = re.search(rf"([\d.e+-]+) {re.escape(unit)}", line)
            if found:
                return float(found[1])
    raise SystemExit(f"bench-service: no {unit} of {name}")


def cores(file):
    """What the service used in each of its runs, in percent of a core."""
    return [100 * json.loads(line)["cores"]["service"] for line in (work / file).read_text().splitlines()]


def doubt(off, on):
    """The standard error of the mean difference of runs that took turns; nothing where there is one of each."""
    by = [b - a for a, b in zip(off, on)]
    return f"± {statistics.stdev(by) / len(by) ** 0.5:.2f}, " if len(by) > 1 else ""


def traced():
    """The replies whose traces were sent: none would mean that telemetry was measured without them."""
    sent = json.loads((work / "traces").read_text())["replies"]
    if sent == 0:
        raise SystemExit("bench-service: no traces were sent")
    return sent


def page(pattern):
    """Numbers that the page's check says."""
    found = re.search(pattern, (work / "page").read_text())
    if not found:
        raise SystemExit(f"bench-service: the page does not say {pattern}")
    return [float(n) for n in found.groups()]


call, bare = bench("calls", "BenchmarkCall", "p50-ms"), bench("calls", "BenchmarkBare", "p50-ms")
none, hundred = (bench("watchers", f"BenchmarkWatchers/{n}", "%core") for n in ("none", "hundred"))
off, on = cores("sessions"), cores("sessions--telemetry")
alone, watched = page(r"the service, idle: ([\d.]+) % of a core alone, ([\d.]+) %")
view, worst = page(r"first view: p50 ([\d.]+) ms, worst ([\d.]+) ms")
(rate,) = page(r"while three personas speak: ([\d.]+) frames a second")

rows = [
    ("API overhead, p50, loopback", call - bare, "ms", "≤", 1.0, f"call {call:.2f}, bare handler {bare:.2f}"),
    ("100 watchers, 50 events a second", hundred - none, "% of a core", "≤", 2.0, f"with {hundred:.2f}, without {none:.2f}"),
    ("telemetry on, 8 canned rooms", statistics.mean(on) - statistics.mean(off), "% of a core", "≤", 1.0, f"{doubt(off, on)}on {statistics.mean(on):.1f}, off {statistics.mean(off):.1f}, {traced()} traces sent"),
    ("console open, nobody speaks", watched - alone, "% of a core", "≤", 3.0, f"open {watched:.1f}, closed {alone:.1f}"),
    ("first view, p50", view, "ms", "≤", 1000.0, f"worst {worst:.0f}"),
    ("frames a second, three speak", rate, "", "≥", 59.5, "goal 60"),
]
missed = 0
for what, value, unit, sign, goal, beside in rows:
    met = value <= goal if sign == "≤" else value >= goal
    missed += not met
    print(f"{what:34} {value:8.2f} {unit:12} {sign} {goal:g}  {'met' if met else 'MISSED':6}  {beside}")
sys.exit(1 if missed else 0)
