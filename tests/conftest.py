"""What holds for all tests."""

from pathlib import Path

import pytest

LONGEST = Path(__file__).parent / "e2e"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take minutes come first: of several processes none is left alone with one in the end."""
    items.sort(key=lambda item: not item.path.is_relative_to(LONGEST))
