# SPDX-License-Identifier: EUPL-1.2
"""Results as tables, for a terminal, and for docs/performance.md:

    python3 tests/bench/table.py build/bench/latest.json
"""

import json
import sys

COLUMNS = [  # heading, key, format
    ("n", "n", "{:.0f}"),
    ("/s", "per_second", "{:.0f}"),
    ("p50 ms", "p50_ms", "{:.2f}"),
    ("p90", "p90_ms", "{:.2f}"),
    ("p99", "p99_ms", "{:.2f}"),
    ("max", "max_ms", "{:.1f}"),
    ("CPU µs", "server_cpu_us", "{:.0f}"),
    ("db µs", "database_cpu_us", "{:.0f}"),
    ("gen %", "generator_share", "{:.0%}"),
    ("RSS MB", "rss_mb", "{:.1f}"),
    ("fsync", "fsync_p50_ms", "{:.2f}"),
    ("errors", "errors", "{:.0f}"),
]
HIDDEN = {key for _, key, _ in COLUMNS} | {
    "scenario", "case", "unit", "writers", "rooms", "rate", "mean_ms", "generator_cpu_us", "disk_mb",
    "disk_before_mb", "database_rss_mb", "fsync_p99_ms", "fsync_rested_p50_ms",
    "devices", "users", "members", "phase"}


def title(run):
    events = f"{run['events']:,} events" if run["events"] else "empty store"
    tls = " over TLS" if run["tls"] == "yes" else ""
    return (f"{run['server']}, {run['engine']}, {events}, {run['protocol']}{tls}; durability: "
            f"{run['durability']}; fsync {run['fsync_p50_ms']:.2f} ms (p99 {run['fsync_p99_ms']:.2f}); "
            f"load average {run['load_average']:.1f}")


def cells(case):
    return [layout.format(case[key]) if key in case else "" for _, key, layout in COLUMNS]


def extra(case):
    return ", ".join(f"{key} {value:g}" if isinstance(value, (int, float)) else f"{key} {value}"
                     for key, value in case.items() if key not in HIDDEN)


def show_cases(cases):
    rows = [[c["scenario"], c["case"], *cells(c), extra(c)] for c in cases]
    head = ["scenario", "case", *[heading for heading, _, _ in COLUMNS], "more"]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head) - 1)]
    for row in [head, *rows]:
        line = [cell.ljust(w) if i < 2 else cell.rjust(w)
                for i, (cell, w) in enumerate(zip(row, widths))]
        print("  ".join([*line, row[-1]]).rstrip(), flush=True)


def grouped(runs):
    """[(title, cases)] a server and a store; what differs between its runs but the load is in it."""
    groups = {}
    for run in runs:
        groups.setdefault(title(run).split("; fsync")[0], []).append(run)
    return [(title(group[0]), [case for run in group for case in run["cases"]])
            for group in groups.values()]


def show(runs):
    for words, cases in grouped(runs):
        print(f"\n{words}")
        show_cases(cases)


WORDS = {True: "holds", False: "DOES NOT HOLD", None: "–"}


def show_bars(judged):
    print("\nBars")
    for text, value, holds in judged:
        print(f"  {WORDS[holds]:<14} {text}: {value}")


def markdown(results):
    lines = []
    for words, cases in grouped(results["runs"]):
        used = [(heading, key, layout) for heading, key, layout in COLUMNS
                if any(key in case for case in cases)]
        lines += ["", f"**{words[0].upper()}{words[1:]}**", "",
                  "| scenario | case | " + " | ".join(h for h, _, _ in used) + " | more |",
                  "|---|---|" + "---:|" * len(used) + "---|"]
        lines += ["| " + " | ".join([c["scenario"], c["case"], *[
            layout.format(c[key]) if key in c else "" for _, key, layout in used], extra(c)]) + " |"
            for c in cases]
    lines += ["", "| bar | found | |", "|---|---|---|"]
    lines += [f"| {text} | {value} | {WORDS[holds]} |" for text, value, holds in results["bars"]]
    return "\n".join(lines[1:]) + "\n"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        print(markdown(json.load(file)), end="")
