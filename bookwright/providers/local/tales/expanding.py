"""Stories from notes."""

from typing import Any

from bookwright.contracts.errors import Permanent
from bookwright.providers.local.composing import Wish


def outline(wish: Wish) -> dict[str, Any]:
    raise Permanent("notes: not yet")


def chapter(wish: Wish) -> dict[str, Any]:
    raise Permanent("notes: not yet")
