"""What is composed locally, by purpose: each subject lists its own composers in a module of its own."""

from collections.abc import Mapping
from typing import Any

from bookwright.providers.local import digest
from bookwright.providers.local.composing import Composer, Wish
from bookwright.providers.local.tales import composers as tales
from bookwright.providers.local.telling import ANALYSIS


def composers() -> Mapping[str, Composer]:
    """All of them."""
    return {"check": Composer(_ready, release=1), "analysis": ANALYSIS, **tales.composers(), **digest.composers()}


def _ready(wish: Wish) -> dict[str, Any] | str:
    """What `doctor` is answered."""
    return "ready"
