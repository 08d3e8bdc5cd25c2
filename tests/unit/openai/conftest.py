"""The adapter for OpenAI-compatible servers against the emulator, over real HTTP."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bookwright.contracts.errors import BookwrightError
from tests.support.providers import emulator_of, error_of

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


emulator = emulator_of("openai")


@pytest.fixture
def failure() -> Failure:
    """The error that a call ends with. It names neither the key nor the text, and carries no cause that could."""

    return lambda call: error_of(call, "Luna")
