"""The local model of meaning: real vectors, from a process of its own."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from bookwright.contracts.errors import Misconfigured, Refused, Unspeakable
from bookwright.contracts.ports.engines import Embedder
from bookwright.providers.local.meaning import MAX_CHARS, LocalEmbedder

SEA, FOREST, KITCHEN = "Waves broke on the rocks all night.", "The oaks stood close and dark.", "She kneaded the dough."
PASSAGES = [SEA, FOREST, KITCHEN, "रात भर लहरें चट्टानों से टकराती रहीं।", "காட்டில் மரங்கள் அடர்ந்து நின்றன."]


@pytest.fixture(scope="module")
async def engine() -> AsyncIterator[LocalEmbedder]:
    engine = LocalEmbedder()
    yield engine
    await engine.close()


async def ranked(engine: Embedder, question: str) -> list[int]:
    """The passages' places, the nearest first."""
    passages = np.array((await engine.embed(engine.call(PASSAGES), nullcontext())).vectors)
    [asked] = (await engine.embed(engine.call([question], query=True), nullcontext())).vectors
    return [int(place) for place in np.argsort(-(passages @ np.array(asked)))]


@pytest.mark.parametrize(
    ("question", "nearest"),
    [("ocean waves at night", {0, 3}), ("जंगल के घने पेड़", {1, 4}), ("baking bread", {2})],
)
async def test_texts_of_one_meaning_are_near_across_languages(
    engine: LocalEmbedder, question: str, nearest: set[int]
) -> None:
    assert set((await ranked(engine, question))[: len(nearest)]) == nearest


async def test_vectors_are_of_length_1_and_the_same_again(engine: LocalEmbedder) -> None:
    first = await engine.embed(engine.call(PASSAGES), nullcontext())
    alone = [await engine.embed(engine.call([text]), nullcontext()) for text in PASSAGES]
    matrix = np.array(first.vectors)
    assert matrix.shape == (len(PASSAGES), engine.dimensions)
    assert np.linalg.norm(matrix, axis=1) == pytest.approx(1)
    assert np.array([one.vectors[0] for one in alone]) == pytest.approx(matrix, abs=1e-3)
    assert engine.call([SEA]).max_cost_micros == 0
    assert engine.call([SEA]).key != engine.call([SEA], query=True).key


async def test_odd_texts_do_no_harm(engine: LocalEmbedder) -> None:
    odd = ["\ud83d\ude00", "a\0b", "‏\u202e", "x" * 200, "\t…\n"]
    vectors = (await engine.embed(engine.call(odd), nullcontext())).vectors
    assert np.isfinite(np.array(vectors)).all()
    for texts in ([], [" "], ["x"] * (engine.batch + 1)):
        with pytest.raises(Unspeakable):
            engine.call(texts)
    assert len(engine.call(["x" * 1_000_000]).input["texts"][0]) == MAX_CHARS


async def test_a_process_that_dies_is_started_anew(engine: LocalEmbedder) -> None:
    call = engine.call([SEA])
    await engine.embed(call, nullcontext())
    process = engine._child.process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    assert (await engine.embed(call, nullcontext())).vectors


async def test_calls_at_once_and_cancelled_ones_do_not_mix_up_answers(engine: LocalEmbedder) -> None:
    calls = [engine.call([text]) for text in PASSAGES]
    alone = [await engine.embed(call, nullcontext()) for call in calls]
    running = [asyncio.ensure_future(engine.embed(call, nullcontext())) for call in calls]
    await asyncio.sleep(0)
    running[0].cancel()
    found = await asyncio.gather(*running, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert found[1:] == alone[1:]


async def test_a_process_that_hangs_is_given_up(tmp_path: Path) -> None:
    silent = tmp_path / "silent.py"
    silent.write_text("import sys; sys.stdin.buffer.read()")
    engine = LocalEmbedder(deadline_s=0.3, command=(sys.executable, str(silent)))
    with pytest.raises(Refused, match=r"0\.3 s"):
        await engine.embed(engine.call([SEA]), nullcontext())
    assert engine._child.process is None, "it has been stopped"


def test_where_it_can_not_be_had_it_is_refused_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(Misconfigured, match="another provider"):
        LocalEmbedder()
