"""What stands in a bundle beside a book's files: their checksums, and a manifest of what they are and lack."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bookwright.contracts.book import BoundFile
from bookwright.contracts.editions import Lacking

MANIFEST, CHECKSUMS = "manifest.json", "SHA256SUMS"


def contents(
    about: dict[str, Any], modified: datetime, files: Sequence[BoundFile], lacking: Lacking
) -> tuple[dict[str, str], list[str]]:
    """The two texts by their names, and the names of `files` in the bundle. `about` is what is said of the book."""
    names = _distinct(files)
    manifest = about | {
        "modified": modified.isoformat(),
        "complete": not (lacking.pages or lacking.editions),
        "missing_pages": [{"page": page, "reason": reason} for page, reason in sorted(lacking.pages.items())],
        "missing_editions": list(lacking.editions),
        "files": [
            {"name": name, "sha256": file.asset, **file.model_dump(mode="json", exclude={"name", "asset"})}
            for name, file in zip(names, files, strict=True)
        ],
    }
    sums = "".join(f"{file.asset}  {name}\n" for name, file in zip(names, files, strict=True))
    return {MANIFEST: json.dumps(manifest, ensure_ascii=False, indent=2), CHECKSUMS: sums}, names


def _distinct(files: Sequence[BoundFile]) -> list[str]:
    """The files' names, such that none is unpacked over another, also where upper and lower case are the same."""
    seen = {MANIFEST.casefold(), CHECKSUMS.casefold()}
    names = []
    for file in files:
        name = file.name
        while name.casefold() in seen:
            name = f"{file.edition}-{file.chapter or 0}-{name}"
        seen.add(name.casefold())
        names.append(name)
    return names
