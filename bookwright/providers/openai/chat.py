"""Language models by `/v1/chat/completions`."""

from collections.abc import Sequence
from typing import Any

import pybase64

from bookwright import sniff
from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import BadAnswer, Blocked, Misconfigured, Unspeakable
from bookwright.contracts.media import TextTask, WrittenText
from bookwright.contracts.ports.calls import Turn
from bookwright.money.prices import PriceTable, Unit
from bookwright.providers import answers
from bookwright.providers.openai.server import Server, count, external_id

TOKENS_A_PICTURE = 16_384
"""The most tokens that common vision models make of one picture; for the maximum cost."""
_OVERHEAD_TOKENS = 200
"""What a chat template adds."""


class OpenAiLanguageModel(Server):
    """A `LanguageModel`. The schema is asked for as a `json_schema` response format; since servers may take no notice
    of it, the answer is checked against it in any case. Models that refuse `max_tokens` or a temperature, as OpenAI's
    own reasoning models do, are not for this adapter."""

    operation = "*"
    counted = (Unit.INPUT_TOKEN, Unit.OUTPUT_TOKEN)

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str | None = None,
        *,
        sees: bool = False,
        concurrency: int = 4,
        deadline_s: float = 120,
        prices: PriceTable | None = None,
    ) -> None:
        """`sees` says that the model takes pictures: a server does not tell."""
        super().__init__(base_url, model, api_key, concurrency=concurrency, deadline_s=deadline_s, prices=prices)
        self.sees = sees

    def call(self, task: TextTask, take: int = 0) -> ProviderCall:
        """The call. Its maximum cost is that of a token for each byte of text: a tokenizer never makes more of them.
        Raises Unspeakable for a blank prompt, Misconfigured for pictures that the model can't see and for a schema
        that is none."""
        if not task.prompt.strip():
            raise Unspeakable("a language model needs a prompt that is not blank")
        if task.pictures and not self.sees:
            raise Misconfigured(f"{self.model} can't look at pictures: choose a model that does")
        if task.answer_schema is not None:
            answers.check_schema(task.answer_schema)
        # With the names of the fields, which are a little more than what is sent.
        size = len(task.model_dump_json(exclude={"pictures", "material"}).encode())
        tokens = size + _OVERHEAD_TOKENS + TOKENS_A_PICTURE * len(task.pictures)
        return ProviderCall(
            provider=self.provider,
            model=self.model,
            operation=task.purpose,
            input=task.worded(),
            max_cost_micros=self.cost({Unit.INPUT_TOKEN: tokens, Unit.OUTPUT_TOKEN: task.max_output_tokens}),
            take=take,
        )

    async def write(self, call: ProviderCall, turn: Turn, pictures: Sequence[bytes] = ()) -> WrittenText:
        """Make the call. Without a usage in the answer it is taken to have cost its maximum. Raises BadAnswer for an
        answer that is cut, empty or not what the schema says, Blocked for a refusal or a filter's answer."""
        body = await self.ask_json(turn, "/chat/completions", json=_request(call, pictures))
        usage = body.get("usage")
        read, written = count(usage, "prompt_tokens"), count(usage, "completion_tokens")
        cost = call.max_cost_micros
        if read is not None and written is not None:
            cost = self.cost({Unit.INPUT_TOKEN: read, Unit.OUTPUT_TOKEN: written})
        try:
            text = self._text(body)
            schema = call.input["answer_schema"]
            data = None if schema is None else answers.json_object(self.provider, text, schema)
            text = answers.plain_text(self.provider, text)
        except (BadAnswer, Blocked) as error:
            error.cost_micros = cost
            raise
        return WrittenText(
            text=text,
            data=data,
            input_tokens=read or 0,
            output_tokens=written or 0,
            cost_micros=cost,
            external_id=external_id(body),
        )

    def _text(self, body: dict[str, Any]) -> str:
        try:
            choice = body["choices"][0]
            message, reason = choice["message"], choice.get("finish_reason")
            text, refusal = message.get("content"), message.get("refusal")
        except (KeyError, IndexError, TypeError, AttributeError):
            raise BadAnswer(f"{self.provider}'s answer has no message") from None
        if reason == "content_filter" or refusal:
            raise Blocked(f"{self.provider} holds this text back ({'refusal' if refusal else reason})")
        if reason == "length":
            raise BadAnswer(f"{self.provider}'s answer is cut at the limit of tokens")
        if reason not in ("stop", None, ""):  # some servers name no reason
            raise BadAnswer(f"{self.provider}'s answer did not come to its end")
        if not isinstance(text, str):
            raise BadAnswer(f"{self.provider}'s answer has no text")
        return text


def _request(call: ProviderCall, pictures: Sequence[bytes]) -> dict[str, Any]:
    asked = call.input
    content: str | list[dict[str, Any]] = asked["prompt"]
    if pictures:
        shown = [{"type": "image_url", "image_url": {"url": _data_uri(picture)}} for picture in pictures]
        content = [*shown, {"type": "text", "text": asked["prompt"]}]
    system = [{"role": "system", "content": asked["system"]}] if asked["system"] else []
    request = {
        "model": call.model,
        "messages": [*system, {"role": "user", "content": content}],
        "max_tokens": asked["max_output_tokens"],
        "temperature": asked["temperature"],
    }
    if asked["seed"] is not None:
        request["seed"] = asked["seed"]
    if asked["answer_schema"] is not None:
        # Not `strict`: OpenAI then refuses schemas with optional properties, and the answer is checked here anyway.
        form = {"name": "answer", "schema": asked["answer_schema"]}
        request["response_format"] = {"type": "json_schema", "json_schema": form}
    return request


def _data_uri(picture: bytes) -> str:
    media_type = sniff.picture(picture)
    if media_type is None:
        raise Unspeakable("only PNG, JPEG, WebP and GIF pictures can be shown to a language model")
    return f"data:{media_type};base64,{pybase64.b64encode(picture).decode('ascii')}"
