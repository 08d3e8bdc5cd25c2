"""The invariants I1–I6 of what Bookwright must survive, checked against the store, the emulator and the logs."""

import asyncio
import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.book import Segment, TrackState
from bookwright.contracts.calls import CallState
from bookwright.contracts.ids import AssetId
from bookwright.contracts.orders import Track, made_tracks
from bookwright.contracts.pagereading import PageReading
from bookwright.contracts.ports.writings import Part
from bookwright.contracts.progress import JobState
from bookwright.contracts.spreads import Ambience, Plate, SpreadAnalysis
from bookwright.store import SERVICE, AssetRows, Assets
from bookwright.store.ledger.tables import budgets, usages
from bookwright.store.ledger.tables import provider_attempts as attempts
from bookwright.store.ledger.tables import provider_calls as calls
from bookwright.store.tables import METADATA, jobs, page_tracks, pages
from bookwright.text.chunks import chunks
from tests.support.stack import SECRET_WORD, Stack

_ANSWERED = (CallState.SETTLED, CallState.REJECTED, CallState.FENCED)
NEVER_ARRIVED = (
    "NotSent",
    "cancelled before it was sent",
    "taken over before it was sent",
    "a later attempt goes on with its job",
)
"""Why attempts failed that the provider never saw, or whose job at the provider is a later attempt's now."""


@dataclass
class Tally:
    """What was counted on the way."""

    units: int = 0
    received: int = 0
    sure: int = 0
    """Attempts that certainly arrived at the provider."""
    states: dict[str, int] = field(default_factory=dict)
    orphans: int = 0
    """Blobs without a row that a crash left for the sweeper."""
    scratch: int = 0

    def __str__(self) -> str:
        states = " ".join(f"{state}={count}" for state, count in sorted(self.states.items()))
        return (
            f"units={self.units} emulator received={self.received}, ledger: surely {self.sure}, {states}; "
            f"orphans={self.orphans} scratch={self.scratch}"
        )


async def check_invariants(stack: Stack, *, crashed: bool = True, exact: bool = False) -> Tally:
    """Assert all six. Nothing may be under way any more. `crashed` allows what a crash may leave to the sweepers;
    `exact` says that no call's fate is unknown, so the emulator's count must be the ledger's."""
    tally = Tally()
    await one_row_per_call(stack, tally)
    await counts_agree(stack, tally, exact=exact)
    await nothing_is_stuck(stack)
    await bytes_and_rows_agree(stack, tally, crashed=crashed)
    await budgets_hold(stack)
    await asyncio.to_thread(nothing_leaks, stack)
    return tally


async def _rows(stack: Stack, query: "sa.Select[Any]") -> list[Any]:
    return list(await stack.database.read(SERVICE, lambda c: c.execute(query).all()))


async def one_row_per_call(stack: Stack, tally: Tally) -> None:
    """I1: one ledger row per owner and key, and a usage row for every clip of every finished page."""
    rows = await _rows(stack, sa.select(calls.c.owner_id, calls.c.key, calls.c.id, calls.c.state, calls.c.asset))
    assert len({(row.owner_id, row.key) for row in rows}) == len(rows), "I1: a call has two rows"
    by_id = {(row.owner_id, row.id): row for row in rows}
    used = {
        (row.owner_id, row.book_id, row.unit): by_id[row.owner_id, row.call_id]
        for row in await _rows(stack, sa.select(usages))
    }
    finished = await _rows(stack, sa.select(page_tracks).where(page_tracks.c.state == TrackState.COMPLETED))
    written = {
        (row.owner_id, row.book_id)
        for row in await _rows(stack, sa.select(METADATA.tables["writings"]))
        if row.part == Part.IDEAS
    }
    scored: dict[tuple[str, str], set[AssetId]] = {}
    for page in finished:
        book = (page.owner_id, page.book_id)
        if page.track == Track.ANALYSIS and book in written:
            continue  # what its pages tell of came with the story
        data = await stack.assets.get(AssetId(page.asset))
        for unit, asset in _bought_for(page.track, page.page, data):
            call = used.get((*book, unit))
            assert call is not None, f"I1: {unit} has no usage row"
            assert call.state == CallState.SETTLED, f"I1: {unit} uses a call that is {call.state}"
            assert asset in (None, call.asset), f"I1: {unit} uses another answer"
            tally.units += 1
        if page.track == Track.SOUNDSCAPE:
            scored.setdefault(book, set()).add(Ambience.model_validate_json(data).sound)
    for book, sounds in scored.items():
        bought = {call.asset for (*of, unit), call in used.items() if tuple(of) == book and unit.endswith("soundscape")}
        assert sounds <= bought, "I1: a sound is used that the book did not buy"


def _bought_for(track: str, page: int, data: bytes) -> list[tuple[str, AssetId | None]]:
    """The units that a page's finished track consists of, each with the answer that it uses, if that is stored as it
    came."""
    if track == Track.NARRATION:
        clips = Segment.model_validate_json(data).clips
        assert clips, f"I1: page {page} is finished without a clip"
        return [(f"page/{page}/narration/{index}", clip.asset) for index, clip in enumerate(clips)]
    if track == Track.ILLUSTRATIONS:
        return [(f"page/{page}/illustrations", Plate.model_validate_json(data).picture)]
    if track == Track.READING:  # of a blank page nothing is bought
        return [(f"page/{page}/reading", None)] if PageReading.model_validate_json(data).blocks else []
    if track == Track.ANALYSIS:
        return [(f"page/{SpreadAnalysis.model_validate_json(data).pages[0]}/analysis", None)]
    return []


async def counts_agree(stack: Stack, tally: Tally, *, exact: bool) -> None:
    """I2: each emulator's own counts are the ledger's attempts at its provider; of speech, for every single text."""
    rows = await _rows(
        stack,
        sa.select(calls.c.provider, calls.c.key, attempts.c.state, attempts.c.sent_at, attempts.c.reason).join(
            calls, sa.and_(calls.c.owner_id == attempts.c.owner_id, calls.c.id == attempts.c.call_id)
        ),
    )
    sure: Counter[str] = Counter()
    maybe: Counter[str] = Counter()
    by_provider: dict[str, list[int]] = {name: [0, 0] for name in stack.emulators}
    for row in rows:
        arrived = row.state == CallState.FAILED and row.sent_at is not None and row.reason not in NEVER_ARRIVED
        if row.state in _ANSWERED or arrived:
            sure[row.key] += 1
            by_provider[row.provider][0] += 1
        elif row.state in (CallState.AMBIGUOUS, CallState.SENT):
            maybe[row.key] += 1
            by_provider[row.provider][1] += 1
    tally.states = dict(Counter(row.state for row in rows))
    tally.sure = sure.total()
    counts = await stack.emulator.calls()
    for name, emulator in stack.emulators.items():
        received = (await emulator.calls())["received"]
        tally.received += received
        certain, possible = by_provider[name]
        assert certain <= received <= certain + possible, f"I2: {name} {certain} <= {received} <= +{possible}; {tally}"
    if exact:
        assert not maybe, f"I2: some calls have an unknown fate: {tally}"
    voice = stack.engine.voice("en", None)
    for text in {chunk.text for page in stack.texts for chunk in chunks(page, "en", stack.engine.max_chars)}:
        received = counts["texts"].get(text, 0)
        keys = [stack.engine.call(text, voice, take).key for take in range(4)]
        least, most = sum(sure[key] for key in keys), sum(sure[key] + maybe[key] for key in keys)
        assert least <= received <= most, f"I2: a text was asked for {received} times, the ledger says {least}–{most}"


async def nothing_is_stuck(stack: Stack) -> None:
    """I3: every job has ended, a failed one with a reason; a job that is done has an outcome for every page."""
    for job in await _rows(stack, sa.select(jobs)):
        assert JobState(job.state).closed, f"I3: job {job.number} is {job.state}: {job.paused_reason}"
        assert job.state != JobState.FAILED or job.error, f"I3: job {job.number} failed without a reason"
        if job.state != JobState.DONE:
            continue
        book = (page_tracks.c.owner_id == job.owner_id, page_tracks.c.book_id == job.book_id)
        outcomes = await _rows(
            stack, sa.select(page_tracks.c.page, page_tracks.c.track, page_tracks.c.state).where(*book)
        )
        source = await _rows(
            stack, sa.select(pages.c.number).where(pages.c.owner_id == job.owner_id, pages.c.book_id == job.book_id)
        )
        validated = Track.VALIDATION in {row.track for row in outcomes}
        made = made_tracks(job.ordered["tracks"], validated=validated)
        for track in made:
            accounted = {row.page for row in outcomes if row.track == track}
            assert accounted == {row.number for row in source}, f"I3: pages are unaccounted for: {track}"
        left = Counter(row.state for row in outcomes if row.state in (TrackState.PENDING, TrackState.PROCESSING))
        assert not left, f"I3: job {job.number} is done with pages {dict(left)}"
        failed = sum(row.state == TrackState.FAILED for row in outcomes if row.track in made)
        assert bool(failed) <= bool(job.warning), f"I3: {failed} pages failed and nobody is told"
    open_calls = await _rows(stack, sa.select(attempts.c.state).where(attempts.c.state.in_(("reserved", "sent"))))
    done = await _rows(stack, sa.select(jobs.c.id).where(jobs.c.state != JobState.DONE))
    assert done or not open_calls, f"I3: all jobs are done, and {len(open_calls)} calls are still open"


async def bytes_and_rows_agree(stack: Stack, tally: Tally, *, crashed: bool) -> None:
    """I4: all bytes match their hash and their row; what has no row is the sweeper's, and only after a crash."""
    assert await stack.assets.verify() == [], "I4: stored bytes don't match their hash"
    catalogue = AssetRows(stack.database)
    rows = {blob.asset: blob for blob in await catalogue.all()}
    stored = set(stack.assets.all())
    assert rows.keys() <= stored, f"I4: {len(rows.keys() - stored)} rows without bytes"
    for asset, blob in rows.items():
        assert stack.assets.path(asset).stat().st_size == blob.size, "I4: a row tells another size"
    tally.orphans = len(stored - rows.keys())
    tally.scratch = len(list(stack.assets.scratch().iterdir()))
    assert crashed or (tally.orphans, tally.scratch) == (0, 0), f"I4: left behind without a crash: {tally}"
    removed = await stack.assets.sweep_orphans(catalogue.known, timedelta(0))
    assert len(removed) == tally.orphans and set(stack.assets.all()) == rows.keys(), "I4: the sweeper leaves orphans"
    stack.assets.sweep(timedelta(0))
    assert not list(stack.assets.scratch().iterdir()), "I4: scratch files stay behind"


async def budgets_hold(stack: Stack) -> None:
    """I5: no budget is exceeded, and what is committed is what the attempts were charged."""
    charged = sa.func.coalesce(attempts.c.actual_micros, attempts.c.max_micros)
    spent: Counter[tuple[str, str, str]] = Counter()
    for row in await _rows(stack, sa.select(attempts.c.owner_id, attempts.c.job_id, attempts.c.month, charged)):
        spent[row[0], "job", row[1]] += row[3]
        spent[row[0], "month", row[2]] += row[3]
    for row in await _rows(stack, sa.select(budgets)):
        limit = row.cap_micros
        assert limit is None or row.committed_micros <= limit, f"I5: {row.committed_micros} of {limit} committed"
        attempted = spent[row.owner_id, row.scope, row.ref]
        assert row.committed_micros == attempted, f"I5: {row.committed_micros} committed, attempts: {attempted}"


def nothing_leaks(stack: Stack) -> None:
    """I6: neither a key nor the book's text is in a log or in Temporal's database, where pages never travel; with the
    codec on, not even a title is."""
    secrets = [SECRET_WORD.encode(), *(emulator.key.encode() for emulator in stack.emulators.values())]
    if stack.settings.codec_key is not None:
        secrets.append(stack.settings.codec_key.get_secret_value().encode())
    for log in stack.logs():
        for secret in secrets:
            assert secret not in log.read_bytes(), f"I6: {log.name} holds a secret"
    if stack.settings.codec_key is not None:
        secrets += [row.order.title.encode() for row in stack.jobs_ordered if row.order.title]
    for path in sorted((stack.home / "temporal").glob("temporal.db*")):
        data = path.read_bytes()
        for secret in secrets:
            assert secret not in data, f"I6: {path.name} holds what it must not"


def blobs_without_rows(assets: Assets, known: set[AssetId]) -> set[AssetId]:
    """Stored bytes that no row refers to (yet)."""
    return {asset for asset in assets.all() if asset not in known}


def digest(data: bytes) -> AssetId:
    return AssetId(hashlib.sha256(data).hexdigest())
