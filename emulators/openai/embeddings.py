"""`POST /v1/embeddings`."""

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from starlette.requests import Request

from emulators.endpoint import Body, Refusal, json_object
from emulators.knobs import Fault, Kind
from emulators.openai.server import BAD, OpenAiEndpoint, json_body
from emulators.vectors import ALL, vector

DIMENSIONS = {"text-embedding-3-small": 1_536, "text-embedding-3-large": 3_072}
USUAL_DIMENSIONS = 384
MAX_TEXTS = 2_048


@dataclass(frozen=True)
class Asked:
    """A valid request, as far as the answer depends on it."""

    model: str
    texts: tuple[str, ...]
    dimensions: int
    base64: bool


class Embeddings(OpenAiEndpoint[Asked]):
    """Vectors that are the nearer the more words their texts share."""

    known = frozenset({"model", "input", "encoding_format", "dimensions", "user"})

    async def read(self, request: Request) -> Asked:
        fields = await json_object(request)
        model = self.check_fields(fields)
        given = fields.get("input")
        texts = [given] if isinstance(given, str) else given
        if not isinstance(texts, list) or not 1 <= len(texts) <= MAX_TEXTS:
            raise Refusal(BAD, f"'input' must be a text or an array of 1 to {MAX_TEXTS} of them.", "invalid_type")
        if not all(isinstance(text, str) and text for text in texts):
            raise Refusal(BAD, "'$.input' is invalid.", "invalid_input")
        form = fields.get("encoding_format", "float")
        if form not in ("float", "base64"):
            raise Refusal(BAD, "Invalid value for 'encoding_format'.", "invalid_value")
        size = fields.get("dimensions") or DIMENSIONS.get(model, USUAL_DIMENSIONS)
        if not isinstance(size, int) or not 1 <= size <= ALL:
            raise Refusal(BAD, f"'dimensions' must be 1 to {ALL}.", "invalid_value")
        # Ollama and LocalAI answer numbers, whatever is asked for.
        packed = form == "base64" and self.server not in ("ollama", "localai", "careless")
        return Asked(model, tuple(texts), size, packed)

    def unit(self, asked: Asked) -> str:
        return "\n".join(asked.texts)

    async def answer(self, asked: Asked, rule: Fault | None, number: int) -> Body:
        kind = rule.kind if rule else None
        texts = asked.texts[:-1] if rule and kind is Kind.CUT else asked.texts
        size = asked.dimensions // 2 if kind is Kind.OFF_SCHEMA else asked.dimensions
        rows = [_vector(text, size) * (0 if kind is Kind.ZERO else 1) for text in texts]
        data: list[dict[str, Any]] = [
            {"object": "embedding", "index": index, "embedding": _written(row, asked.base64)}
            for index, row in enumerate(rows)
        ]
        if kind is Kind.GARBAGE:
            data[0]["embedding"] = "!! neither numbers nor base64 !!"
        body: dict[str, Any] = {
            "object": "list",
            "model": asked.model,
            "data": [] if kind is Kind.NO_CANDIDATES else data,
        }
        if self.server != "careless":
            tokens = 0 if self.server == "localai" else sum(-(-len(text) // 4) for text in asked.texts)
            body["usage"] = {"prompt_tokens": tokens, "total_tokens": tokens}
        return json_body(body)


def _vector(text: str, size: int) -> npt.NDArray[np.float32]:
    row = vector(text, size)
    return (row / np.linalg.norm(row)).astype("<f4")


def _written(row: npt.NDArray[np.float32], packed: bool) -> str | list[float]:
    return base64.b64encode(row.tobytes()).decode() if packed else row.tolist()
