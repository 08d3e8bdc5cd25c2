"""Vectors by `/v1/embeddings`."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pybase64

from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import BadAnswer, Misconfigured, Unspeakable
from bookwright.contracts.media import Vectors
from bookwright.contracts.ports.calls import Turn
from bookwright.money.prices import PriceTable, Unit
from bookwright.providers.openai.server import Server, count, external_id

_OVERHEAD_TOKENS = 8
"""What a model puts around each text."""


class OpenAiEmbedder(Server):
    """An `Embedder`. Vectors are asked for in base64 (a quarter of the size); lists of numbers are understood, too.

    `dimensions` are those that the model has: a vector of another length is refused, since it could be compared with
    none that is stored."""

    operation = "embedding"
    counted = (Unit.INPUT_TOKEN,)

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str | None = None,
        *,
        dimensions: int,
        batch: int = 64,
        query_prefix: str = "",
        passage_prefix: str = "",
        concurrency: int = 4,
        deadline_s: float = 120,
        prices: PriceTable | None = None,
    ) -> None:
        """The prefixes are what the model was trained to find before a question and a passage, such as `query: `."""
        super().__init__(base_url, model, api_key, concurrency=concurrency, deadline_s=deadline_s, prices=prices)
        if dimensions < 1 or batch < 1:
            raise Misconfigured(
                "an OpenAI-compatible embedding server needs its model's dimensions, and a batch above 0"
            )
        self.dimensions = dimensions
        self.batch = batch
        self._prefix = {True: query_prefix, False: passage_prefix}

    def call(self, texts: Sequence[str], *, query: bool = False, take: int = 0) -> ProviderCall:
        """The call. Its maximum cost is that of a token for each byte. Raises Unspeakable for blank texts, for none and
        for more than `batch`."""
        if not 1 <= len(texts) <= self.batch or not all(text.strip() for text in texts):
            raise Unspeakable(f"{self.model} takes 1 to {self.batch} texts in one call, and no blank ones")
        worded = [self._prefix[query] + text for text in texts]
        tokens = sum(len(text.encode()) + _OVERHEAD_TOKENS for text in worded)
        return ProviderCall(
            provider=self.provider,
            model=self.model,
            operation=self.operation,
            input={"texts": worded, "dimensions": self.dimensions},
            max_cost_micros=self.cost({Unit.INPUT_TOKEN: tokens}),
            take=take,
        )

    async def embed(self, call: ProviderCall, turn: Turn) -> Vectors:
        """Make the call. Raises BadAnswer unless there is one vector of the right length for each text."""
        texts = call.input["texts"]
        asked = {"model": call.model, "input": texts, "encoding_format": "base64"}
        body = await self.ask_json(turn, "/embeddings", json=asked)
        tokens = count(body.get("usage"), "prompt_tokens")
        return Vectors(
            vectors=self._vectors(body.get("data"), len(texts)),
            # A usage of 0 is what servers say that do not count.
            cost_micros=self.cost({Unit.INPUT_TOKEN: tokens}) if tokens else call.max_cost_micros,
            external_id=external_id(body),
        )

    def _vectors(self, data: object, texts: int) -> tuple[tuple[float, ...], ...]:
        rows: dict[int, Any] = {}
        try:
            for place, item in enumerate(data if isinstance(data, list) else ()):
                found = item["embedding"]
                if isinstance(found, str):
                    rows[item.get("index", place)] = np.frombuffer(pybase64.b64decode(found, validate=True), "<f4")
                else:
                    rows[item.get("index", place)] = np.asarray(found, dtype=np.float32)
        except (KeyError, TypeError, ValueError, AttributeError):  # binascii's error is a ValueError
            raise BadAnswer(f"{self.provider}'s vectors can't be read") from None
        if sorted(rows) != list(range(texts)):
            raise BadAnswer(f"{self.provider} answered vectors for {len(rows)} of {texts} texts")
        if any(row.shape != (self.dimensions,) for row in rows.values()):
            raise BadAnswer(f"{self.provider}'s vectors do not have the {self.dimensions} dimensions that are set")
        matrix = np.stack([rows[place] for place in range(texts)]).astype(np.float64)
        lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not (lengths > 0).all():
            raise BadAnswer(f"{self.provider} answered a vector without a direction")
        return tuple(map(tuple, (matrix / lengths).tolist()))
