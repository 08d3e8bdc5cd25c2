"""Failpoints: named steps at which tests make the process die or freeze. Unset, they cost one call."""

import os
import re
import signal
from collections import Counter

from bookwright.contracts.errors import Misconfigured
from bookwright.contracts.ports.calls import Failpoint

ACTIONS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP, "term": signal.SIGTERM}


def no_failpoint(step: str) -> None:
    """Do nothing."""


def failpoints(spec: str) -> Failpoint:
    """Failpoints from `step=action@n,…`: at the n-th time (1 when left out) the step is reached, the process sends
    itself the action's signal (`kill`, `stop` or `term`). Raises Misconfigured for anything else."""
    if not spec:
        return no_failpoint
    plan: dict[tuple[str, int], signal.Signals] = {}
    for part in spec.split(","):
        step, _, action = part.strip().partition("=")
        name, at, count = action.partition("@")
        if not step or name not in ACTIONS or not re.fullmatch(r"(@[1-9][0-9]*)?", at + count):
            raise Misconfigured(f"BOOKWRIGHT_FAILPOINTS: {part!r} is not step=kill|stop|term@n")
        plan[step, int(count or 1)] = ACTIONS[name]
    reached: Counter[str] = Counter()

    def fail(step: str) -> None:
        reached[step] += 1
        if action := plan.get((step, reached[step])):
            os.kill(os.getpid(), action)

    return fail
