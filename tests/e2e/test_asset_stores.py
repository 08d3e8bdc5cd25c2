"""A book whose assets are kept in a bucket and delivered by Cloudinary, with a worker killed in the middle."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from bookwright.assets import open_publisher
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.orders import Edition
from bookwright.contracts.progress import JobState
from bookwright.settings import StorageSettings
from bookwright.store import SERVICE
from bookwright.store.books.deletion import BookRemoval
from bookwright.store.ledger.tables import asset_aliases
from bookwright.store.publications import Publications
from emulators import s3
from tests.support.delivery import delivered_by, nothing_due
from tests.support.emulator import EmulatorProcess
from tests.support.invariants import check_invariants
from tests.support.stack import Stack, page_texts

PAGES = 8


@pytest.fixture
def bucket() -> Iterator[EmulatorProcess]:
    with EmulatorProcess("s3") as process:
        yield process


@pytest.fixture
def delivery() -> Iterator[EmulatorProcess]:
    with EmulatorProcess("cloudinary") as process:
        yield process


async def test_a_book_in_a_bucket_delivered_by_cloudinary(
    tmp_path: Path, emulator: EmulatorProcess, bucket: EmulatorProcess, delivery: EmulatorProcess
) -> None:
    environment = {
        **delivered_by(delivery, kept="s3"),
        "S3_BUCKET": "books",
        "S3_ACCESS_KEY_ID": s3.ACCESS_KEY,
        "S3_SECRET_ACCESS_KEY": bucket.key,
        "S3_ENDPOINT_URL": bucket.url,
    }
    async with Stack(tmp_path / "home", emulator, environment=environment) as stack:
        await stack.order(page_texts(PAGES), per_chapter=4, editions=(Edition.MP3, Edition.M4B))
        busy = {"kind": "status", "status": 503, "code": "SlowDown", "match": "PUT", "times": 4}
        await bucket.knobs(faults=[busy])
        first = await stack.worker(failpoints="stored=kill@3", wait=False)
        assert await first.ended() == -9
        await stack.worker()
        [row] = await stack.closed()
        assert (row.state, row.error, row.warning) == (JobState.DONE, None, None)
        tally = await check_invariants(stack)
        assert tally.units >= PAGES

        publications = Publications(stack.database)
        await nothing_due(publications)
        query = sa.select(asset_aliases).where(asset_aliases.c.name.contains("/audio/"))
        aliases = await stack.database.read(SERVICE, lambda c: c.execute(query).all())
        assert len(aliases) == PAGES
        publisher = open_publisher(StorageSettings.model_validate(environment))
        assert publisher is not None
        addresses = []
        async with httpx.AsyncClient(trust_env=False) as anybody:
            for alias in aliases:
                found = await publications.delivered(OwnerId(alias.owner_id), alias.name)
                assert found is not None, alias.name
                addresses.append(publisher.address(alias.name, found.version))
                delivered = await anybody.get(addresses[-1])
                assert hashlib.sha256(delivered.content).hexdigest() == alias.asset, alias.name
            calls = await delivery.calls()
            assert set(calls["texts"].values()) == {1} and calls["received"] == PAGES, "each is uploaded once"

            assert await BookRemoval(stack.database, stack.assets, timedelta(0)).remove(row.owner_id, row.book_id)
            await nothing_due(publications)
            assert list(stack.assets.all()) == []
            assert {(await anybody.get(address)).status_code for address in addresses} == {404}
