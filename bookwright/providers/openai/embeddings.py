"""Vectors by `/v1/embeddings`."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pybase64

from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import BadAnswer, Misconfigured, Unspeakable
from bookwright.contracts.media import Vectors
from bookwright.contracts.ports.calls import Turn
from bookwright.money.prices import PriceTable, Unit
from bookwright.providers.openai.server import Server, count, external_id
from bookwright.providers.vectors import of_length_one

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
        # A usage of 0 is what servers say that do not count.
        cost = self.cost({Unit.INPUT_TOKEN: tokens}) if tokens else call.max_cost_micros
        try:
            vectors = of_length_one(self.provider, self._rows(body.get("data")), len(texts), self.dimensions)
        except BadAnswer as error:
            error.cost_micros = cost
            raise
        return Vectors(vectors=vectors, cost_micros=cost, external_id=external_id(body))

    def _rows(self, data: object) -> list[npt.ArrayLike]:
        """The vectors in the order of their texts."""
        rows: dict[int, npt.ArrayLike] = {}
        try:
            for place, item in enumerate(data if isinstance(data, list) else ()):
                found = item["embedding"]
                packed = isinstance(found, str)
                row = np.frombuffer(pybase64.b64decode(found, validate=True), "<f4") if packed else found
                rows[item.get("index", place)] = row
            return [rows[place] for place in sorted(rows)]
        except (KeyError, TypeError, ValueError, AttributeError):  # binascii's error is a ValueError
            raise BadAnswer(f"{self.provider}'s vectors can't be read") from None
