"""`POST /v1/chat/completions`."""

import base64
import binascii
import io
import json
from dataclasses import dataclass
from typing import Any

from PIL import Image, UnidentifiedImageError
from starlette.requests import Request

from emulators import answers
from emulators.endpoint import Body, Refusal, json_object
from emulators.knobs import Fault, Kind
from emulators.looking import seen, unit_of
from emulators.openai.server import BAD, OpenAiEndpoint, json_body
from emulators.printed import read_picture

CHARS_PER_TOKEN = 4
PICTURE_TOKENS = 765
ROLES = ("system", "developer", "user", "assistant")


@dataclass(frozen=True)
class Asked:
    """A valid request, as far as the answer depends on it."""

    model: str
    system: str
    prompt: str
    pictures: int
    schema: dict[str, Any] | None
    max_tokens: int
    seed: int | None
    page: dict[str, Any] | None = None
    """What is printed on the first picture (`emulators.printed`)."""


class Chat(OpenAiEndpoint[Asked]):
    """Prose for a prompt, or JSON that keeps to the schema; the same for the same request."""

    known = frozenset({"model", "messages", "max_tokens", "temperature", "seed", "response_format", "stream", "n"})

    async def read(self, request: Request) -> Asked:
        fields = await json_object(request)
        model = self.check_fields(fields)
        messages = fields.get("messages")
        if not isinstance(messages, list) or not messages:
            raise Refusal(BAD, "[] is too short - 'messages'")
        system, prompt = "", ""
        pictures: list[dict[str, Any] | None] = []
        for message in messages:
            if not isinstance(message, dict) or message.get("role") not in ROLES:
                raise Refusal(BAD, f"Invalid value for 'role': supported values are {', '.join(ROLES)}.")
            text, shown = _content(message.get("content"))
            system, prompt = (text, prompt) if message["role"] in ("system", "developer") else (system, text)
            pictures += shown
        most, temperature = fields.get("max_tokens", 4_096), fields.get("temperature", 1)
        if not isinstance(most, int) or most < 1:
            raise Refusal(BAD, "Invalid 'max_tokens': expected a value >= 1.", "integer_below_min_value")
        if not isinstance(temperature, int | float) or not 0 <= temperature <= 2:
            raise Refusal(BAD, "Invalid 'temperature': expected a value between 0 and 2.", "decimal_above_max_value")
        page = pictures[0] if pictures else None
        return Asked(model, system, prompt, len(pictures), _schema(fields), most, fields.get("seed"), page)

    def unit(self, asked: Asked) -> str:
        return unit_of(asked.page, asked.prompt)

    async def answer(self, asked: Asked, rule: Fault | None, number: int) -> Body:
        kind = rule.kind if rule else None
        if kind is Kind.BLOCKED_PROMPT:
            raise Refusal(BAD, "Your request was rejected by our safety system.", "content_policy_violation")
        text: str | None = self._said(asked, kind)
        reason: str | None = "stop"
        refusal = None
        tokens = -(-len(text or "") // CHARS_PER_TOKEN)
        if tokens > asked.max_tokens or (rule and kind in (Kind.MAX_TOKENS, Kind.UNFINISHED)):
            keep = int(len(text or "") * (rule.keep if rule else asked.max_tokens / tokens))
            text, reason = (text or "")[:keep], "abort" if kind is Kind.UNFINISHED else "length"
        if kind is Kind.BLOCKED_ANSWER:
            # OpenAI's models refuse in words, filters in front of others name themselves as the reason.
            text, reason, refusal = (None, "stop", "I can't help with that.") if self.server == "openai" else (
                "", "content_filter", None
            )  # fmt: skip
        message: dict[str, Any] = {"role": "assistant", "content": "" if kind is Kind.EMPTY else text}
        if self.server == "openai":
            message |= {"refusal": refusal, "annotations": []}
        elif self.server == "vllm":
            message |= {"reasoning_content": None, "tool_calls": []}
        choice: dict[str, Any] = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
        if self.server == "careless" and reason == "stop":
            del choice["finish_reason"]
        body: dict[str, Any] = {
            "id": f"chatcmpl-emulated-{number:06d}",
            "object": "chat.completion",
            "created": 1_762_000_000,
            "model": asked.model,
            "choices": [] if kind is Kind.NO_CANDIDATES else [choice],
        }
        if self.server != "careless":
            read = -(-len(asked.system + asked.prompt) // CHARS_PER_TOKEN) + PICTURE_TOKENS * asked.pictures
            written = -(-len(text or "") // CHARS_PER_TOKEN)
            usage = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
            body["usage"] = usage
        return json_body(body)

    def _said(self, asked: Asked, kind: Kind | None) -> str:
        seed = f"{asked.system}\n{asked.prompt}\n{asked.seed}\n{asked.pictures}"
        if asked.schema is None:
            return answers.prose(seed, 6)
        try:
            value = seen(asked.schema, seed, asked.page, kind) or answers.keeping_to(asked.schema, seed)
        except (ValueError, KeyError, TypeError):
            raise Refusal(BAD, "Invalid schema for response_format 'answer'.", "invalid_schema") from None
        text = json.dumps({"note": "not what was asked for"} if kind is Kind.OFF_SCHEMA else value, ensure_ascii=False)
        if self.server == "careless":
            return f"<think>\nThey want an object.\n</think>\n\n```json\n{text}\n```"
        return text


def _schema(fields: dict[str, Any]) -> dict[str, Any] | None:
    form = fields.get("response_format")
    if form is None or form == {"type": "text"}:
        return None
    if not isinstance(form, dict) or form.get("type") != "json_schema":
        raise Refusal(BAD, "Invalid value for 'response_format.type'.", "invalid_value")
    named = form.get("json_schema")
    if not isinstance(named, dict) or not isinstance(named.get("name"), str):
        raise Refusal(BAD, "Missing required parameter: 'response_format.json_schema.name'.")
    schema = named.get("schema")
    if not isinstance(schema, dict):
        raise Refusal(BAD, "Missing required parameter: 'response_format.json_schema.schema'.")
    return schema


def _content(content: object) -> tuple[str, list[dict[str, Any] | None]]:
    """A message's text and what is printed on each of its pictures, which are decoded."""
    if isinstance(content, str):
        return content, []
    texts: list[str] = []
    pictures: list[dict[str, Any] | None] = []
    for part in content if isinstance(content, list) else ():
        if not isinstance(part, dict) or part.get("type") not in ("text", "image_url"):
            raise Refusal(BAD, "Invalid value for 'messages.content.type'.", "invalid_value")
        if part["type"] == "text":
            texts.append(str(part.get("text", "")))
            continue
        head, _, data = str((part.get("image_url") or {}).get("url", "")).partition(";base64,")
        try:
            with Image.open(io.BytesIO(base64.b64decode(data, validate=True))) as picture:
                picture.load()
                pictures.append(read_picture(picture))
                declared = head.removeprefix("data:")
                if Image.MIME.get(picture.format or "") != declared:
                    raise Refusal(BAD, "The image data you provided is not of the declared type.", "invalid_image")
        except (binascii.Error, UnidentifiedImageError, OSError):
            raise Refusal(BAD, "You uploaded an unsupported image.", "invalid_image_format") from None
    if not texts and not pictures:
        raise Refusal(BAD, "Invalid type for 'messages.content'.", "invalid_type")
    return "\n".join(texts), pictures
