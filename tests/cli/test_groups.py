"""`jobs`, `books`, `users` and `audit`: what the API says, on the command line."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bookwright.cli import app
from bookwright.contracts.progress import JobState
from bookwright.store.access.credentials import Credentials
from tests.support.library import Home, home_at
from tests.support.stories import HOSTILE, KITE


@pytest.fixture
async def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Home]:
    monkeypatch.setenv("BOOKWRIGHT_HOME", str(tmp_path))
    async with home_at(tmp_path) as opened:
        yield opened


async def said(*arguments: str, code: int = 0) -> str:
    """What the command prints, in this process."""
    ended = await asyncio.to_thread(CliRunner().invoke, app, list(arguments))
    assert ended.exit_code == code, ended.output
    return ended.output


async def answered(*arguments: str, code: int = 0) -> Any:
    return json.loads(await said(*arguments, "--json", code=code))


async def test_jobs_and_books_are_listed_found_shown_and_deleted(home: Home) -> None:
    kite = await home.made(KITE, spoken=[])
    odd = await home.made(HOSTILE, spoken=[], closed=False)
    assert [job["book_id"] for job in await answered("jobs", "list")] == [odd.book_id, kite.book_id]
    assert [job["book_id"] for job in await answered("jobs", "list", "--state", "done")] == [kite.book_id]
    assert await answered("jobs", "list", "--find", KITE.title[:6], "--user", "nobody") == []
    assert KITE.title in await said("jobs", "list", "--since", "2020-01-01")
    assert [book["title"] for book in await answered("books", "list", "--find", KITE.title)] == [KITE.title]
    shown = await answered("books", "show", kite.book_id)
    assert (shown["state"], shown["files"]) == (JobState.DONE, [])
    assert HOSTILE.title in await said("books", "show", odd.book_id)
    refused = await answered("books", "delete", odd.book_id, "--yes", code=2)
    assert "bookwright cancel" in refused["message"]
    assert (await answered("books", "delete", kite.book_id, code=2))["field"] == "yes"
    assert (await answered("books", "delete", kite.book_id, "--yes"))["deleted"]
    assert [book["book_id"] for book in await answered("books", "list")] == [odd.book_id]
    [line] = await answered("audit", "--action", "book.deleted")
    assert (line["actor"], line["subject"]) == ("command line", kite.book_id)
    assert "book.deleted" in await said("audit")


async def test_users_are_made_limited_and_deactivated(home: Home) -> None:
    made = await answered("users", "create", "mira", "--name", "Mira", "--jobs", "2", "--month", "20")
    assert made["limits"] == {"jobs_at_once": 2, "requests_per_minute": None, "month_usd": "20.00"}
    key = (await answered("keys", "create", "laptop", "--user", "mira"))["key"]
    assert await Credentials(home.database).by_key(key)
    changed = await answered("users", "change", "mira", "--jobs", "none", "--requests", "60", "--deactivate")
    assert (changed["disabled"], changed["limits"]["jobs_at_once"]) == (True, None)
    assert await Credentials(home.database).by_key(key) is None
    assert "deactivated" in await said("users", "list", "--find", "MIR")
    assert "60 requests a minute" in await said("users", "show", "mira")
    assert not (await answered("users", "change", "mira", "--activate"))["disabled"]
    assert await Credentials(home.database).by_key(key)
    for arguments, field in (
        (("users", "change", "mira"), "change"),
        (("users", "create", "nora", "--jobs", "0"), "jobs"),
        (("users", "create", "nora", "--month", "much"), "budget"),
    ):
        assert (await answered(*arguments, code=2))["field"] == field
    assert (await answered("users", "show", "nobody", code=1))["error"] == "NotFound"
