# SPDX-License-Identifier: EUPL-1.2
"""What `make bench` measures when it is not told: steps of an engine, a store and scenarios.

Each step has a server and a store of its own.
"""

from dataclasses import dataclass, replace

MILLION = 10**6


@dataclass
class Step:
    engine: str
    events: int  # the store is preloaded with so many
    scenarios: list
    users: int = 0  # of that store; 0: as many as the preloader likes
    http2: bool = False
    tls: bool = False
    people: int = 0  # the store is preloaded with so many accounts, and next to no events
    mode: str = "open"  # of registration: what is searched depends on it


STEPS = [
    Step("sqlite", 0, ["sends"]),
    Step("sqlite", 0, ["delivery"]),
    Step("sqlite", 0, ["empty", "initial"]),
    Step("sqlite", 0, ["keys"]),
    Step("sqlite", 0, ["media"]),
    Step("sqlite", 0, ["start"]),
    Step("sqlite", 0, ["disk"]),
    Step("sqlite", 0, ["parked"]),
    Step("sqlite", 0, ["parked"], tls=True),
    Step("sqlite", 0, ["parked"], http2=True),
    Step("sqlite", MILLION, ["start", "sends", "delivery", "empty"]),
    Step("sqlite", MILLION, ["hall"]),
    Step("sqlite", MILLION, ["ministry"], users=80000, http2=True),
    Step("sqlite", 0, ["search"], people=600000, mode="email"),
    Step("sqlite", 0, ["web"]),
    Step("postgresql", 0, ["sends", "delivery", "empty"]),
]


def stores(step, events):
    """The sizes of store on which the step is wanted."""
    if not step.events:
        return [0] if 0 in events else []
    return [n for n in events if n]


def chosen(args):
    """The steps that the command line leaves: of those engines, stores and scenarios."""
    steps = []
    for step in STEPS:
        scenarios = [s for s in step.scenarios if not args.scenario or s in args.scenario]
        if not scenarios or step.engine not in args.engine:
            continue
        users = step.users if args.size == "full" else 0
        for events in stores(step, args.events):
            people = min(step.people, 2000) if args.size == "smoke" else step.people
            steps.append(replace(step, scenarios=scenarios, events=events, users=users,
                                 people=people, http2=step.http2 or args.http2))
    return steps
