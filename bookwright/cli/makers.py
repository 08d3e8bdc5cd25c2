"""Who makes what of a book, as the settings choose them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from bookwright.estimating import Makers
from bookwright.providers.choice import Voices, engines
from bookwright.providers.choice.engines import Chosen
from bookwright.settings import Capability, Settings

E = TypeVar("E")


@asynccontextmanager
async def makers(settings: Settings) -> AsyncIterator[Makers]:
    """The first choices, for estimates: no call is made. Raises Misconfigured."""
    wanted = (Capability.SPEECH, Capability.TEXT, Capability.VISION, Capability.IMAGES, Capability.SOUNDS)
    async with engines(settings, *wanted) as chosen:
        yield Makers(
            speech=Voices([each.engine for each in chosen.speech]),
            prices=settings.price_table,
            text=_first(chosen.text),
            vision=_first(chosen.vision or [each for each in chosen.text if each.engine.sees]),
            images=_first(chosen.images),
            sounds=_first(chosen.sounds),
        )


async def check_engines(settings: Settings) -> None:
    """Raise Misconfigured for what a worker with these settings would end at: it would be started again and again,
    and jobs would wait."""
    async with engines(settings):
        pass


def _first(chosen: Sequence[Chosen[E]]) -> E | None:
    return chosen[0].engine if chosen else None
