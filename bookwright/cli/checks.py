"""What `doctor` looks at."""

import shutil
from collections.abc import AsyncIterator
from contextlib import nullcontext
from typing import NamedTuple

from bookwright.contracts.errors import BookwrightError
from bookwright.providers.choice import voices
from bookwright.service import Service, has_worker
from bookwright.settings import Settings
from bookwright.store import Database, migrate
from bookwright.temporal import temporal_binary

LOW_DISK = 1 << 30


class Check(NamedTuple):
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str


async def examine(settings: Settings) -> AsyncIterator[Check]:
    """Look at everything; a problem with one thing does not hide the others."""
    settings.home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.home).free
    yield Check("home", free > LOW_DISK, f"{settings.home}, {free / 2**30:.1f} GiB free")
    yield await _database(settings)
    async for check in _temporal(settings):
        yield check
    yield await _speech(settings)
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


async def _speech(settings: Settings) -> Check:
    try:
        async with voices(settings) as engine:
            voice = engine.voice("en", None)
            call = engine.call("Ready.", voice)
            if call.max_cost_micros == 0:  # a free call shows more than a look at the settings
                clip = await engine.speak(call, nullcontext())
                return Check("speech", True, f"{engine.provider} {engine.model}, spoke {len(clip.audio)} bytes")
            return Check("speech", True, f"{engine.provider} {engine.model}, key set (not tried: calls cost money)")
    except BookwrightError as error:
        return Check("speech", False, str(error))
