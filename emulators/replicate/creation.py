"""Creating predictions: the requests that cost something."""

import json
import re
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from emulators.endpoint import Body, Endpoint, Refusal, json_object
from emulators.knobs import Board, Fault
from emulators.replicate.predictions import SIZES, Asked, Prediction, Predictions, problem
from emulators.replicate.webhooks import Webhooks

_VERSION = re.compile(r"[0-9a-f]{64}")
EVENTS = ("start", "output", "logs", "completed")


@dataclass(frozen=True)
class Model:
    """What a model takes besides a prompt and a seed."""

    version: str
    sound: bool = False
    seconds: tuple[int, int] = (0, 0)
    official: bool = True
    """Run by its name. Other models are run by their version."""
    reference: str | None = None


MODELS = {
    "stability-ai/stable-audio-2.5": Model(
        "a61ac8edbb27cd2eda1b2eff2bbc03dcff1131f5560836ff77a052df05b77491", True, (1, 190)
    ),
    "sepal/audiogen": Model("154b3e5141493cb1b8cec976d9aa90f2b691137e39ad906d2421b74c2a8c52b8", True, (1, 10), False),
    "meta/musicgen": Model("671ac645ce5e552cc63a54a2bbff63fcf798043055d2dac5fc9e36a837eedcfb", True, (1, 60), False),
    "black-forest-labs/flux-schnell": Model("c846a69991daf4c0e5d016514849d14ee5b2e6846ce6b9d6f21369e564cfe51e"),
    "black-forest-labs/flux-kontext-pro": Model(
        "897a70f5a7dbd8a0611413b3b98cf417b45f266bd595c571a22947619d9ae462", reference="input_image"
    ),
}


class Creation(Endpoint[Asked]):
    """Both routes that create a prediction."""

    too_many = "Request was throttled. Your rate limit for creating predictions resets in ~30s."

    def __init__(self, board: Board, predictions: Predictions, webhooks: Webhooks) -> None:
        super().__init__(board)
        self.predictions = predictions
        self.webhooks = webhooks
        self.base_url = ""

    def admits(self, request: Request) -> bool:
        self.base_url = str(request.base_url).rstrip("/")
        return request.headers.get("authorization") == f"Bearer {self.board.knobs.key}"

    async def read(self, request: Request) -> Asked:
        fields = await json_object(request)
        if "name" in request.path_params:
            name = "{owner}/{name}".format(**request.path_params)
            if name not in MODELS or not MODELS[name].official:
                raise Refusal(404, "The requested resource could not be found.")
        else:
            version = fields.get("version")
            names = [name for name, model in MODELS.items() if model.version == version]
            if not isinstance(version, str) or not _VERSION.fullmatch(version) or not names:
                raise Refusal(422, "- version: Invalid version or not permitted")
            name = names[0]
        return _validate(name, fields)

    def unit(self, asked: Asked) -> str:
        return str(asked.input["prompt"])

    async def answer(self, asked: Asked, rule: Fault | None, number: int) -> Body:
        prediction = Prediction(f"emulated{len(self.predictions.kept) + 1:018d}", asked, rule, self.base_url)
        self.predictions.kept[prediction.id] = prediction
        created = self.predictions.described(prediction, "starting")
        await self.webhooks.begin(prediction)
        return Body(json.dumps(created).encode(), status=201)

    def error(
        self, status: int, message: str, code: str | None, number: int, headers: dict[str, str] | None = None
    ) -> Response:
        if code == "insufficient_quota" or status == 402:
            return problem(402, "You have insufficient credit to run this model.", "Insufficient credit", headers)
        if status == 429:
            return JSONResponse({"detail": self.too_many, "status": 429}, 429, headers)
        return problem(status, message, "Input validation failed" if status == 422 else "Error", headers)

    def refused_key(self) -> Refusal:
        return Refusal(401, "You did not pass a valid authentication token")


def _validate(name: str, fields: dict[str, Any]) -> Asked:
    model, given, webhook = MODELS[name], fields.get("input"), fields.get("webhook")
    if not isinstance(given, dict):
        raise Refusal(422, "- input: Invalid type. Expected: object")
    if not isinstance(given.get("prompt"), str):
        raise Refusal(422, "- input: prompt is required")
    if not isinstance(given.get("seed", 0), int):
        raise Refusal(422, "- input.seed: Invalid type. Expected: integer")
    if model.sound:
        low, high = model.seconds
        if not isinstance(given.get("duration"), int) or not low <= given["duration"] <= high:
            raise Refusal(422, f"- input.duration: Must be between {low} and {high}")
    elif given.get("aspect_ratio", "1:1") not in SIZES:
        raise Refusal(422, "- input.aspect_ratio: Must be one of the following: " + ", ".join(SIZES))
    elif model.reference and not str(given.get(model.reference, "")).startswith("data:image/"):
        raise Refusal(422, f"- input: {model.reference} is required")
    if webhook is not None and (not isinstance(webhook, str) or not re.match(r"https?://[^/\s]+", webhook)):
        raise Refusal(422, "- webhook: Does not match format 'uri'")
    events = fields.get("webhook_events_filter", list(EVENTS))
    if not isinstance(events, list) or not set(events) <= set(EVENTS):
        raise Refusal(422, "- webhook_events_filter: Must be one of the following: " + ", ".join(EVENTS))
    return Asked(name, model.version, model.sound, given, webhook, tuple(events))
