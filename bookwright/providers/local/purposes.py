"""What is composed locally, by purpose: each subject lists its own composers in a module of its own."""

from collections.abc import Mapping
from typing import Any

from bookwright.providers.local.composing import Composer, Wish


def composers() -> Mapping[str, Composer]:
    """All of them."""
    return {"check": Composer(_ready, release=1)}


def _ready(wish: Wish) -> dict[str, Any] | str:
    """What `doctor` is answered."""
    return "ready"
