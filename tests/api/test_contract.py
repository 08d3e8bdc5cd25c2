"""The application keeps to its OpenAPI document, whatever it is sent: Schemathesis with all its checks."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from temporalio.client import Client

from api.routes import shelf as shelf_routes
from api.routes import uploads
from bookwright.contracts.access import Actor, KeyId, Role, User, UserChange
from bookwright.contracts.errors import Conflict, NotFound
from bookwright.contracts.ids import LOCAL_OWNER, BookId, OwnerId
from bookwright.contracts.orders import JobKind
from bookwright.dispatch import Dispatcher
from bookwright.estimating import Makers
from bookwright.money.prices import default_prices
from bookwright.providers.local.composing import LocalModel
from bookwright.providers.local.purposes import composers
from bookwright.store.access.keys import KeyStore
from bookwright.store.access.users import UserStore
from bookwright.store.books.deletion import BookRemoval
from tests.api.reading_worker import reading_worker
from tests.api.test_steering import Recorded
from tests.support.library import Home, home_at
from tests.support.serving import served
from tests.support.stories import KITE, LAMP
from tests.workflows.conftest import client as temporal
from tests.workflows.conftest import working

__all__ = ["temporal"]
SCHEMATHESIS = str(Path(sys.executable).with_name("schemathesis"))
SETTINGS = Path(__file__).with_name("schemathesis.toml")
HOOKS = {"SCHEMATHESIS_HOOKS": "tests.api.schemathesis_hooks", "PYTHONPATH": str(Path(__file__).parents[2])}


class KeepingKeys(KeyStore):
    """Keys of which one can't be revoked, so that the run does not saw off the branch that it sits on."""

    kept: KeyId | None = None

    async def revoke(self, owner: OwnerId, key: KeyId, *, actor: Actor | str) -> None:
        if key == self.kept:
            raise NotFound("there is no such key")
        await super().revoke(owner, key, actor=actor)


class KeepingUsers(UserStore):
    """Users of whom one stays what they are."""

    async def change(self, user: OwnerId, change: UserChange, *, actor: Actor | str) -> User:
        if user == LOCAL_OWNER:
            raise Conflict("no admin would be left")
        return await super().change(user, change, actor=actor)


class KeepingBooks(BookRemoval):
    """Books of which one is never gone: it is what the examples are about."""

    kept: BookId | None = None

    async def remove(self, owner: OwnerId, book: BookId, *, actor: Actor | None = None) -> bool:
        return book != self.kept and await super().remove(owner, book, actor=actor)


@dataclass
class Served:
    """The application on a port, a key for it, and its document in a folder of its own."""

    address: str
    key: str
    document: Path

    async def schemathesis(self, *wishes: str) -> tuple[int, str]:
        """Run it, and answer its exit code and what it printed: of each failure also how to repeat it."""
        process = await asyncio.create_subprocess_exec(
            *(SCHEMATHESIS, "--config-file", str(SETTINGS), "run", str(self.document), "--url", self.address),
            *("--checks", "all", "--suppress-health-check", "all", "--no-color"),
            *wishes,
            cwd=self.document.parent,
            env=os.environ | HOOKS | {"BOOKWRIGHT_TEST_KEY": self.key},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, printed.decode()


async def fill(home: Home) -> BookId:
    """Books that are finished, the first one with files, and one in the making. Answers the first one's id."""
    kite = await home.made(KITE, spoken=[], closed=False)
    segments = [await home.speak(kite, page) for page in range(1, kite.pages + 1)]
    await home.bind(kite, segments)
    await home.bind(kite, segments[:3], chapter=1)
    await home.close(kite)
    await home.made(LAMP, spoken=[1], failed={2: "the voice refused this text"})
    await home.made(KITE, spoken=[1], failed={2: "the voice refused this text"}, closed=False)
    return BookId(kite.book_id)


@asynccontextmanager
async def serving(home: Home, app: FastAPI, folder: Path) -> AsyncIterator[Served]:
    """The application over a filled home; the key and the book that everything depends on stay."""
    keys = KeepingKeys(home.database)
    books = KeepingBooks(home.database, home.assets, timedelta(0))
    users = KeepingUsers(home.database)
    app.state.backend = replace(app.state.backend, keys=keys, users=users, removal=books)
    books.kept = await fill(home)
    made = await keys.create(LOCAL_OWNER, "Schemathesis", actor="test", role=Role.ADMIN)
    keys.kept = made.facts.id
    document = folder / "openapi.json"
    document.write_text(json.dumps(app.openapi()))
    async with served(app) as address:
        yield Served(address, made.key, document)


@pytest.fixture
async def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Home]:
    """A home whose API waits for nobody long."""
    monkeypatch.setattr(shelf_routes, "PATIENCE_S", 0.0)
    monkeypatch.setattr(uploads, "PATIENCE_S", 5.0)
    async with home_at(tmp_path / "home") as made:
        yield made


@pytest.fixture
async def application(home: Home, tmp_path: Path) -> AsyncIterator[Served]:
    """Without Temporal. What is uploaded is read, and nothing more happens to it."""
    writing = Makers(home.engine, default_prices(), text=LocalModel(composers()))
    async with serving(home, home.app(makers=writing), tmp_path) as found, reading_worker(home):
        yield found


@pytest.fixture
async def at_work(home: Home, tmp_path: Path, temporal: Client) -> AsyncIterator[Served]:
    """With Temporal and workers that make nothing: jobs run, and can be steered while they do."""

    async def connect() -> Client:
        return temporal

    async def nothing() -> None:
        return None

    dispatcher = Dispatcher(temporal, home.jobs, {JobKind.AUDIO: 8}, None, nothing)
    async with working(temporal, Recorded(home)), serving(home, home.app(connect=connect), tmp_path) as found:
        dispatching = asyncio.create_task(dispatcher.run())
        yield found
        dispatching.cancel()
        await asyncio.wait([dispatching])


async def test_no_answer_is_a_surprise(application: Served) -> None:
    # The other phases take four minutes: they are in `make chaos`.
    wishes = ("--phases", "examples", "--generation-deterministic")
    code, printed = await application.schemathesis(*wishes)
    assert code == 0, printed


@pytest.mark.chaos
@pytest.mark.parametrize("seed", ["1", "2", "3"])
async def test_no_answer_is_a_surprise_in_the_long_run(application: Served, seed: str) -> None:
    code, printed = await application.schemathesis("--max-examples", "100", "--seed", seed, "--continue-on-failure")
    assert code == 0, printed


@pytest.mark.chaos
async def test_no_answer_is_a_surprise_while_jobs_run(at_work: Served) -> None:
    wishes = ("--phases", "examples,stateful", "--max-examples", "100", "--seed", "1", "--continue-on-failure")
    code, printed = await at_work.schemathesis(*wishes)
    assert code == 0, printed
