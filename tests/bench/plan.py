# SPDX-License-Identifier: EUPL-1.2
"""What `make bench` measures when it is not told: steps of an engine, a store and scenarios.

Each step has a server and a store of its own. (i), search of the directory, and (j), media, get their
line here with their feature.
"""

from dataclasses import dataclass, replace

MILLION = 10**6


@dataclass
class Step:
    engine: str
    events: int  # the store is preloaded with so many
    scenarios: list
    http2: bool = False
    tls: bool = False


STEPS = [
    Step("sqlite", 0, ["sends"]),
    Step("sqlite", 0, ["delivery"]),
    Step("sqlite", 0, ["empty", "initial"]),
    Step("sqlite", 0, ["keys"]),
    Step("sqlite", 0, ["start"]),
    Step("sqlite", 0, ["disk"]),
    Step("sqlite", 0, ["parked"]),
    Step("sqlite", 0, ["parked"], tls=True),
    Step("sqlite", 0, ["parked"], http2=True),
    Step("sqlite", MILLION, ["start", "sends", "delivery", "empty"]),
    Step("sqlite", MILLION, ["hall"]),
    Step("sqlite", MILLION, ["ministry"], http2=True),
    Step("postgresql", 0, ["sends", "delivery", "empty"]),
]


def chosen(args):
    """The steps that the command line leaves: of those engines, stores and scenarios."""
    steps = []
    for step in STEPS:
        scenarios = [s for s in step.scenarios if not args.scenario or s in args.scenario]
        fits = step.engine in args.engine and (args.events is None or step.events == args.events)
        if scenarios and fits:
            steps.append(replace(step, scenarios=scenarios, http2=step.http2 or args.http2))
    return steps
