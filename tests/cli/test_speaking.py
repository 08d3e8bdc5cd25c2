"""`voices` and `lexicon`, in a home with a book."""

import json
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from bookwright.cli import speaking
from bookwright.settings import Settings
from tests.support.library import home_at
from tests.support.stories import KITE

WITH_INES = [number for number, text in enumerate(KITE.pages, 1) if "Ines" in text]


@dataclass(frozen=True)
class Home:
    """The commands of this module, run in this process, and the book of their home."""

    folder: Path
    book: str

    def json(self, *arguments: str | Path, code: int = 0) -> Any:
        """The one JSON document that a command prints."""
        app = typer.Typer()
        speaking.register(app)
        unset: dict[str, str | None] = dict.fromkeys(Settings.variables())
        given = [*map(str, arguments), "--json"]
        ended = CliRunner().invoke(app, given, env=unset | {"BOOKWRIGHT_HOME": str(self.folder)})
        assert ended.exit_code == code, ended.output
        return json.loads(ended.stdout)


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    folder = tmp_path_factory.mktemp("home")
    async with home_at(folder) as home:
        book = await home.made(KITE)
    yield Home(folder, book.book_id)


def test_a_book_s_words_are_set_and_spoken(home: Home, tmp_path: Path) -> None:
    changed = home.json("lexicon", home.book, "--set", "Ines=Eeness", "--set", "Tomas=Tomash", "--ipa", "Ines=iˈnɛs")
    words = {entry["word"]: (entry["respelling"], entry["ipa"]) for entry in changed["entries"]}
    assert words == {"Ines": ("Eeness", "iˈnɛs"), "Tomas": ("Tomash", None)}
    applied = home.json("lexicon", home.book, "--remove", "tomas", "--apply")
    assert (applied["pages_to_speak"], applied["job"]) == (WITH_INES, 2)
    file = tmp_path / "words.json"
    file.write_text(json.dumps([{"word": "Ines", "ipa": "123"}]), "utf-8")
    refused = home.json("lexicon", home.book, "--file", file, code=2)
    assert refused["field"] == "file" and "entries.0.ipa" in refused["message"]
    half = home.json("lexicon", home.book, "--set", "Ines", code=2)
    assert half["field"] == "set" and "Nguyen=nwin" in half["message"]


def test_voices_are_listed_and_heard(home: Home, tmp_path: Path) -> None:
    target = tmp_path / "voice.wav"
    found = home.json("voices", "ta", "--sample", target)
    assert found["voices"][0]["provider"] == "espeak-ng" and found["sample"] == str(target)
    with wave.open(str(target)) as file:
        assert file.getnframes() > file.getframerate()
    unknown = home.json("voices", "tlh", code=2)
    assert unknown["field"] == "language" and "There are voices for en, hi" in unknown["message"]
