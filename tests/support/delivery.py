"""Cloudinary's emulator as what delivers a stack's pages."""

import asyncio

from bookwright.store.publications import Publications
from emulators import cloudinary
from tests.support.emulator import EmulatorProcess
from tests.support.stack import POLL_S


def delivered_by(process: EmulatorProcess, *, kept: str = "local") -> dict[str, str]:
    """The settings for it; `kept` is where the assets are."""
    return {
        "BOOKWRIGHT_ASSETS": f"{kept},cloudinary",
        "CLOUDINARY_CLOUD_NAME": "studio",
        "CLOUDINARY_API_KEY": cloudinary.API_KEY,
        "CLOUDINARY_API_SECRET": process.key,
        "CLOUDINARY_BASE_URL": process.url,
        "CLOUDINARY_DELIVERY_URL": process.url,
    }


async def nothing_due(publications: Publications) -> None:
    """Wait until the worker has published and withdrawn everything."""
    async with asyncio.timeout(120):
        while await publications.open():  # noqa: ASYNC110 - another process works
            await asyncio.sleep(POLL_S)
