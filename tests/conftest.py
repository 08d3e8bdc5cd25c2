"""What holds for all tests."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.providers import Emulated

LONGEST = Path(__file__).parent / "e2e"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take minutes come first: of several processes none is left alone with one in the end."""
    items.sort(key=lambda item: not item.path.is_relative_to(LONGEST))


@pytest.fixture(scope="session")
def emulated() -> Iterator[Emulated]:
    """The emulators, one of each provider for all tests of a test process."""
    with ExitStack() as stack:
        emulated = Emulated(stack)
        yield emulated
        emulated.reset_now()
