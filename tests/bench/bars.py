# SPDX-License-Identifier: EUPL-1.2
"""The bars of the benchmark: what must hold, read from the results of a run.

A bar is a text, a store it wants ("events" at least, of an engine) and a function of the runs. It says
what was found and whether that holds: True, False, or None when the condition under which the bar
speaks was not met; it raises Absent when nothing was measured for it.
"""


class Absent(Exception):
    pass


class Found:
    """Cases of the runs of one engine on stores of one size, looked up by what they say."""

    def __init__(self, runs, engine, events):
        self.runs = [r for r in runs if r["engine"] == engine and r["events"] == events]

    def case(self, scenario, **wanted):
        """(run, case), the last that fits."""
        for run in reversed(self.runs):
            if "http2" in wanted and run["protocol"] != ("HTTP/2" if wanted["http2"] else "HTTP/1.1"):
                continue
            if "tls" in wanted and (run["tls"] == "yes") != wanted["tls"]:
                continue
            rest = {k: v for k, v in wanted.items() if k not in ("http2", "tls")}
            for case in run["cases"]:
                if case["scenario"] == scenario and rest.items() <= case.items():
                    return run, case
        raise Absent


def fsync(run, case):
    return case.get("fsync_p50_ms", run["fsync_p50_ms"])


def sends(writers, rooms, least):
    def look(found):
        run, case = found.case("sends", writers=writers, rooms=rooms)
        holds = case["per_second"] >= least
        if fsync(run, case) >= 1 and not holds:
            holds = None
        return f"{case['per_second']:.0f}/s (fsync {fsync(run, case):.2f} ms)", holds
    return look


def alone(above_ms):
    def look(found):
        run, case = found.case("sends", writers=1, rooms=1)
        bar = fsync(run, case) + above_ms
        rested = case.get("fsync_rested_p50_ms")
        beside = f" ({rested + above_ms:.2f} by an fsync after a pause)" if rested else ""
        return f"p50 {case['p50_ms']:.2f} ms, bar {bar:.2f}{beside}", case["p50_ms"] <= bar
    return look


def delivery(quantile, above_ms):
    def look(found):
        run, case = found.case("delivery", rate=500)
        bar = fsync(run, case) + above_ms
        value = case[f"{quantile}_ms"]
        return f"{value:.2f} ms, bar {bar:.2f}", value <= bar and not case["errors"]
    return look


def at_most(scenario, key, bar, unit, **wanted):
    def look(found):
        _, case = found.case(scenario, **wanted)
        errors = f", {case['errors']:.0f} errors" if case.get("errors") else ""
        value = f"{case[key]:.4g} {unit}" if key in case else "never"
        return value + errors, key in case and case[key] <= bar and not errors
    return look


def disk(found):
    run, case = found.case("disk", case="a message")
    if not run.get("event_json_bytes"):
        raise Absent
    ratio = case["bytes_each"] / run["event_json_bytes"]
    return (f"{ratio:.2f} ({case['bytes_each']:.0f} of {run['event_json_bytes']:.0f} bytes)",
            ratio <= 1.8)


def woken_alone(found):
    _, case = found.case("parked", http2=True)
    value = f"{case['devices']:.0f} held, {case['woken_others']:.0f} others woken"
    return value, case["devices"] >= 100000 and not case["woken_others"] and not case["errors"]


def ministry(key, bar, unit):
    def look(found):
        _, case = found.case("ministry", phase="all connected", http2=True)
        value = f"{case[key]:.4g} {unit}, {case['devices']:.0f} devices, {case['errors']:.0f} errors"
        good = case[key] <= bar and not case["errors"]
        return value, good if case["devices"] >= 80000 or not good else None
    return look


SQLITE, POSTGRES, MILLION = "sqlite", "postgresql", 10**6


def web(words, case):
    """Bars of the web client, of an account of some size; docs/performance.md says how each is taken."""
    wanted = [("last conversation readable: median 4 s", "last conversation readable", "p50_ms", 4000),
              ("second visit: median 1.5 s", "second visit", "p50_ms", 1500),
              ("room switch: p95 150 ms", "room switch", "p95_ms", 150),
              ("key to glyph: p95 50 ms", "key to glyph, 200 events coming in", "p95_ms", 50)]
    return [(f"web client{words}, {text}", SQLITE, 0,
             at_most("web", key, bar, "ms", case=name + case)) for text, name, key, bar in wanted]


# (text, engine, events of the store, function)
BARS = [
    ("10 writers, one room: at least 5,000 sends/s (fsync under 1 ms)", SQLITE, 0,
     sends(10, 1, 5000)),
    ("the same, on 10^6 events", SQLITE, MILLION, sends(10, 1, 5000)),
    ("100 writers, 100 rooms: at least 8,000 sends/s", SQLITE, 0, sends(100, 100, 8000)),
    ("the same, on 10^6 events", SQLITE, MILLION, sends(100, 100, 8000)),
    ("one writer: fsync + 0.25 ms", SQLITE, 0, alone(0.25)),
    ("one writer on 10^6 events: fsync + 0.4 ms", SQLITE, MILLION, alone(0.4)),
    ("delivery at 500 msg/s, p50: fsync + 1 ms", SQLITE, 0, delivery("p50", 1)),
    ("delivery at 500 msg/s, p99: fsync + 8 ms", SQLITE, 0, delivery("p99", 8)),
    ("empty sync, user in 50 rooms: at most 60 µs of CPU", SQLITE, 0,
     at_most("empty", "server_cpu_us", 60, "µs", rooms=50)),
    ("empty sync, user in 5,000 rooms: at most 60 µs of CPU", SQLITE, 0,
     at_most("empty", "server_cpu_us", 60, "µs", rooms=5000)),
    ("start on an empty store: 50 ms", SQLITE, 0, at_most("start", "p50_ms", 50, "ms")),
    ("start on 10^6 events: 2 s", SQLITE, MILLION, at_most("start", "p50_ms", 2000, "ms")),
    ("idle memory: 20 MB", SQLITE, 0, at_most("start", "rss_mb", 20, "MB")),
    ("disk: at most 1.8 times the event's JSON", SQLITE, 0, disk),
    ("parked device, plain: 8 kB", SQLITE, 0,
     at_most("parked", "kb_each", 8, "kB", http2=False, tls=False)),
    ("parked device, TLS: 24 kB", SQLITE, 0,
     at_most("parked", "kb_each", 24, "kB", http2=False, tls=True)),
    ("parked device, HTTP/2 stream: 2 kB", SQLITE, 0,
     at_most("parked", "kb_each", 2, "kB", http2=True)),
    ("100,000 held, one woken alone", SQLITE, 0, woken_alone),
    ("room of 10,000 parked: 60 µs of CPU a member", SQLITE, MILLION,
     at_most("hall", "member_cpu_us", 60, "µs", members=10000)),
    ("room of 10,000 parked: all served within 1 s", SQLITE, MILLION,
     at_most("hall", "all_max_ms", 1000, "ms", members=10000)),
    ("room of 10,000 parked: a send elsewhere, p99 50 ms", SQLITE, MILLION,
     at_most("hall", "p99_ms", 50, "ms", case="sends elsewhere meanwhile")),
    ("the ministry's day, 80,000 connected: delivery p99 150 ms, no error", SQLITE, MILLION,
     ministry("p99_ms", 150, "ms")),
    ("the ministry's day, 80,000 connected: RSS 1.5 GB", SQLITE, MILLION,
     ministry("rss_mb", 1500, "MB")),
    ("search among 600,000 people over HTTP: p99 10 ms", SQLITE, 0,
     at_most("search", "p99_ms", 10, "ms", people=600000)),
    *web("", ""),
    *web(", 1,000 rooms and a room of 10,000", ", 1000 rooms, one of 10000"),
    ("web client, first screen: median 2 s", SQLITE, 0,
     at_most("web", "p50_ms", 2000, "ms", case="first screen")),
    ("web client, from sign-up to a message that is read: median 60 s", SQLITE, 0,
     at_most("web", "p50_ms", 60000, "ms", case="sign-up to first message read")),
    ("empty sync on PostgreSQL: at most 80 µs of CPU", POSTGRES, 0,
     at_most("empty", "server_cpu_us", 80, "µs", rooms=50)),
]


def half_of_sqlite(runs):
    for writers, rooms in ((10, 1), (100, 100)):
        text = f"PostgreSQL, {writers} writers, {rooms} rooms: at least half of SQLite's sends"
        try:
            _, ours = Found(runs, POSTGRES, 0).case("sends", writers=writers, rooms=rooms)
            _, theirs = Found(runs, SQLITE, 0).case("sends", writers=writers, rooms=rooms)
            ratio = ours["per_second"] / theirs["per_second"]
            yield text, f"{ratio:.2f} ({ours['per_second']:.0f}/s)", ratio >= 0.5
        except Absent:
            yield text, "not measured", None


def no_slower_when_large(runs):
    text = "10 writers, one room: no worse than −20 % at 10^7 events"
    try:
        _, large = Found(runs, SQLITE, 10**7).case("sends", writers=10, rooms=1)
        _, million = Found(runs, SQLITE, MILLION).case("sends", writers=10, rooms=1)
        ratio = large["per_second"] / million["per_second"]
        yield text, f"{ratio:.2f}", ratio >= 0.8
    except Absent:
        yield text, "not measured", None


def judge(runs):
    """(text, what was found, True | False | None) of each bar."""
    for text, engine, events, look in BARS:
        try:
            value, holds = look(Found(runs, engine, events))
        except Absent:
            value, holds = "not measured", None
        yield text, value, holds
    yield from no_slower_when_large(runs)
    yield from half_of_sqlite(runs)
