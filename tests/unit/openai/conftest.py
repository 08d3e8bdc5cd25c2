"""The adapter for OpenAI-compatible servers against the emulator, over real HTTP."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest

from bookwright.contracts.errors import BookwrightError
from tests.support.emulator import KEY, EmulatorProcess

PROMPT = "Tell of Luna, who walked into the forest, in one page."
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "maxLength": 80},
        "pages": {
            "type": "array",
            "minItems": 2,
            "items": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
        },
    },
    "required": ["title", "pages"],
    "additionalProperties": False,
}
Failure = Callable[[Awaitable[object]], Awaitable[BookwrightError]]


@pytest.fixture(scope="package")
def process() -> Iterator[EmulatorProcess]:
    with EmulatorProcess("openai") as running:
        yield running


@pytest.fixture
async def emulator(process: EmulatorProcess) -> AsyncIterator[EmulatorProcess]:
    await process.reset()
    yield process
    await process.reset()


@pytest.fixture
def failure() -> Failure:
    """The error that a call ends with. It names neither the key nor the text, and carries no cause that could."""

    async def caught(call: Awaitable[object]) -> BookwrightError:
        with pytest.raises(BookwrightError) as found:
            await call
        error = found.value
        assert KEY not in repr(error)
        assert "Luna" not in repr(error)
        assert error.__cause__ is None
        assert error.__suppress_context__ or error.__context__ is None
        return error

    return caught
