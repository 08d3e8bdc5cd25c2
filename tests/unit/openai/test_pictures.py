"""Pictures of OpenAI-compatible servers."""

import io
from contextlib import nullcontext
from typing import Any

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bookwright.contracts.errors import AnswerLost, BadAnswer, Blocked, BookwrightError, Misconfigured, Unspeakable
from bookwright.contracts.ids import AssetId
from bookwright.contracts.media import PictureTask
from bookwright.contracts.ports.engines import PictureEngine
from bookwright.providers.openai.pictures import OpenAiPictures
from tests.support.emulator import KEY, EmulatorProcess
from tests.support.serving import served

from .conftest import Failure

TASK = PictureTask(prompt="Luna in the forest, soft colours", aspect="4:3")


@pytest.mark.parametrize("server", ["openai", "localai", "careless"])
@pytest.mark.parametrize(
    ("model", "aspect", "size"), [("sdxl", "4:3", (1024, 768)), ("gpt-image-1", "3:2", (1536, 1024))]
)
async def test_a_picture_comes_as_base64_or_from_an_address(
    emulator: EmulatorProcess, server: str, model: str, aspect: str, size: tuple[int, int]
) -> None:
    await emulator.knobs(server=server)
    async with OpenAiPictures(emulator.url, model, KEY) as openai:
        engine: PictureEngine = openai
        assert aspect in engine.aspects
        drawn = await engine.draw(engine.call(TASK.model_copy(update={"aspect": aspect})), nullcontext())
    assert drawn.media_type == "image/png"
    with Image.open(io.BytesIO(drawn.picture)) as picture:
        assert picture.size == size
        picture.load()
    assert (await emulator.calls())["texts"] == {TASK.prompt: 1}


async def test_a_seed_is_passed_on_to_servers_that_take_one(emulator: EmulatorProcess, failure: Failure) -> None:
    await emulator.knobs(server="localai")
    seeded = [TASK.model_copy(update={"seed": seed}) for seed in (1, 2)]
    async with OpenAiPictures(emulator.url, "sdxl", KEY) as engine:
        one, two = [(await engine.draw(engine.call(task), nullcontext())).picture for task in seeded]
        assert one != two
        await emulator.knobs(server="openai")
        assert type(await failure(engine.draw(engine.call(seeded[0]), nullcontext()))) is Unspeakable


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "blocked_prompt"}, Blocked),
        ({"kind": "no_candidates"}, BadAnswer),
        ({"kind": "garbage"}, BadAnswer),
        ({"kind": "zero"}, BadAnswer),
        ({"kind": "cut"}, BadAnswer),
        ({"kind": "wrong_type"}, BadAnswer),
        ({"kind": "html"}, BadAnswer),
        ({"kind": "truncated"}, BadAnswer),
        ({"kind": "close_body"}, AnswerLost),
    ],
    ids=str,
)
async def test_a_picture_that_is_not_whole_is_never_one(
    emulator: EmulatorProcess, failure: Failure, fault: dict[str, Any], expected: type[BookwrightError]
) -> None:
    await emulator.knobs(faults=[fault])
    async with OpenAiPictures(emulator.url, "sdxl", KEY) as engine:
        assert type(await failure(engine.draw(engine.call(TASK), nullcontext()))) is expected
    assert (await emulator.calls())["received"] == 1


@pytest.mark.parametrize("path", ["/elsewhere.png", "/generated-images/gone.png"])
async def test_an_address_is_not_followed_everywhere(emulator: EmulatorProcess, failure: Failure, path: str) -> None:
    """A server may name addresses of its own, and none else that only this machine can reach."""
    asked: list[str] = []

    async def generations(request: Request) -> JSONResponse:
        own = str(request.base_url).rstrip("/")
        return JSONResponse({"data": [{"url": (emulator.url if "elsewhere" in path else own) + path}]})

    async def gone(request: Request) -> JSONResponse:
        asked.append(request.url.path)
        return JSONResponse({}, 404)

    routes = [Route("/v1/images/generations", generations, methods=["POST"]), Route("/{path:path}", gone)]
    async with served(Starlette(routes=routes)) as url, OpenAiPictures(url, "sdxl") as engine:
        error = await failure(engine.draw(engine.call(TASK), nullcontext()))
    assert type(error) is BadAnswer, "it has been paid for"
    assert ("UnsafeAddress" in str(error)) is ("elsewhere" in path)
    assert asked == ([] if "elsewhere" in path else [path])


def test_what_can_not_be_drawn_is_refused_before() -> None:
    engine = OpenAiPictures("http://127.0.0.1:1", "sdxl", sizes={"1:1": "512x512"})
    assert list(engine.aspects) == ["1:1"]
    with pytest.raises(Misconfigured, match="1:1"):
        engine.call(TASK)
    square = TASK.model_copy(update={"aspect": "1:1"})
    for change in ({"prompt": " "}, {"references": (AssetId("a" * 64),)}):
        with pytest.raises(Unspeakable):
            engine.call(square.model_copy(update=change))
    with pytest.raises(Misconfigured):
        OpenAiPictures("http://127.0.0.1:1", "sdxl", sizes={})
