# SPDX-License-Identifier: EUPL-1.2
"""What `make bench` measures when it is not told: steps of an engine, a store and scenarios.

Each step has a server and a store of its own. (i), search of the directory, and (j), media, get their
line here with their feature.
"""

from dataclasses import dataclass, field

MILLION = 10**6


@dataclass
class Step:
    engine: str
    events: int
    scenarios: list
    options: list = field(default_factory=list)  # of the generator
    tls: bool = False


STEPS = [
    Step("sqlite", 0, ["sends"]),
    Step("sqlite", 0, ["delivery"]),
    Step("sqlite", 0, ["empty", "initial"]),
    Step("sqlite", 0, ["start"]),
    Step("sqlite", 0, ["disk"]),
    Step("sqlite", MILLION, ["start", "sends", "delivery", "empty"]),
    Step("postgresql", 0, ["sends", "delivery", "empty"]),
]


def chosen(args):
    """The steps that the command line leaves: of those engines, sizes and scenarios."""
    steps = []
    for step in STEPS:
        scenarios = [s for s in step.scenarios if not args.scenario or s in args.scenario]
        fits = step.engine in args.engine and (args.events is None or step.events == args.events)
        if scenarios and fits:
            steps.append(Step(step.engine, step.events, scenarios, step.options, step.tls))
    return steps
