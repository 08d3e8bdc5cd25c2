"""`POST /v1/images/generations`, and `GET /generated-images/{name}` for answers that are addresses."""

import asyncio
import base64
import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from emulators import drawing
from emulators.endpoint import Body, Refusal, json_object
from emulators.knobs import Board, Fault, Kind
from emulators.openai.server import BAD, OpenAiEndpoint, json_body, text_field

MAX_CHARS = 32_000
GPT_SIZES = ("1024x1024", "1536x1024", "1024x1536")
_SIZE = re.compile(r"([1-9]\d{1,3})x([1-9]\d{1,3})")
_KEPT = 16


@dataclass(frozen=True)
class Asked:
    """A valid request, as far as the answer depends on it."""

    prompt: str
    width: int
    height: int
    seed: int | None
    url: bool
    host: str


class Pictures(OpenAiEndpoint[Asked]):
    """A PNG for a prompt, in base64; `careless` answers an address of its own, whatever is asked for."""

    known = frozenset({"model", "prompt", "n", "size", "response_format", "quality", "style", "user"})

    def __init__(self, board: Board) -> None:
        super().__init__(board)
        self._made: dict[str, bytes] = {}

    async def read(self, request: Request) -> Asked:
        fields = await json_object(request)
        model = self.check_fields(fields)
        prompt = text_field(fields, "prompt", MAX_CHARS)
        size = _SIZE.fullmatch(str(fields.get("size", "1024x1024")))
        if size is None:
            raise Refusal(BAD, "Invalid value for 'size'.", "invalid_value")
        if fields.get("n", 1) != 1:
            raise Refusal(BAD, "This emulator makes one picture at a time.", "invalid_value")
        form = fields.get("response_format")
        if model.startswith("gpt-image"):
            if form is not None:
                raise Refusal(BAD, "Unknown parameter: 'response_format'.", "unknown_parameter")
            if size[0] not in GPT_SIZES:
                raise Refusal(BAD, f"Invalid size. Supported sizes are {', '.join(GPT_SIZES)}.", "invalid_value")
        if form not in (None, "b64_json", "url"):
            raise Refusal(BAD, "Invalid value for 'response_format'.", "invalid_value")
        url = self.server == "careless" or (form != "b64_json" and not model.startswith("gpt-image"))
        host = str(request.base_url).rstrip("/")
        return Asked(prompt, int(size[1]), int(size[2]), fields.get("seed"), url, host)

    def unit(self, asked: Asked) -> str:
        return asked.prompt

    async def answer(self, asked: Asked, rule: Fault | None, number: int) -> Body:
        kind = rule.kind if rule else None
        if kind in (Kind.BLOCKED_PROMPT, Kind.BLOCKED_ANSWER):
            raise Refusal(BAD, "Your request was rejected by our safety system.", "moderation_blocked")
        png = await asyncio.to_thread(drawing.png, f"{asked.prompt}\n{asked.seed}", asked.width, asked.height)
        if rule and kind is Kind.CUT:
            png = png[: int(len(png) * rule.keep)]
        elif kind in (Kind.ZERO, Kind.EMPTY):
            png = b""
        elif kind is Kind.WRONG_TYPE:
            png = b"this is not a picture, it is a text about one\n" * 100
        picture = {"b64_json": base64.b64encode(png).decode()}
        if kind is Kind.GARBAGE:
            picture = {"b64_json": "!! this is not base64 !!"}
        elif asked.url:
            name = f"emulated-{number:06d}.png"
            self._made[name] = png
            while len(self._made) > _KEPT:
                del self._made[next(iter(self._made))]
            picture = {"url": f"{asked.host}/generated-images/{name}"}
        gone = kind in (Kind.NO_CANDIDATES, Kind.NO_AUDIO)
        return json_body({"created": 1_762_000_000, "data": [] if gone else [picture]})

    async def made(self, request: Request) -> Response:
        """A picture that an answer gave the address of."""
        png = self._made.get(request.path_params["name"])
        return Response(status_code=404) if png is None else Response(png, media_type="image/png")
