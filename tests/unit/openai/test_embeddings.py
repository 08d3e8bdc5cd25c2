"""Vectors of OpenAI-compatible servers."""

from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest

from bookwright.contracts.errors import BadAnswer, Misconfigured, Unspeakable
from bookwright.contracts.ports.engines import Embedder
from bookwright.providers.openai.embeddings import OpenAiEmbedder
from tests.support.emulator import KEY, EmulatorProcess

from .conftest import Failure

TEXTS = ["Luna walked into the dark forest.", "Waves broke on the stones.", "The forest was dark."]


@pytest.mark.parametrize(
    ("server", "model", "dimensions"),
    [
        ("openai", "text-embedding-3-small", 1_536),
        ("vllm", "e5", 384),
        ("ollama", "nomic", 384),
        ("localai", "e5", 384),
    ],
)
async def test_vectors_are_of_length_1_and_in_the_order_of_their_texts(
    emulator: EmulatorProcess, server: str, model: str, dimensions: int
) -> None:
    """OpenAI and vLLM answer base64, the others numbers."""
    await emulator.knobs(server=server)
    async with OpenAiEmbedder(emulator.url, model, KEY, dimensions=dimensions) as openai:
        engine: Embedder = openai
        found = await engine.embed(engine.call(TEXTS), nullcontext())
        alone = await engine.embed(engine.call(TEXTS[1:2]), nullcontext())
    matrix = np.array(found.vectors)
    assert matrix.shape == (3, dimensions)
    assert np.linalg.norm(matrix, axis=1) == pytest.approx(1)
    assert matrix[1] == pytest.approx(np.array(alone.vectors[0]))
    nearness = matrix @ matrix.T
    assert nearness[0, 2] > nearness[0, 1]


async def test_a_question_is_worded_as_the_model_was_trained(emulator: EmulatorProcess) -> None:
    settings: dict[str, Any] = {"dimensions": 384, "query_prefix": "query: ", "passage_prefix": "passage: "}
    async with OpenAiEmbedder(emulator.url, "e5", KEY, **settings) as engine:
        passage, question = engine.call(TEXTS[:1]), engine.call(TEXTS[:1], query=True)
        assert passage.key != question.key
        await engine.embed(question, nullcontext())
    assert (await emulator.calls())["texts"] == {f"query: {TEXTS[0]}": 1}


@pytest.mark.parametrize("server", ["openai", "ollama"])
@pytest.mark.parametrize("kind", ["cut", "off_schema", "zero", "garbage", "no_candidates", "truncated", "html"])
async def test_vectors_that_are_not_what_was_asked_for_are_refused(
    emulator: EmulatorProcess, failure: Failure, server: str, kind: str
) -> None:
    """One too few, of another length, without a direction, unreadable."""
    await emulator.knobs(server=server, faults=[{"kind": kind}])
    async with OpenAiEmbedder(emulator.url, "e5", KEY, dimensions=384) as engine:
        assert type(await failure(engine.embed(engine.call(TEXTS), nullcontext()))) is BadAnswer
    assert (await emulator.calls())["received"] == 1


def test_what_can_not_be_embedded_is_refused_before() -> None:
    engine = OpenAiEmbedder("http://127.0.0.1:1", "e5", dimensions=384, batch=2)
    for texts in ([], ["a", " "], ["a", "b", "c"]):
        with pytest.raises(Unspeakable):
            engine.call(texts)
    with pytest.raises(Misconfigured):
        OpenAiEmbedder("http://127.0.0.1:1", "e5", dimensions=0)
