"""`:generateContent`: text, JSON that keeps to a schema, or a picture."""

import base64
import json
from typing import Any

from starlette.requests import Request

from emulators import drawing
from emulators.answers import keeping_to, prose
from emulators.endpoint import Body, json_object
from emulators.gemini.asked import SIZES, Asked, read, tokens
from emulators.gemini.google import GoogleEndpoint, response_id
from emulators.knobs import Fault, Kind
from emulators.looking import seen, unit_of

PICTURE_OUT_TOKENS = 1_120
THOUGHT_TOKENS = 64
_RATINGS = [
    {"category": f"HARM_CATEGORY_{harm}", "probability": "HIGH", "blocked": True} for harm in ("DANGEROUS_CONTENT",)
]


class Generation(GoogleEndpoint[Asked]):
    """The unit of a call is its last turn's text, or how the page begins that it is shown."""

    async def read(self, request: Request) -> Asked:
        return read(request.path_params["model"], await json_object(request))

    def unit(self, asked: Asked) -> str:
        return unit_of(asked.page, asked.prompt)

    async def answer(self, asked: Asked, rule: Fault | None, number: int) -> Body:
        kind = rule.kind if rule else None
        usage: dict[str, Any] = {"promptTokenCount": asked.tokens}
        whole: dict[str, Any] = {"modelVersion": asked.model, "responseId": response_id(number)}
        if rule and kind is Kind.BLOCKED_PROMPT:
            whole["promptFeedback"] = {"blockReason": rule.code or "PROHIBITED_CONTENT"}
        elif kind is Kind.NO_CANDIDATES:
            whole["candidates"] = []
        elif rule and kind is Kind.BLOCKED_ANSWER:
            reason = rule.code or ("SAFETY" if asked.aspect is None else "IMAGE_SAFETY")
            whole["candidates"] = [{"finishReason": reason, "index": 0, "safetyRatings": _RATINGS}]
        else:
            made = _drawn(asked, rule) if asked.aspect else _written(asked, rule)
            whole["candidates"] = [made.pop("candidate")]
            usage |= made
        usage["totalTokenCount"] = sum(count for count in usage.values() if isinstance(count, int))
        return Body(json.dumps(whole | {"usageMetadata": usage}).encode())


def _written(asked: Asked, rule: Fault | None) -> dict[str, Any]:
    """A candidate of text, and what it counts."""
    kind = rule.kind if rule else None
    text = _text(asked, kind)
    if kind is Kind.OFF_SCHEMA:
        text = _off_schema(asked, text)
    reason, room = "STOP", (asked.max_output_tokens - THOUGHT_TOKENS) * 4
    if rule and kind in (Kind.MAX_TOKENS, Kind.UNFINISHED):
        reason, room = "MAX_TOKENS", int(len(text) * rule.keep)
    elif len(text) > room:
        reason = "MAX_TOKENS"
    text = "" if kind is Kind.EMPTY else text[: max(0, room)]
    candidate: dict[str, Any] = {
        "content": {"role": "model"} | ({"parts": [{"text": text}]} if text else {}),
        "finishReason": reason,
        "index": 0,
    }
    if kind is Kind.UNFINISHED:
        candidate |= {"finishReason": "CONTINUATION", "continuationToken": base64.b64encode(b"go on").decode()}
    return {"candidate": candidate, "candidatesTokenCount": tokens(text), "thoughtsTokenCount": THOUGHT_TOKENS}


def _text(asked: Asked, kind: Kind | None) -> str:
    seed = f"{asked.model}\n{asked.whole}\n{asked.pictures}\n{asked.seed}"
    if asked.schema is not None:
        # The prompt comes first: it says how many pages are wanted.
        value = seen(asked.schema, seed, asked.page, kind) or keeping_to(asked.schema, asked.prompt + seed)
        return json.dumps(value, ensure_ascii=False)
    pictures = [
        f"A picture of {picture.width} by {picture.height} pixels, mostly #{bytes(picture.colour).hex()}."
        for picture in asked.pictures
    ]
    return " ".join([*pictures, prose(seed)])


def _off_schema(asked: Asked, text: str) -> str:
    """The answer without something that has to be there, or not an object at all."""
    answer = json.loads(text)
    required = (asked.schema or {}).get("required") or ()
    if not isinstance(answer, dict) or not required:
        return json.dumps([answer])
    del answer[required[0]]
    return json.dumps(answer, ensure_ascii=False)


def _drawn(asked: Asked, rule: Fault | None) -> dict[str, Any]:
    """A candidate of one picture, and what it counts."""
    kind = rule.kind if rule else None
    assert asked.aspect is not None
    picture = drawing.png(f"{asked.whole}\n{asked.pictures}\n{asked.seed}", *SIZES[asked.aspect])
    if rule and kind is Kind.CUT:
        picture = picture[: int(len(picture) * rule.keep)]
    elif kind is Kind.ZERO:
        picture = b""
    elif kind is Kind.WRONG_TYPE:
        picture = b"A picture could not be made.\n"
    data = "!! this is not base64 !!" if kind is Kind.GARBAGE else base64.b64encode(picture).decode()
    part: dict[str, Any] = {"inlineData": {"mimeType": "image/png", "data": data}}
    if kind is Kind.EMPTY:
        part = {"text": "Here is what I would draw."}
    return {
        "candidate": {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0},
        "candidatesTokenCount": PICTURE_OUT_TOKENS,
        "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": PICTURE_OUT_TOKENS}],
        "thoughtsTokenCount": THOUGHT_TOKENS,
    }
