"""Examining a clip before it is kept."""

import asyncio

from bookwright.contracts.book import SpokenClip
from bookwright.contracts.ports.audio import AudioPress
from bookwright.contracts.ports.calls import Material


async def heard(press: AudioPress, text: str, clip: SpokenClip) -> Material:
    """What is stored and settled of a clip that says `text`. Raises BadAnswer when it does not say all of it."""
    facts = await asyncio.to_thread(press.examine, text, clip)
    return Material(
        data=clip.audio,
        media_type=clip.media_type,
        facts=facts.model_dump(mode="json"),
        cost_micros=clip.cost_micros,
    )
