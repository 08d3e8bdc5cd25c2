"""What `doctor` looks at."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from bookwright.assets import open_assets, open_publisher, try_assets, try_publisher
from bookwright.cli import trials
from bookwright.cli.trials import Trial
from bookwright.contracts.errors import BookwrightError, ServiceUnavailable
from bookwright.money.usd import to_usd
from bookwright.providers.choice import Chosen, address, engines
from bookwright.service import Service, has_worker
from bookwright.settings import Capability, Settings
from bookwright.store import Database, migrate
from bookwright.temporal import temporal_binary

LOW_DISK = 1 << 30
REACH_S = 3.0
"""A provider's address has to take a connection within this time."""


class Check(NamedTuple):
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str


async def examine(settings: Settings, *, online: bool = False) -> AsyncIterator[Check]:
    """Look at everything; a problem with one thing does not hide the others. `online` makes the cheapest call of each
    provider, which may cost money."""
    settings.home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.home).free
    yield Check("home", free > LOW_DISK, f"{settings.home}, {free / 2**30:.1f} GiB free")
    yield await _database(settings)
    async for check in _storage(settings):
        yield check
    async for check in _temporal(settings):
        yield check
    async for check in _providers(settings, online):
        yield check
    codec = "encrypted" if settings.codec_key else "plain (BOOKWRIGHT_CODEC_KEY encrypts them)"
    yield Check("payloads", True, codec)


async def _database(settings: Settings) -> Check:
    kind = settings.database.split(":", 1)[0]
    try:
        await migrate(settings.database)
        async with Database(settings.database, pool_size=1) as database:
            await database.check()
    except BookwrightError as error:
        return Check("database", False, str(error))
    return Check("database", True, f"{kind}, tables up to date")


async def _storage(settings: Settings) -> AsyncIterator[Check]:
    """Where assets are kept and who delivers them: nothing there is paid by the call, so it is tried in any case."""
    storage, name = settings.storage, "assets"
    try:
        assets = open_assets(storage, settings.assets)
        await try_assets(assets)
        yield Check(name, True, f"{storage.kept_at}, stored, read and removed a few bytes")
        if publisher := open_publisher(storage):
            name = "delivery"
            await try_publisher(publisher, assets.scratch())
            yield Check(name, True, "cloudinary, published and withdrew a few bytes")
    except BookwrightError as error:
        yield Check(name, False, f"BOOKWRIGHT_ASSETS={','.join(storage.places)}: {error}")


async def _temporal(settings: Settings) -> AsyncIterator[Check]:
    if settings.embedded_temporal:
        try:
            yield Check("temporal", True, f"embedded: {temporal_binary()}")
        except BookwrightError as error:
            yield Check("temporal", False, str(error))
    service = Service(settings)
    try:
        client = await service.attach()
    except BookwrightError as error:
        idle = settings.embedded_temporal
        yield Check("service", idle, "not running; `make` starts it, `serve` keeps it up" if idle else str(error))
        return
    yield Check("service", True, f"Temporal at {service.address}")
    working = await has_worker(client)
    yield Check("worker", working, "at work" if working else "none: start `bookwright worker`")


async def _providers(settings: Settings, online: bool) -> AsyncIterator[Check]:
    for capability in Capability:
        if not settings.chain(capability):
            yield Check(capability, True, f"off ({capability.variable} names who does it)")
            continue
        try:
            async with engines(settings, capability) as found:
                chosen: Sequence[Chosen[Any]] = getattr(found, capability)
                for place, each in enumerate(chosen):
                    yield await _provider(capability, each, online, stand_in=place > 0)
        except BookwrightError as error:
            yield Check(capability, False, str(error))


async def _provider(capability: Capability, each: Chosen[Any], online: bool, *, stand_in: bool) -> Check:
    """One provider for one capability. Calls that cost nothing are made in any case: they show more than a look at the
    settings does."""
    url = address(each.account)
    name = f"{each.engine.provider} {each.engine.model}" + (" (stand-in)" if stand_in else "")
    try:
        trial: Trial = await getattr(trials, capability)(each.engine)
        if online or (url is None and capability is Capability.SPEECH):
            async with asyncio.timeout(each.account.deadline):
                return Check(capability, True, f"{name}, {await trial.make()}")
        if url is None:
            return Check(capability, True, f"{name}, on this machine (--online tries it)")
        host = await asyncio.to_thread(_reach, url)
        cost = f"up to ${to_usd(trial.call.max_cost_micros)}"
        return Check(capability, True, f"{name}, {host} can be reached (--online tries it for {cost})")
    except TimeoutError:
        return Check(capability, False, f"{name}: no answer within {each.account.deadline:g} s")
    except (BookwrightError, OSError) as error:
        return Check(capability, False, f"{name}: {error}")


def _reach(url: str) -> str:
    """The host of a URL, once a connection to it was opened. Raises ServiceUnavailable."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (80 if parts.scheme in ("http", "ws") else 443)
    try:
        with socket.create_connection((host, port), REACH_S):
            return host
    except OSError as error:
        raise ServiceUnavailable(f"{host} can't be reached ({error.strerror or type(error).__name__})") from None


async def price_of_trying(settings: Settings) -> tuple[int, int]:
    """How many calls `--online` makes, and what they cost at the most, in millionths of a US dollar."""
    calls = cost = 0
    for capability in Capability:
        with suppress(BookwrightError):
            async with engines(settings, capability) as found:
                for each in getattr(found, capability):
                    trial: Trial = await getattr(trials, capability)(each.engine)
                    calls, cost = calls + 1, cost + trial.call.max_cost_micros
    return calls, cost
