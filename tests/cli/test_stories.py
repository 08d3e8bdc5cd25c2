"""Books from a brief: the commands of docs/stories-api.md, run as they stand there but for a shorter book, and what the
command line refuses."""

import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from api.schemas.stories import LUNA
from tests.cli.conftest import MOST_S, Home, Refusing
from tests.cli.test_curl import PLACE, fields
from tests.cli.test_keys import served
from tests.support.emulator import ROOT

SECTION = (ROOT / "docs" / "stories-api.md").read_text().split("## A book from a brief\n")[1].split("\n## ")[0]
BLOCK = "".join(re.findall(r"^```\n(.*?)^```$", SECTION, re.DOTALL | re.MULTILINE))
SHOWN = re.findall(r"^\$ (.*\n(?:^ .*\n)*)((?:(?!\$ )[^\n]*\n)*)", BLOCK, re.MULTILINE)
"""Each command, and what the page shows for it."""


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_one_curl_orders_a_book_that_is_read_and_heard(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with served(home) as service:
        environment = home.environment(KEY=service["key"])
        for command, shown in SHOWN[1:]:
            asked = command.replace(PLACE, service["web"].removeprefix("http://"))
            asked = asked.replace('"treasure hunt"', '"treasure hunt", "pages": 4')
            ended = subprocess.run(
                asked, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=MOST_S
            )
            assert ended.returncode == 0 and "Unauthorized" not in ended.stdout, command
            assert fields(ended.stdout)[: len(fields(shown))] == fields(shown), command
            assert "/events" not in command or '"state":"done"' in ended.stdout
    with zipfile.ZipFile(tmp_path / "luna.epub") as book:
        names = book.namelist()
    assert any(name.endswith((".webp", ".jpg", ".png")) for name in names), "it is seen"
    assert any(name.endswith((".mp3", ".m4a")) for name in names), "and heard"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"age_group": "old"}, "age_group"),
        ({"job_type": "poem"}, "job_type"),
        ({"flavour": "mint"}, "flavour"),
        ({"user_id": "mira"}, "user_id"),
        ({"language": "ta"}, "language"),
        ({"character_image_url": "http://127.0.0.1/"}, "character_image_url"),
        ({"special_ability": "kills everybody with a gun"}, "special_ability"),
    ],
)
def test_a_brief_that_can_not_be_worked_off_is_refused(
    refusing: Refusing, tmp_path: Path, changes: dict[str, str], field: str
) -> None:
    brief = tmp_path / "brief.json"
    brief.write_text(json.dumps(LUNA | changes))
    assert refusing.answer("order", brief)["field"] == field


def test_notes_in_a_language_that_the_offline_writer_can_not_write_are_refused(
    refusing: Refusing, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("பாட்டி ஆலைக்குப் பின்னால் தேனீக்களை வளர்த்தாள். அவள் ஒவ்வொரு காலையும் பாடினாள்.")
    refused = refusing.answer("write", tmp_path / "notes.txt")
    assert refused["field"] == "language" and "BOOKWRIGHT_TEXT" in json.dumps(refused)


def test_notes_without_words_are_refused(refusing: Refusing, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("12 + 3!")
    assert refusing.answer("write", tmp_path / "notes.txt")["field"] == "content"
    assert refusing.answer("write", tmp_path / "none.txt")["field"] == "notes"
