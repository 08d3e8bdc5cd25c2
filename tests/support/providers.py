"""What the tests of all providers' adapters share: emulators, a turn that takes notes, and the error of a call."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import pytest

from bookwright.contracts.errors import BookwrightError
from tests.support.emulator import KEY, EmulatorProcess


class Emulated:
    """The emulators of one test process: one of each provider, started by the first test that wants it."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._running: dict[str, EmulatorProcess] = {}

    def __call__(self, provider: str) -> EmulatorProcess:
        """The provider's emulator as the last test left it: call `reset`."""
        if provider not in self._running:
            self._running[provider] = self._stack.enter_context(EmulatorProcess(provider))
        return self._running[provider]

    def reset_now(self) -> None:
        """Nothing is held any more, so that they end at once."""
        for process in self._running.values():
            process.reset_now()


def emulator_of(provider: str, *, autouse: bool = False) -> Any:
    """A fixture, to be called `emulator` in a file of tests: the provider's emulator, as at its start."""

    @pytest.fixture(name="emulator", autouse=autouse)
    async def emulator(emulated: Emulated) -> EmulatorProcess:
        process = emulated(provider)
        await process.reset()
        return process

    return emulator


async def error_of(call: Awaitable[object], *secrets: str) -> BookwrightError:
    """The error that a call ends with. It names neither the key nor a secret, and carries no cause that could."""
    with pytest.raises(BookwrightError) as caught:
        await call
    error = caught.value
    for secret in (KEY, *secrets):
        assert secret not in repr(error)
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    return error


class Turns:
    """Turns that note how many calls the emulator has received when they begin, and answered when they end."""

    def __init__(self, emulator: EmulatorProcess) -> None:
        self.steps: list[str] = []
        self._emulator = emulator

    @asynccontextmanager
    async def turn(self, refusal: BookwrightError | None = None) -> AsyncIterator[None]:
        if refusal is not None:
            raise refusal
        self.steps.append(f"begun with {(await self._emulator.calls())['received']} received")
        try:
            yield
        finally:
            self.steps.append(f"ended with {(await self._emulator.calls())['answered']} answered")
