"""`python -m tests.support.buying_child`: buys one sound for each line of JSON on its input, in a process of its own.

Before each it writes the process's id, and afterwards the signal that ended it (0: none), a line each. The fork spares
each purchase the second that importing everything takes.
"""

import asyncio
import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from activities.buying import Buyer
from activities.remote import Remote
from activities.slots import Slots
from bookwright.contracts.calls import Answer, Holder, ProviderCall, Usage
from bookwright.contracts.media import MadeSound, SoundTask
from bookwright.contracts.ports.calls import Material, WebhookUrl
from bookwright.failpoints import failpoints
from bookwright.providers.replicate import ReplicateSounds
from bookwright.store import Database, LedgerStore, LocalAssets

TASK = SoundTask(prompt="wind in a poplar", seconds=1, seed=3)
KEY = "emulated-key"


def engine_at(url: str) -> ReplicateSounds:
    return ReplicateSounds(KEY, url, outputs_from=[url])


async def examined(made: MadeSound) -> Material:
    return Material(data=made.sound, media_type=made.media_type, facts={}, cost_micros=made.cost_micros)


async def buy(
    buyer: Buyer,
    engine: ReplicateSounds,
    usage: Usage,
    attempt: int,
    *,
    limit: Slots | None = None,
    wait_s: float = 60,
    task: SoundTask = TASK,
) -> Answer:
    """What an activity does in one attempt."""

    def call_for(take: int) -> ProviderCall:
        return engine.call(task, take)

    return await buyer.buy(
        call_for,
        Remote(engine, wait_s),
        examined,
        usage=usage,
        holder=Holder(activity=f"score {task.prompt}", attempt=attempt),
        limit=limit or Slots(4),
        deadline_s=30,
    )


async def _buy(order: dict[str, Any]) -> None:
    assets = LocalAssets(Path(order["assets"]), min_room=0)
    nowhere: WebhookUrl = lambda call, token: None  # noqa: E731
    async with Database(order["database"]) as database, engine_at(order["emulator"]) as engine:
        buyer = Buyer(LedgerStore(database, assets), assets, failpoints(order["failpoints"]), webhook=nowhere)
        await buy(buyer, engine, Usage.model_validate(order["usage"]), order["attempt"])


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def main() -> None:
    for module in ("replicate.client", "aiosqlite", "psycopg"):
        importlib.import_module(module)
    _say(0)  # ready
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(_buy(json.loads(line)))
            os._exit(0)
        _say(child)
        _, status = os.waitpid(child, 0)
        _say(os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0)


if __name__ == "__main__":
    main()
