"""The emulated Gemini, once for each file of tests."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.support.emulator import EmulatorProcess


@pytest.fixture(scope="module")
def process() -> Iterator[EmulatorProcess]:
    with EmulatorProcess("gemini") as running:
        yield running


@pytest.fixture(autouse=True)
async def emulator(process: EmulatorProcess) -> AsyncIterator[EmulatorProcess]:
    await process.reset()
    yield process
    await process.reset()
