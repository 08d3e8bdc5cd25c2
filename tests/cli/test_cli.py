"""What somebody at a terminal, or a script, sees of the command."""

import os
import re
import select
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import BOOKWRIGHT, MOST_S, Here, Home, Refusing, sarvam_home, stamps
from tests.support.emulator import EmulatorProcess

PAGES = (
    "The river began under a stone.",
    "It ran past the mill, and the miller's daughter watched it.",
    "Nobody asked where it went.",
    "The sea had no end.",
    "A boat lay on the sand, and a lamp hung in its bow.",
    "Then the tide came in.",
)


def story(*pages: str) -> str:
    """A text of two chapters with three pages each."""
    chapters = "\n\n##\n\n".join(pages[:3]), "\n\n##\n\n".join(pages[3:])
    return f"# The River\n\n{chapters[0]}\n\n# The Sea\n\n{chapters[1]}\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("happy") / "home")


@pytest.fixture(scope="module")
def text(home: Home) -> Path:
    path = home.folder.parent / "two_waters.md"
    path.write_text(story(*PAGES))
    return path


@pytest.fixture(scope="module")
def books(home: Home) -> Path:
    return home.folder.parent / "books"


def order(text: Path, books: Path) -> tuple[str | Path, ...]:
    return ("make", text, "--out", books, "--title", "Two Waters", "--author", "A. Writer", "--language", "en")


@pytest.fixture(scope="module")
def made(home: Home, text: Path, books: Path) -> dict[str, Any]:
    """The book, made by `make`."""
    document: dict[str, Any] = home.json(*order(text, books))
    return document


BEGINNINGS = {".mp3": b"ID3", ".m4b": b"\0\0\0\x1cftyp", ".epub": b"PK\x03\x04", ".pdf": b"%PDF-"}
"""What a file of each edition begins with."""


def test_make_leaves_an_mp3_for_each_chapter_and_one_file_for_each_other_edition(
    made: dict[str, Any], books: Path
) -> None:
    assert made["state"] == "done" and made["nothing_new"] is False
    assert (made["counts"]["calls"], made["counts"]["reused"], made["counts"]["cost_micros"]) == (6, 0, 0)
    folder = books / "Two Waters"
    assert sorted(path.name for path in folder.iterdir()) == [
        "01 The River.mp3",
        "02 The Sea.mp3",
        "Two Waters.epub",
        "Two Waters.m4b",
        "Two Waters.pdf",
    ]
    assert sorted(made["files"]) == sorted(str(path) for path in folder.iterdir())
    for path in folder.iterdir():
        assert path.read_bytes().startswith(BEGINNINGS[path.suffix])


def test_the_same_order_again_touches_nothing(home: Home, text: Path, books: Path, made: dict[str, Any]) -> None:
    before, calls = stamps(books), home.rows("provider_calls")
    again = home.json(*order(text, books))
    assert again["nothing_new"] is True and again["number"] == made["number"] and again["files"] == made["files"]
    assert stamps(books) == before and home.rows("provider_calls") == calls and home.rows("jobs") == 1
    shown = home.run(*order(text, books))
    assert shown.returncode == 0 and "Nothing had to be made again" in shown.stdout


def test_a_lost_file_comes_back_without_a_call(home: Home, text: Path, books: Path, made: dict[str, Any]) -> None:
    lost = books / "Two Waters" / "02 The Sea.mp3"
    content = lost.read_bytes()
    lost.unlink()
    assert home.json(*order(text, books))["nothing_new"] is True
    assert lost.read_bytes() == content


def test_only_what_was_edited_is_spoken_again(home: Home, text: Path, made: dict[str, Any]) -> None:
    edited = text.with_name("edited.md")
    edited.write_text(story(*PAGES[:4], "A ship lay on the sand.", PAGES[5]))
    document = home.json(*order(edited, text.with_name("edited")))
    assert document["state"] == "done" and document["number"] != made["number"]
    assert (document["counts"]["calls"], document["counts"]["reused"]) == (1, 5)


def test_status_answers_for_the_number_and_for_the_id(home: Home, made: dict[str, Any]) -> None:
    by_number = home.json("status", str(made["number"]))
    by_id = home.json("status", made["job_id"])
    assert by_number | {"as_of": None} == by_id | {"as_of": None}
    assert [(part["title"], part["done"], part["pages"]) for part in by_number["chapters"]] == [
        ("The River", 3, 3),
        ("The Sea", 3, 3),
    ]
    shown = home.run("status", str(made["number"]))
    assert shown.returncode == 0 and "Two Waters" in shown.stdout and "done" in shown.stdout


def test_a_job_that_is_not_there_is_said_so(home: Home, made: dict[str, Any]) -> None:
    for command in ("status", "cancel"):
        ended = home.run(command, "4711")
        assert ended.returncode == 1 and "Traceback" not in ended.stderr and ended.stderr.startswith("error")


def test_what_has_ended_can_not_be_steered(home: Home, made: dict[str, Any]) -> None:
    for command in ("cancel", "resume"):
        refused = home.json(command, str(made["number"]), code=2)
        assert refused["field"] == "job" and "has ended" in refused["message"]


def test_a_queued_job_can_not_be_retried_but_cancelled(home: Home, made: dict[str, Any], text: Path) -> None:
    queued = home.json("retry", str(made["number"]))
    assert queued["status"] == "queued" and queued["number"] != made["number"]
    refused = home.json("retry", str(queued["number"]), code=2)
    assert refused["field"] == "job" and "queued" in refused["message"]
    assert home.json("cancel", str(queued["number"]))["status"] == "cancelling"
    assert home.json("status", str(queued["number"]), code=3)["state"] == "cancelled"


def test_an_estimate_stores_nothing(tmp_path: Path, text: Path) -> None:
    home = Home(tmp_path / "home")
    figures = home.json("estimate", text)
    assert (figures["pages"], figures["calls"], figures["cost_high_usd"]) == (6, 6, "0.00")
    assert home.rows("jobs") == 0 and home.rows("books") == 0
    paid = Home(tmp_path / "home", (("BOOKWRIGHT_SPEECH", "sarvam"), ("SARVAM_API_KEY", "k")))
    assert float(paid.json("estimate", text)["cost_high_usd"]) > 0


def test_doctor_looks_at_everything(tmp_path: Path) -> None:
    checks = {check["name"]: check for check in Home(tmp_path / "home").json("doctor")}
    assert {"home", "database", "temporal", "service", "speech", "payloads"} <= set(checks)
    assert all(check["ok"] for check in checks.values())
    assert "spoke" in checks["speech"]["detail"]


def test_doctor_says_which_thing_is_wrong(tmp_path: Path) -> None:
    database = tmp_path / "not-a-database"
    database.write_bytes(b"something else entirely" * 100)
    found = Home(tmp_path / "home").json("doctor", code=1, DATABASE_URL=f"sqlite:///{database}")
    wrong = [check for check in found if not check["ok"]]
    assert [check["name"] for check in wrong] == ["database"]
    assert "DATABASE_URL" in wrong[0]["detail"]


BAD_SOURCES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "no text"),
    "white space": (b" \n\t\n", "no text"),
    "a zip": (b"PK\x03\x04" + bytes(60), "damaged"),
    "binary": (bytes(range(256)) * 4, "binary"),
    "another encoding": ("Müller ging über die Brücke.".encode("latin-1"), "UTF-8"),
    "nothing to speak": (b"*** --- !!! ...\n\n?!?\n", "letter"),
}


@pytest.mark.parametrize("kind", BAD_SOURCES)
def test_a_source_that_can_not_be_read_is_refused(refusing: Refusing, tmp_path: Path, kind: str) -> None:
    data, says = BAD_SOURCES[kind]
    path = tmp_path / "book.txt"
    path.write_bytes(data)
    answer = refusing.answer("make", path, "--out", tmp_path / "out")
    assert answer["field"] in ("file", "source") and says.lower() in answer["message"].lower(), answer


@pytest.mark.parametrize(
    ("arguments", "field", "says"),
    [
        (("--language", "tlh-invented-tag-of-nobody"), "language", "language"),
        (("--language", "qaa"), "language", "language"),
        (("--voice", "Caruso"), "voice", "voice"),
        (("--title", "T" * 5_000), "title", "300"),
        (("--title", " "), "title", "title"),
        (("--author", "A" * 301), "author", "author"),
        (("--editions", "mp3,vinyl"), "editions", "mp3, m4b"),
        (("--editions", ","), "editions", "editions"),
        (("--tracks", "smell"), "tracks", "narration"),
        (("--tracks", ","), "tracks", "narration"),
        (("--budget", "-1"), "budget", "budget"),
        (("--budget", "NaN"), "budget", "budget"),
        (("--budget", "two"), "budget", "budget"),
        (("--budget", "1e30"), "budget", "budget"),
    ],
)
def test_a_wish_that_can_not_be_met_is_refused(
    refusing: Refusing, text: Path, tmp_path: Path, arguments: tuple[str, ...], field: str, says: str
) -> None:
    answer = refusing.answer("make", text, "--out", tmp_path / "out", *arguments)
    assert answer["field"] == field and says in answer["message"], answer


@pytest.mark.parametrize(
    ("name", "says"), [("missing.md", "no file"), (".", "folder"), ("[red].md", "there is no file '[red].md'")]
)
def test_a_file_that_is_none_is_refused(refusing: Refusing, tmp_path: Path, name: str, says: str) -> None:
    answer = refusing.answer("make", tmp_path / name, "--out", tmp_path / "out")
    assert answer["field"] == "file" and says in answer["message"], answer
    code, out, err = refusing.run("make", tmp_path / name, "--out", tmp_path / "out")
    assert (code, out) == (2, "") and says in err and err.count("\n") == 1


def test_a_refusal_is_one_line_of_the_real_command_too(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    empty = tmp_path / "empty.txt"
    empty.write_bytes(b"")
    ended = home.run("make", empty, "--out", tmp_path / "out")
    assert (ended.returncode, ended.stdout) == (2, "") and ended.stderr.startswith("error There is no text")
    assert ended.stderr.count("\n") == 1 and home.rows("jobs") == 0
    ended = home.run("make", empty, BOOKWRIGHT_SPEECH="sarvam")
    assert (ended.returncode, ended.stdout) == (2, "") and ended.stderr.startswith("error SARVAM_API_KEY: ")
    assert ended.stderr.count("\n") == 1


def test_a_folder_that_can_not_be_written_to_is_refused(refusing: Refusing, text: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    answer = refusing.answer("make", text, "--out", tmp_path / "file" / "books")
    assert answer["field"] == "out" and "--out" in answer["message"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SARVAM_API_KEY", ""),
        ("BOOKWRIGHT_SPEECH", "secret-singer"),
        ("BOOKWRIGHT_AUDIO_JOBS", "secret"),
        ("BOOKWRIGHT_LOCAL_DEADLINE", "-5"),
        ("DATABASE_URL", "mysql://user:secret@host/db"),
    ],
)
def test_a_wrong_setting_is_named_and_not_repeated(
    refusing: Refusing, text: Path, tmp_path: Path, name: str, value: str
) -> None:
    more = {"BOOKWRIGHT_SPEECH": "sarvam"} if name.startswith("SARVAM") else {}
    answer = refusing.answer("make", text, "--out", tmp_path / "out", **more, **{name: value})
    assert name in answer["message"] and "secret" not in answer["message"], answer


def test_a_temporal_that_is_not_there_is_said_so(
    here: Here, text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order is accepted, so it stays, and waits for a service."""
    monkeypatch.setattr("bookwright.service.CONNECT_TIMEOUT_S", 0.5)
    code, _, shown = here.run(*order(text, tmp_path / "out"), TEMPORAL_ADDRESS="127.0.0.1:1")
    assert code == 1 and "Traceback" not in shown
    assert "127.0.0.1:1" in shown and "TEMPORAL_ADDRESS" in shown
    assert here.home.json("status", "1")["state"] == "queued"


def test_a_book_with_a_failed_page_ends_with_3_and_is_completed_by_the_same_command(
    tmp_path: Path, emulator: EmulatorProcess
) -> None:
    home, text = sarvam_home(tmp_path / "home", emulator), tmp_path / "story.md"
    text.write_text(story(*PAGES))
    emulator.reset_now()
    broken = {"kind": "status", "status": 422, "match": "boat"}
    emulator.control("PUT", "knobs", body={"faults": [broken]})
    command = order(text, tmp_path / "books")
    ended = home.json(*command, code=3)
    assert ended["state"] == "done" and "1 page" in ended["warning"]
    assert [part["failed"] for part in ended["chapters"]] == [0, 1]
    assert len(ended["files"]) == 5
    emulator.control("PUT", "knobs", body={"faults": []})
    whole = home.json(*command)
    assert whole["state"] == "done" and whole["warning"] is None and whole["counts"]["calls"] == 1
    texts = emulator.control("GET", "calls")["answered_texts"]
    assert len(texts) == 6 and set(texts.values()) == {1}


def test_a_killed_make_takes_its_processes_along_and_the_same_command_goes_on(
    tmp_path: Path, emulator: EmulatorProcess
) -> None:
    home, text = sarvam_home(tmp_path / "home", emulator), tmp_path / "story.md"
    text.write_text(story(*PAGES))
    emulator.reset_now()
    emulator.control("PUT", "knobs", body={"gate": "boat"})
    command = order(text, tmp_path / "books")
    making = subprocess.Popen(
        [BOOKWRIGHT, *command], env=home.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        emulator.wait_calls_now(5, of="answered")
        children = [int(pid) for pid in Path(f"/proc/{making.pid}/task/{making.pid}/children").read_text().split()]
        watched = [os.pidfd_open(pid) for pid in children]
        assert len(watched) == 2, "Temporal and a worker"
    finally:
        os.kill(making.pid, signal.SIGKILL)
        making.wait()
    emulator.control("POST", "release")
    for process in watched:
        gone, _, _ = select.select([process], [], [], MOST_S)
        assert gone, "a process outlived the command that started it"
        os.close(process)
    document = home.json(*command)
    assert document["state"] == "done" and document["warning"] is None and len(document["files"]) == 5
    answered = emulator.control("GET", "calls")["answered_texts"]
    once = {text for text in answered if not re.search("boat", text)}
    assert len(once) == 5 and all(answered[text] == 1 for text in once), "what was settled is not bought again"
