"""The real command in a process of its own, in a home of its own."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bookwright.cli import main
from tests.support.emulator import EmulatorProcess

BOOKWRIGHT = Path(sys.executable).parent / "bookwright"
NOT_INHERITED = ("BOOKWRIGHT_", "SARVAM_", "TEMPORAL_", "DATABASE_URL", "PYTHONDONTWRITEBYTECODE")
MOST_S = 120


@dataclass(frozen=True)
class Home:
    """One BOOKWRIGHT_HOME, and the command run for it."""

    folder: Path
    settings: tuple[tuple[str, str], ...] = ()

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_INHERITED)}
        return kept | {"BOOKWRIGHT_HOME": str(self.folder), **dict(self.settings), **more}

    def run(self, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """The command, to its end."""
        return subprocess.run(
            [BOOKWRIGHT, *arguments],
            env=self.environment(**environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=MOST_S,
        )

    def json(self, *arguments: str | Path, code: int = 0, **environment: str) -> Any:
        """The one JSON document that the command prints."""
        ended = self.run(*arguments, "--json", **environment)
        assert ended.returncode == code, ended.stdout + ended.stderr
        return json.loads(ended.stdout)

    def rows(self, table: str) -> int:
        """How many rows a table of the home's database has; none when there is no database."""
        path = self.folder / "bookwright.db"
        if not path.exists():
            return 0
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


@pytest.fixture(scope="module")
def emulator() -> Iterator[EmulatorProcess]:
    with EmulatorProcess("sarvam") as process:
        yield process


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """Each file's inode and time: what changes when a file is written again."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}


def sarvam_home(folder: Path, emulator: EmulatorProcess) -> Home:
    """A home whose books Sarvam's emulator speaks."""
    return Home(
        folder,
        (("BOOKWRIGHT_SPEECH", "sarvam"), ("SARVAM_API_KEY", emulator.key), ("SARVAM_BASE_URL", emulator.url)),
    )


class Here:
    """The command in this process: a process for each would take long where nothing is started."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self.home = Home(folder)
        self._patch = patch
        self._capture = capture

    def run(self, *arguments: str | Path, **environment: str) -> tuple[int, str, str]:
        """Exit code, standard output and standard error."""
        for name in [name for name in os.environ if name.startswith(NOT_INHERITED)]:
            self._patch.delenv(name)
        for name, value in {"BOOKWRIGHT_HOME": str(self.home.folder), **environment}.items():
            self._patch.setenv(name, value)
        self._patch.setattr(sys, "argv", ["bookwright", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = self._capture.readouterr()
        return int(ended.value.code or 0), shown.out, shown.err


class Refusing(Here):
    """Commands that are refused: nothing of an order is left."""

    def run(self, *arguments: str | Path, **environment: str) -> tuple[int, str, str]:
        """Exit code, standard output and standard error."""
        answer = super().run(*arguments, **environment)
        assert self.home.rows("jobs") == self.home.rows("books") == self.home.rows("provider_calls") == 0
        return answer

    def answer(self, *arguments: str | Path, **environment: str) -> dict[str, Any]:
        """The JSON document of a refusal."""
        code, out, err = self.run(*arguments, "--json", **environment)
        assert (code, err) == (2, "")
        document: dict[str, Any] = json.loads(out)
        return document


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    return Here(tmp_path / "home", monkeypatch, capsys)


@pytest.fixture
def refusing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refusing:
    return Refusing(tmp_path / "home", monkeypatch, capsys)
