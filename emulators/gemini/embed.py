"""`:batchEmbedContents` and `:embedContent`: vectors in which texts that share words are near each other."""

import json
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from emulators.endpoint import Body, Refusal, json_object
from emulators.gemini.asked import tokens
from emulators.gemini.google import GoogleEndpoint, an_object, field, no_such_model, number, only
from emulators.knobs import Fault, Kind
from emulators.vectors import ALL, vector

MODELS = ("gemini-embedding-001", "gemini-embedding-2")
MAX_TEXTS = 100
_TASKS = {
    *("RETRIEVAL_QUERY", "RETRIEVAL_DOCUMENT", "SEMANTIC_SIMILARITY", "CLASSIFICATION", "CLUSTERING"),
    *("QUESTION_ANSWERING", "FACT_VERIFICATION", "CODE_RETRIEVAL_QUERY"),
}


@dataclass(frozen=True)
class Asked:
    """A valid request."""

    texts: tuple[str, ...]
    dimensions: int


class BatchEmbedding(GoogleEndpoint[Asked]):
    """The unit of a call is its first text."""

    async def read(self, request: Request) -> Asked:
        model, body = request.path_params["model"], await json_object(request)
        if model not in MODELS:
            raise no_such_model(model, "embedContent")
        only(body, {"requests"})
        requests = body.get("requests")
        if not isinstance(requests, list) or not requests:
            raise Refusal(400, "* BatchEmbedContentsRequest.requests: requests must not be empty")
        if len(requests) > MAX_TEXTS:
            raise Refusal(
                400, f"* BatchEmbedContentsRequest.requests: at most {MAX_TEXTS} requests can be in one batch"
            )
        read = [_one(an_object(one, "requests"), model) for one in requests]
        return Asked(tuple(text for text, _ in read), read[0][1])

    def unit(self, asked: Asked) -> str:
        return asked.texts[0]

    async def answer(self, asked: Asked, rule: Fault | None, number: int) -> Body:
        vectors = [{"values": values} for values in _spoilt(asked, rule)]
        return Body(json.dumps({"embeddings": vectors, "usageMetadata": _usage(asked)}).encode())


class Embedding(BatchEmbedding):
    """One text."""

    async def read(self, request: Request) -> Asked:
        model, body = request.path_params["model"], await json_object(request)
        if model not in MODELS:
            raise no_such_model(model, "embedContent")
        text, dimensions = _one(body, model)
        return Asked((text,), dimensions)

    async def answer(self, asked: Asked, rule: Fault | None, number: int) -> Body:
        values = next(iter(_spoilt(asked, rule)), [])
        return Body(json.dumps({"embedding": {"values": values}, "usageMetadata": _usage(asked)}).encode())


def _one(request: dict[str, Any], model: str) -> tuple[str, int]:
    """A text and how many dimensions its vector shall have."""
    only(request, {"model", "content", "taskType", "title", "outputDimensionality"}, "requests")
    if request.get("model", f"models/{model}") != f"models/{model}":
        raise Refusal(400, "* requests.model: the model of each request must be the one of the batch")
    content = an_object(request.get("content"), "requests.content")
    only(content, {"parts", "role"}, "requests.content")
    parts = content.get("parts")
    texts = [part.get("text") for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    text = "\n".join(str(text) for text in texts)
    if not text.strip():
        raise Refusal(400, "* content: content is empty")
    task = field(request, "taskType")
    if task is not None and (task not in _TASKS or model != "gemini-embedding-001"):
        raise Refusal(400, f"Invalid value at 'requests.task_type': {task} is not supported for {model}.")
    dimensions = field(request, "outputDimensionality")
    number(dimensions, "output_dimensionality", 1, ALL)
    return text, int(dimensions or ALL)


def _usage(asked: Asked) -> dict[str, int]:
    count = sum(map(tokens, asked.texts))
    return {"promptTokenCount": count, "totalTokenCount": count}


def _spoilt(asked: Asked, rule: Fault | None) -> list[list[float]]:
    kind = rule.kind if rule else None
    if kind is Kind.EMPTY:
        return []
    # Only with all its dimensions a vector is of length 1, as Gemini's are.
    vectors = [[round(float(value), 8) for value in vector(text, asked.dimensions)] for text in asked.texts]
    if rule and kind is Kind.CUT:
        return [values[: int(len(values) * rule.keep)] for values in vectors]
    if kind is Kind.ZERO:
        return [[0.0] * len(values) for values in vectors]
    return vectors
