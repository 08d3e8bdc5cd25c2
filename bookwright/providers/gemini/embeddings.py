"""Vectors by Gemini, up to 100 texts a call."""

from collections.abc import Sequence
from typing import Any

from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import BadAnswer, Misconfigured, Unspeakable
from bookwright.contracts.media import Vectors
from bookwright.contracts.ports.calls import Turn
from bookwright.money.prices import PriceTable, Unit
from bookwright.providers.gemini.engine import GeminiEngine
from bookwright.providers.vectors import of_length_one

OPERATION = "embedding"
MAX_BYTES = 24_000
"""Of one text: what is beyond 8,192 tokens Gemini leaves out without a word, and few texts have under 3 bytes each."""


class GeminiEmbedder(GeminiEngine):
    """An `Embedder`. `embed` makes exactly one POST; it never retries."""

    batch = 100

    def __init__(
        self,
        api_key: str,
        base_url: str | None = None,
        model: str = "gemini-embedding-2",
        concurrency: int = 4,
        deadline_s: float = 60,
        prices: PriceTable | None = None,
        dimensions: int = 768,
    ) -> None:
        """Raises Misconfigured, also for a model without a price."""
        super().__init__(api_key, base_url, model, concurrency, deadline_s, prices)
        if "embedding" not in model:
            raise Misconfigured(f"{model} makes no vectors: choose one such as gemini-embedding-2")
        if not 128 <= dimensions <= 3_072:
            raise Misconfigured("Gemini's vectors have 128 to 3072 dimensions; 768, 1536 or 3072 are advised")
        self.dimensions = dimensions
        self._price = self._prices.price(self.provider, model, OPERATION, {Unit.INPUT_TOKEN})

    def call(self, texts: Sequence[str], *, query: bool = False, take: int = 0) -> ProviderCall:
        """The call for these texts. Its maximum cost counts a token for each byte, which no tokenizer exceeds. Raises
        Unspeakable for none, for too many, and for a blank or too long text."""
        if not 0 < len(texts) <= self.batch:
            raise Unspeakable(f"{self.model} takes 1 to {self.batch} texts in one call")
        if any(not text.strip() or len(text.encode()) > MAX_BYTES for text in texts):
            raise Unspeakable(f"{self.model} takes texts of up to {MAX_BYTES} bytes that are not blank")
        asked = sum(len(text.encode()) for text in _worded(self.model, texts, query))
        return ProviderCall(
            provider=self.provider,
            model=self.model,
            operation=OPERATION,
            input={"texts": list(texts), "query": query, "dimensions": self.dimensions},
            max_cost_micros=self._price.cost_micros({Unit.INPUT_TOKEN: asked}),
            take=take,
        )

    async def embed(self, call: ProviderCall, turn: Turn) -> Vectors:
        """Make the call. Raises what entering the turn raises, and what `providers.errors` says; BadAnswer unless there
        is a vector of the right length for each text. The total deadline is the caller's."""
        asked = call.input
        config: Any = {"output_dimensionality": asked["dimensions"]}
        if _has_tasks(call.model):
            config["task_type"] = "RETRIEVAL_QUERY" if asked["query"] else "RETRIEVAL_DOCUMENT"
        # Each text as a content of its own: of plain strings the SDK makes one, and there is one vector for all.
        contents: Any = [{"parts": [{"text": text}]} for text in _worded(call.model, asked["texts"], asked["query"])]
        answer = await self._ask(
            turn, lambda models: models.embed_content(model=call.model, contents=contents, config=config)
        )
        usage = answer.usage_metadata
        read = usage.prompt_token_count if usage is not None else None
        cost = call.max_cost_micros if read is None else self._price.cost_micros({Unit.INPUT_TOKEN: read})
        found = [embedding.values or [] for embedding in answer.embeddings or ()]
        try:
            # Gemini's are of length 1 only where all its dimensions are asked for.
            vectors = of_length_one(self.provider, found, len(contents), asked["dimensions"])
        except BadAnswer as error:
            error.cost_micros = cost
            raise
        return Vectors(vectors=vectors, cost_micros=cost)


def _has_tasks(model: str) -> bool:
    """Whether the model is told by a parameter what a text is; later ones by words before the text."""
    return model.startswith("gemini-embedding-001")


def _worded(model: str, texts: Sequence[str], query: bool) -> list[str]:
    if _has_tasks(model):
        return list(texts)
    before = "task: search result | query: " if query else "title: none | text: "
    return [before + text for text in texts]
