"""Pictures and vectors by Gemini: the real SDK against the emulator, over real HTTP."""

import io
import math
from collections.abc import AsyncIterator
from contextlib import nullcontext
from typing import Any

import pytest
from PIL import Image

from bookwright.contracts.errors import (
    AnswerLost,
    BadAnswer,
    Blocked,
    BookwrightError,
    CredentialsRefused,
    Misconfigured,
    Permanent,
    QuotaExhausted,
    RateLimited,
    Refused,
    Unspeakable,
)
from bookwright.contracts.ids import AssetId
from bookwright.contracts.media import DrawnPicture, PictureTask
from bookwright.contracts.ports.engines import Embedder, PictureEngine
from bookwright.providers.gemini import GeminiEmbedder, GeminiPictures
from bookwright.providers.http import make_client
from tests.support.emulator import KEY, EmulatorProcess
from tests.support.providers import Emulated, error_of

PROMPT = "A fox with a blue lantern on a hill at night, as a woodcut"


@pytest.fixture(scope="module")
async def artist(emulated: Emulated) -> AsyncIterator[GeminiPictures]:
    async with GeminiPictures(KEY, emulated("gemini").url) as artist:
        yield artist


@pytest.fixture(scope="module")
async def embedder(emulated: Emulated) -> AsyncIterator[GeminiEmbedder]:
    async with GeminiEmbedder(KEY, emulated("gemini").url) as embedder:
        yield embedder


async def drawn(artist: GeminiPictures, **changes: Any) -> DrawnPicture:
    return await artist.draw(artist.call(PictureTask(prompt=PROMPT, **changes)), nullcontext())


async def failure(artist: GeminiPictures) -> BookwrightError:
    return await error_of(drawn(artist), PROMPT)


def near(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("aspect", GeminiPictures.aspects)
async def test_a_picture_has_the_aspect_that_is_asked_for(
    artist: GeminiPictures, emulator: EmulatorProcess, aspect: str
) -> None:
    port: PictureEngine = artist
    call = port.call(PictureTask(prompt=PROMPT, aspect=aspect))
    made = await port.draw(call, nullcontext())
    with Image.open(io.BytesIO(made.picture)) as image:
        image.load()
        width, height = map(int, aspect.split(":"))
        assert image.width / image.height == pytest.approx(width / height, rel=0.03)
        assert image.format == "PNG"
        assert len(image.convert("RGB").getcolors(1_000_000) or ()) > 5
    assert made.media_type == "image/png"
    assert made.external_id == "emulated-000001"
    assert 67_200 < made.cost_micros < call.max_cost_micros
    assert (await emulator.calls())["texts"] == {PROMPT: 1}


async def test_references_change_the_picture(artist: GeminiPictures) -> None:
    fox = await drawn(artist)
    call = artist.call(PictureTask(prompt=PROMPT, references=(AssetId("a" * 64),)))
    another = await artist.draw(call, nullcontext(), [fox.picture])
    assert fox.picture == (await drawn(artist)).picture != another.picture != (await drawn(artist, seed=3)).picture
    assert fox.cost_micros < another.cost_micros < call.max_cost_micros
    with pytest.raises(Unspeakable):
        await artist.draw(call, nullcontext(), [fox.picture[:100]])


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "cut"}, BadAnswer),
        ({"kind": "cut", "keep": 0.01}, BadAnswer),
        ({"kind": "zero"}, BadAnswer),
        ({"kind": "garbage"}, BadAnswer),
        ({"kind": "wrong_type"}, BadAnswer),
        ({"kind": "empty"}, BadAnswer),
        ({"kind": "html"}, BadAnswer),
        ({"kind": "truncated"}, BadAnswer),
        ({"kind": "blocked_answer", "code": "NO_IMAGE"}, BadAnswer),
        ({"kind": "blocked_answer"}, Blocked),
        ({"kind": "blocked_prompt", "code": "IMAGE_SAFETY"}, Blocked),
        ({"kind": "no_candidates"}, Blocked),
        ({"kind": "reset_body"}, AnswerLost),
        ({"status": 429, "retry_after": 38}, RateLimited),
        ({"status": 503}, Refused),
    ],
    ids=str,
)
async def test_no_picture_without_its_bytes(
    artist: GeminiPictures, emulator: EmulatorProcess, fault: dict[str, Any], expected: type[BookwrightError]
) -> None:
    await emulator.knobs(faults=[{"kind": "status", **fault}])
    assert type(await failure(artist)) is expected
    assert (await emulator.calls())["received"] == 1


async def test_a_picture_that_can_not_be_used_is_charged_and_a_blocked_prompt_is_only_read(
    artist: GeminiPictures, emulator: EmulatorProcess
) -> None:
    good = await drawn(artist)
    await emulator.knobs(faults=[{"kind": "cut", "times": 1}, {"kind": "blocked_prompt"}])
    cut, blocked = await failure(artist), await failure(artist)
    assert isinstance(cut, BadAnswer)
    assert cut.cost_micros == good.cost_micros
    assert isinstance(blocked, Blocked)
    assert 0 < blocked.cost_micros < 100


def test_bad_pictures_are_refused_before_they_are_paid() -> None:
    artist = GeminiPictures(KEY)
    for task in (
        PictureTask(prompt=" "),
        PictureTask(prompt="x" * 100_001),
        PictureTask(prompt=PROMPT, aspect="7:5"),
        PictureTask(prompt=PROMPT, references=(AssetId("a" * 64),) * 15),
    ):
        with pytest.raises(Unspeakable):
            artist.call(task)
    with pytest.raises(Misconfigured, match="image model"):
        GeminiPictures(KEY, model="gemini-3.5-flash")
    with pytest.raises(Misconfigured, match="price"):
        GeminiPictures(KEY, model="imagen-4-image")


@pytest.mark.parametrize("model", ["gemini-embedding-001", "gemini-embedding-2"])
async def test_every_text_gets_a_vector_of_its_own(emulator: EmulatorProcess, model: str) -> None:
    texts = ["The fox waits on the hill.", "On the hill a fox waits.", "Bread is baked at dawn."]
    async with GeminiEmbedder(KEY, emulator.url, model) as engine:
        port: Embedder = engine
        call = port.call(texts)
        answer = await port.embed(call, nullcontext())
        fox, again, bread = answer.vectors
        assert {len(vector) for vector in answer.vectors} == {engine.dimensions}
        assert all(math.hypot(*vector) == pytest.approx(1) for vector in answer.vectors)
        assert near(fox, again) > near(fox, bread)
        assert 0 < answer.cost_micros < call.max_cost_micros
        question = port.call(texts[:1], query=True)
        assert question.key != port.call(texts[:1]).key
        assert len((await port.embed(question, nullcontext())).vectors) == 1
    assert (await emulator.calls())["received"] == 2


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "empty"}, BadAnswer),
        ({"kind": "cut"}, BadAnswer),
        ({"kind": "zero"}, BadAnswer),
        ({"kind": "html"}, BadAnswer),
        ({"kind": "status", "status": 403}, CredentialsRefused),
        ({"kind": "status", "status": 429, "code": "EmbedContentRequestsPerDayPerUserPerProject"}, QuotaExhausted),
    ],
    ids=str,
)
async def test_a_vector_is_whole_or_none(
    embedder: GeminiEmbedder, emulator: EmulatorProcess, fault: dict[str, Any], expected: type[BookwrightError]
) -> None:
    await emulator.knobs(faults=[fault])
    with pytest.raises(BookwrightError) as caught:
        await embedder.embed(embedder.call(["a fox", "a hen"]), nullcontext())
    assert type(caught.value) is expected


async def test_a_whole_batch_is_one_call(embedder: GeminiEmbedder, emulator: EmulatorProcess) -> None:
    texts = [f"text {number}" for number in range(embedder.batch)]
    assert len((await embedder.embed(embedder.call(texts), nullcontext())).vectors) == embedder.batch
    assert (await emulator.calls())["received"] == 1
    for wrong in ([], [*texts, "one more"], ["a", " "], ["x" * 24_001]):
        with pytest.raises(Unspeakable):
            embedder.call(wrong)
    with pytest.raises(Misconfigured):
        GeminiEmbedder(KEY, dimensions=5)
    with pytest.raises(Misconfigured):
        GeminiEmbedder(KEY, model="gemini-3.5-flash")


async def test_a_retired_model_is_said_to_be_missing(emulator: EmulatorProcess) -> None:
    async with GeminiEmbedder(KEY, emulator.url, "gemini-embedding-exp") as old:
        with pytest.raises(Permanent):
            await old.embed(old.call(["a fox"]), nullcontext())


TEXT: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}
JSON = {"responseMimeType": "application/json"}
STORY = {"type": "OBJECT", "properties": {"title": {"type": "STRING"}}, "required": ["title"]}


@pytest.mark.parametrize(
    ("method", "body", "status"),
    [
        ("gemini-3.5-flash:generateContent", TEXT, 200),
        ("gemini-3.5-flash:generateContent", {**TEXT, "generation_config": {"max_output_tokens": 90}}, 200),
        ("gemini-3.5-flash:generateContent", {**TEXT, "generationConfig": {**JSON, "responseSchema": STORY}}, 200),
        ("gemini-3.5-flash:generateContent", {**TEXT, "generationConfig": {"responseSchema": STORY}}, 400),
        (
            "gemini-3.5-flash:generateContent",
            {**TEXT, "generationConfig": {**JSON, "responseSchema": STORY, "responseJsonSchema": {"type": "object"}}},
            400,
        ),
        ("gemini-3.5-flash:generateContent", {**TEXT, "generationConfig": {"temperature": 2.5}}, 400),
        ("gemini-3.5-flash:generateContent", {**TEXT, "generationConfig": {"warmth": 1}}, 400),
        ("gemini-3.5-flash:generateContent", {**TEXT, "generationConfig": {"responseModalities": ["IMAGE"]}}, 400),
        (
            "gemini-2.5-flash:generateContent",
            {**TEXT, "generationConfig": {"thinkingConfig": {"thinkingLevel": "LOW"}}},
            400,
        ),
        ("gemini-3.5-flash:generateContent", {"contents": []}, 400),
        ("gemini-3.5-flash:generateContent", {"contents": [{"parts": [{}]}]}, 400),
        ("gemini-3.5-flash:generateContent", {**TEXT, "prompt": "Hello"}, 400),
        (
            "gemini-3.5-flash:generateContent",
            {"contents": [{"parts": [{"inline_data": {"mime_type": "image/png", "data": "iVBORw0KGgo="}}]}]},
            400,
        ),
        ("gemini-3.1-flash-image:generateContent", TEXT, 200),
        ("gemini-3.1-flash-image:generateContent", {**TEXT, "generationConfig": JSON}, 400),
        (
            "gemini-3.1-flash-image:generateContent",
            {**TEXT, "generationConfig": {"imageConfig": {"aspectRatio": "7:5"}}},
            400,
        ),
        ("imagen-4:generateContent", TEXT, 404),
        ("gemini-embedding-2:embedContent", {"content": {"parts": [{"text": "Hello"}]}}, 200),
        ("gemini-embedding-2:embedContent", {"content": {"parts": [{"text": ""}]}}, 400),
        ("gemini-embedding-2:batchEmbedContents", {"requests": []}, 400),
        ("gemini-embedding-2:batchEmbedContents", {"requests": [{"content": {"parts": [{"text": "a"}]}}] * 101}, 400),
        ("gemini-3.5-flash:embedContent", {"content": {"parts": [{"text": "Hello"}]}}, 404),
    ],
    ids=str,
)
async def test_the_emulator_checks_requests_as_google_does(
    emulator: EmulatorProcess, method: str, body: dict[str, Any], status: int
) -> None:
    async with make_client(deadline_s=10, connections=1) as client:
        answer = await client.post(f"{emulator.url}/v1beta/models/{method}", json=body, headers={"x-goog-api-key": KEY})
    assert answer.status_code == status, answer.text
    names = {200: None, 400: "INVALID_ARGUMENT", 404: "NOT_FOUND"}
    assert answer.json().get("error", {}).get("status") == names[status]


async def test_the_emulator_lets_nobody_in_without_a_key(emulator: EmulatorProcess) -> None:
    async with make_client(deadline_s=10, connections=1) as client:
        answer = await client.post(f"{emulator.url}/v1beta/models/gemini-3.5-flash:generateContent", json=TEXT)
    assert (answer.status_code, answer.json()["error"]["status"]) == (403, "PERMISSION_DENIED")
