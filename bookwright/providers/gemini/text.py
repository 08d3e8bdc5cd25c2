"""Text by Gemini: written to a schema, or read off pictures."""

import json
from collections.abc import Sequence
from typing import Any

from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import Misconfigured, Unspeakable
from bookwright.contracts.media import TextTask, WrittenText
from bookwright.contracts.ports.calls import Turn
from bookwright.money.prices import PriceTable, Unit
from bookwright.providers.answers import check_schema, json_object, plain_text
from bookwright.providers.gemini.asking import OVERHEAD_TOKENS, PICTURE_TOKENS, SAFETY, one_request, picture_part
from bookwright.providers.gemini.engine import GeminiEngine
from bookwright.providers.gemini.reading import charged, parts, tokens

THOUGHT_TOKENS = 4_096
"""Room for thoughts besides the answer: Gemini counts both against one limit, and an answer that its thoughts leave no
room for comes back cut, or empty."""
MAX_PICTURES = 16


class GeminiModel(GeminiEngine):
    """A `LanguageModel`. `write` makes exactly one POST; it never retries."""

    sees = True

    def __init__(
        self,
        api_key: str,
        base_url: str | None = None,
        model: str = "gemini-3.5-flash",
        concurrency: int = 8,
        deadline_s: float = 120,
        prices: PriceTable | None = None,
    ) -> None:
        """Raises Misconfigured, also for a model without a price."""
        super().__init__(api_key, base_url, model, concurrency, deadline_s, prices)
        if "image" in model or "embedding" in model:
            raise Misconfigured(f"{model} does not write: choose a model of text, such as gemini-3.5-flash")
        self._price = self._prices.price(self.provider, model, "*", {Unit.INPUT_TOKEN, Unit.OUTPUT_TOKEN})

    def call(self, task: TextTask, take: int = 0) -> ProviderCall:
        """The call for a task. Its maximum cost counts a token for each byte of what is asked, which no tokenizer
        exceeds, and as many for the answer as it may have, thoughts included; what it does cost is in the answer.
        Raises Unspeakable for a blank prompt or too many pictures, Misconfigured for a schema that is none."""
        if not task.prompt.strip():
            raise Unspeakable(f"{self.model} takes a prompt that is not blank")
        if len(task.pictures) > MAX_PICTURES:
            raise Unspeakable(f"{self.model} looks at no more than {MAX_PICTURES} pictures at once")
        if task.answer_schema is not None:
            check_schema(task.answer_schema)
        schema = "" if task.answer_schema is None else json.dumps(task.answer_schema)
        asked = len((task.prompt + (task.system or "") + schema).encode())
        return ProviderCall(
            provider=self.provider,
            model=self.model,
            operation=task.purpose,
            input=task.worded(),
            max_cost_micros=self._cost(
                asked + PICTURE_TOKENS * len(task.pictures) + OVERHEAD_TOKENS, task.max_output_tokens + THOUGHT_TOKENS
            ),
            take=take,
        )

    async def write(self, call: ProviderCall, turn: Turn, pictures: Sequence[bytes] = ()) -> WrittenText:
        """Make the call; `pictures` are the bytes of those that its task names. Raises what entering the turn raises,
        and what `providers.errors` says; Unspeakable for a picture that is none or that Gemini does not take; Blocked;
        BadAnswer for an answer that is cut, empty, or does not keep to the schema. The total deadline is the caller's:
        `deadline_s` is for each wait for Gemini."""
        asked = call.input
        if len(pictures) != len(asked["pictures"]):
            raise ValueError("a call is made with the pictures of its task")
        # Pictures first, as Google advises.
        content: Any = {"role": "user", "parts": [*(picture_part(one) for one in pictures), {"text": asked["prompt"]}]}
        answer = await self._ask(
            turn,
            lambda models: models.generate_content(
                model=call.model, contents=[content], config=_config(call.model, asked)
            ),
        )
        used = tokens(answer)
        cost = None if used is None else self._cost(used.read, used.written)
        with charged(cost):
            text = plain_text(self.provider, "".join(part.text or "" for part in parts(self.provider, answer)))
            schema = asked["answer_schema"]
            data = None if schema is None else json_object(self.provider, text, schema)
        return WrittenText(
            text=text,
            data=data,
            cost_micros=call.max_cost_micros if cost is None else cost,
            external_id=answer.response_id[:200] if answer.response_id else None,
            input_tokens=used.read if used else 0,
            output_tokens=used.written if used else 0,
        )

    def _cost(self, read: int, written: int) -> int:
        return self._price.cost_micros({Unit.INPUT_TOKEN: read, Unit.OUTPUT_TOKEN: written})


def _config(model: str, asked: dict[str, Any]) -> Any:
    config = {
        **one_request(),
        "max_output_tokens": asked["max_output_tokens"] + THOUGHT_TOKENS,
        "temperature": asked["temperature"],
        "safety_settings": SAFETY,
    }
    if asked["system"] is not None:
        config["system_instruction"] = asked["system"]
    if asked["seed"] is not None:
        config["seed"] = asked["seed"]
    if asked["pictures"]:
        config["media_resolution"] = "MEDIA_RESOLUTION_HIGH"
    if asked["answer_schema"] is not None:
        config["response_mime_type"] = "application/json"
        config["response_json_schema"] = asked["answer_schema"]
    if model.startswith("gemini-3"):
        config["thinking_config"] = {"thinking_level": "LOW"}  # the default is high; thoughts are billed as text
    return config
