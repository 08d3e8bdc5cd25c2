"""Packages that are installed only where they are wanted."""

import importlib.metadata
import importlib.util

from bookwright.contracts.errors import Misconfigured


def needs(extra: str, module: str, package: str) -> str:
    """The release of a package that an extra of Bookwright brings. It is looked for and not imported. Raises
    Misconfigured, naming the extra, when it is missing."""
    if importlib.util.find_spec(module) is None:
        raise Misconfigured(f"{package} is not installed: pip install 'bookwright[{extra}]'")
    return importlib.metadata.version(package)
