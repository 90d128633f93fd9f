"""Prints the table of scripts/bench-figures from the files that its benchmarks wrote into a folder."""

import json
import os
import re
import sys


def records(folder, name):
    """The JSON objects of a file, one a line; none where there is no figure."""
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.startswith("{")]


def milliseconds(folder, name):
    """The time of one iteration that a Go benchmark printed, in milliseconds, or None."""
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as text:
        found = re.search(r"^Benchmark\S+\s+\d+\s+([\d.]+) ns/op", text.read(), re.MULTILINE)
    return float(found.group(1)) / 1e6 if found else None


def row(what, value, goal="", missed=None):
    """A line of the table; missed says that the figure is not what it should be."""
    shown = "not measured" if value is None else value
    note = " (**missed**)" if missed else ""
    print(f"| {what} | {shown}{note} | {goal} |")


def end(record):
    """The memory that was measured last."""
    return record["memory"][-1]


def sessions(r, label, cores_goal=None, rest_goal=None):
    n, cores = r["sessions"], r["cores"]["service"]
    row(
        f"{label}: cores of the service, and of a session",
        f"{cores:.3f} · {cores / n:.4f}",
        f"≤ {cores_goal} a session" if cores_goal else "",
        cores_goal and cores / n > cores_goal,
    )
    lat, rest = r["latency"], r["overhead"]
    row(f"{label}: end of speech → first packet at the human's ear, p50 · p95", f"{lat['p50']:.0f} · {lat['p95']:.0f} ms")
    row(
        f"{label}: of it silence · model · the way, p50",
        f"{r['silence']['p50']:.0f} · {r['model']['p50']:.1f} · {r['way']['p50']:.0f} ms",
    )
    row(
        f"{label}: neither silence nor model, p50 · p95",
        f"{rest['p50']:.1f} · {rest['p95']:.1f} ms",
        f"p50 ≤ {rest_goal} ms" if rest_goal else "",
        rest_goal and rest["p50"] > rest_goal,
    )
    row(
        f"{label}: asked · answered · wrong; goroutines",
        f"{r['asked']} · {r['answered']} · {r['wrong']}; {r['goroutines']}",
        "none lost or wrong",
        r["answered"] < r["asked"] or r["wrong"] > 0,
    )
    row(f"{label}: PSS (RSS)", f"{end(r)['pss_mb']:.0f} MB ({end(r)['rss_mb']:.0f})")


def canned(folder):
    every = {r["sessions"]: r for r in records(folder, "canned")}
    for n, rest in ((1, 5), (4, None), (20, 30)):
        if n not in every:
            row(f"{n} canned sessions", None)
            continue
        sessions(every[n], f"{n} canned session{'s' * (n > 1)}", 0.025 if n == 20 else None, rest)
    if 20 in every and (more := every[20].get("pss_further_mb")) is not None:
        row("memory of each further canned session, 20 beside 1", f"{more:.1f} MB", "≤ 6 MB", more > 6)
    for r in records(folder, "camera"):
        sessions(r, f"one canned session that sees 720p at {r['fps']} fps")
    return list(every.values()) + records(folder, "camera")


def memory(folder):
    for r in records(folder, "idle"):
        for m in r["memory"][:3]:
            goal = "≤ 60 MB" if m["stage"] == "process" else ""
            what = {"process": "idle process", "library": "with inference library and ledger", "models": "with the voice detector"}
            row(
                f"{what[m['stage']]}: PSS (files · rest, of it Go)",
                f"{m['pss_mb']:.0f} MB ({m['file_mb']:.0f} · {m['anonymous_mb']:.0f}, {m['go_mb']:.0f})",
                goal,
                goal and m["pss_mb"] > 60,
            )
    rooms = {r["sessions"]: r for r in records(folder, "rooms")}
    if 1 in rooms:
        # With the humans there, who run the same program, its pages count half.
        m = max((m for m in rooms[1]["memory"] if m["stage"] in ("rooms", "measured")), key=lambda m: m["pss_mb"])
        row("one embedded persona in a room: PSS (RSS)", f"{m['pss_mb']:.0f} MB ({m['rss_mb']:.0f})", "≤ 600 MB", m["pss_mb"] > 600)
        percent = 100 * rooms[1]["cores"]["service"]
        row("listening to a silent microphone alone", f"{percent:.1f} % of a core", "≤ 2 %", percent > 2)
    if 2 in rooms and (more := rooms[2].get("pss_further_mb")) is not None:
        row("a second room of the embedded persona", f"{more:.1f} MB", "≤ 10 MB", more > 10)
    for r in records(folder, "second"):
        v = r["second_voice"]
        row(
            f"a second persona that speaks with {v['voice']}: PSS more · of it the voice, loaded and used",
            f"{v['total_mb']:.0f} · {v['voice_mb']:.0f} MB",
            "no more than the voice, beside the 10 MB of a second room",
            v["rest_mb"] > 10,
        )
    for r in records(folder, "panel"):
        p = r["panel"]
        ratio = p.get("to_one")
        row(
            f"{p['personas']} persona{'s' * (p['personas'] > 1)} in one room, nobody called: cores for a human who speaks and shows 720p, beside the room alone",
            f"{p['human_cores']:.3f} beside {p['alone_cores']:.3f}" + (f", {ratio:.2f} × of one" if ratio else ""),
            "± 5 % of one" if ratio else "",
            ratio and abs(ratio - 1) > 0.05,
        )
        row(
            "of it said · heard · frames looked at · replies",
            f"{p['said']} · {p['heard']} · {p['looked']} · {p['replies']}",
            "all heard, no replies",
            p["heard"] < p["said"] or p["replies"] > 0,
        )
    for r in records(folder, "listen"):
        percent = r["cpu_percent_of_one_core"]
        row("listening to a silent microphone and 720p at 30 fps", f"{percent:.1f} % of a core", "≤ 10 %", percent > 10)


def loop(folder):
    for r in records(folder, "loop"):
        lat, rest = r["latency"], r["overhead"]
        row(
            f"bench loop, {r['turns']} turns, {r['right']} right: first packet p50 · p95",
            f"{lat['p50']:.0f} · {lat['p95']:.0f} ms",
            "as before",
        )
        row("bench loop: neither a model nor silence, p50 · p95", f"{rest['p50']:.1f} · {rest['p95']:.1f} ms", "as before")
    for name, what in (("turn", "10,000 events through the table"), ("prompt", "10,000 lines and their prompts")):
        took = milliseconds(folder, name)
        row(what, None if took is None else f"{took:.0f} ms", "≤ 100 ms", took is not None and took > 100)


def main():
    folder = sys.argv[1]
    print("| figure | measured | goal |\n|---|---:|---|")
    seen = canned(folder)
    memory(folder)
    loop(folder)
    if seen:
        print(f"\nLoad of the machine before and after: {seen[0]['load_start']:.1f}, {seen[-1]['load_end']:.1f}.")
    for r in seen:
        for why in r.get("lost", []):
            print(f"{r['sessions']} sessions: {why}", file=sys.stderr)


main()
