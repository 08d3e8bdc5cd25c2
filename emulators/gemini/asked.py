"""A `generateContent` request, checked as Google checks it."""

import base64
import binascii
import io
import json
import re
from dataclasses import dataclass
from dataclasses import field as made
from typing import Any

from PIL import Image

from emulators.answers import keeping_to
from emulators.endpoint import Refusal
from emulators.gemini.google import an_object, field, no_such_model, number, only
from emulators.printed import read_picture

IMAGE_MODELS = re.compile(r"gemini-[\d.]+-(?:flash|pro)-image(?:-preview)?")
TEXT_MODELS = re.compile(r"gemini-[\d.]+-(?:flash|flash-lite|pro)(?:-preview)?")
THINKING = re.compile(r"gemini-[3-9]")
SIZES = {
    "1:1": (1024, 1024),
    "2:3": (848, 1264),
    "3:2": (1264, 848),
    "3:4": (896, 1200),
    "4:3": (1200, 896),
    "4:5": (928, 1152),
    "5:4": (1152, 928),
    "9:16": (768, 1376),
    "16:9": (1376, 768),
    "21:9": (1584, 672),
}
"""Width and height of a picture of size 1K by its aspect."""
_BODY = {"contents", "systemInstruction", "generationConfig", "safetySettings", "tools", "toolConfig", "cachedContent"}
_CONFIG = {
    *("stopSequences", "responseMimeType", "responseSchema", "responseJsonSchema", "responseModalities"),
    *("candidateCount", "maxOutputTokens", "temperature", "topP", "topK", "seed", "presencePenalty"),
    *("frequencyPenalty", "thinkingConfig", "imageConfig", "mediaResolution"),
}
_PICTURE_TYPES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
_URL_SAFE = str.maketrans("-_", "+/")
"""Bytes may be in either alphabet of base64; the SDK uses the one for URLs."""
PICTURE_TOKENS = 1_120


@dataclass(frozen=True)
class Picture:
    """A picture to look at."""

    width: int
    height: int
    colour: tuple[int, int, int]
    page: dict[str, Any] | None = made(default=None, compare=False, repr=False)
    """What is printed on it (`emulators.printed`)."""


@dataclass(frozen=True)
class Asked:
    """A valid request, as far as the answer depends on it."""

    model: str
    prompt: str
    """The last turn's text."""
    system: str
    pictures: tuple[Picture, ...]
    schema: dict[str, Any] | None
    aspect: str | None
    """Of the picture to draw; None asks for text."""
    seed: int | None
    max_output_tokens: int
    whole: str = made(repr=False)
    """All of the request as text, for what it counts and for what the answer depends on."""

    @property
    def page(self) -> dict[str, Any] | None:
        """What is printed on the first picture, when that is a page."""
        return self.pictures[0].page if self.pictures else None

    @property
    def tokens(self) -> int:
        return tokens(self.whole) + PICTURE_TOKENS * len(self.pictures)


def tokens(text: str) -> int:
    """About as many as Gemini counts: four bytes each."""
    return -(-len(text.encode()) // 4)


def read(model: str, body: dict[str, Any]) -> Asked:
    """The request. Raises Refusal."""
    draws = IMAGE_MODELS.fullmatch(model) is not None
    if not draws and not TEXT_MODELS.fullmatch(model):
        raise no_such_model(model, "generateContent")
    only(body, _BODY)
    contents = body.get("contents")
    if not isinstance(contents, list) or not contents:
        raise Refusal(400, "* GenerateContentRequest.contents: contents is not specified")
    texts: list[list[str]] = []
    pictures: list[Picture] = []
    for content in contents:
        texts.append(_parts(an_object(content, "contents"), pictures))
    config = an_object(field(body, "generationConfig") or {}, "generation_config")
    system = field(body, "systemInstruction")
    said = "\n".join(_parts(an_object(system, "system_instruction"), [])) if system is not None else ""
    for setting in field(body, "safetySettings") or ():
        _safety(an_object(setting, "safety_settings"))
    _check_config(config, model)
    schema = _schema(config, draws)
    everything = "\n".join([said, *("\n".join(turn) for turn in texts), json.dumps(schema) if schema else ""])
    return Asked(
        model=model,
        prompt="\n".join(texts[-1]),
        system=said,
        pictures=tuple(pictures),
        schema=schema,
        aspect=_aspect(config, draws),
        seed=field(config, "seed"),
        max_output_tokens=field(config, "maxOutputTokens") or 65_536,
        whole=everything,
    )


def _parts(content: dict[str, Any], pictures: list[Picture]) -> list[str]:
    """The texts of a content's parts; its pictures are added to the others."""
    only(content, {"parts", "role"}, "contents")
    if content.get("role", "user") not in ("user", "model"):
        raise Refusal(400, "Please use a valid role: user, model.")
    parts = content.get("parts")
    if not isinstance(parts, list) or not parts:
        raise Refusal(400, "* GenerateContentRequest.contents.parts: contents.parts must not be empty.")
    texts = []
    for part in parts:
        only(an_object(part, "contents.parts"), {"text", "inlineData"}, "contents.parts")
        inline = field(part, "inlineData")
        if inline is not None:
            pictures.append(_picture(an_object(inline, "contents.parts.inline_data")))
        elif isinstance(part.get("text"), str):
            texts.append(part["text"])
        else:
            raise Refusal(400, "* contents.parts.data: required oneof field 'data' must have one initialized field")
    return texts


def _picture(inline: dict[str, Any]) -> Picture:
    only(inline, {"mimeType", "data", "displayName"}, "contents.parts.inline_data")
    media_type = field(inline, "mimeType")
    if media_type not in _PICTURE_TYPES:
        raise Refusal(400, f"Unsupported MIME type: {media_type}")
    try:
        data = base64.b64decode(inline.get("data", "").translate(_URL_SAFE), validate=True)
        with Image.open(io.BytesIO(data), formats=[_PICTURE_TYPES[media_type]]) as image:
            image.load()
            red, green, blue = image.convert("RGB").resize((1, 1), reducing_gap=1.0).getpixel((0, 0))  # type: ignore[misc]
            return Picture(image.width, image.height, (int(red), int(green), int(blue)), read_picture(image))
    except (AttributeError, binascii.Error, ValueError, OSError):
        raise Refusal(400, "Unable to process input image. Please retry or report the problem.") from None


def _safety(setting: dict[str, Any]) -> None:
    only(setting, {"category", "threshold", "method"}, "safety_settings")
    if not str(setting.get("category")).startswith("HARM_CATEGORY_") or not isinstance(setting.get("threshold"), str):
        raise Refusal(400, "Invalid value at 'safety_settings'.")


def _check_config(config: dict[str, Any], model: str) -> None:
    only(config, _CONFIG, "generation_config")
    number(field(config, "temperature"), "temperature", 0, 2)
    number(field(config, "topP"), "topP", 0, 1)
    number(field(config, "maxOutputTokens"), "max_output_tokens", 1, 65_536)
    number(field(config, "candidateCount"), "candidate_count", 1, 1)
    seed = field(config, "seed")
    if seed is not None and (not isinstance(seed, int) or not -(2**31) <= seed < 2**31):
        raise Refusal(400, "Invalid value at 'generation_config.seed' (TYPE_INT32)")
    thinking = an_object(field(config, "thinkingConfig") or {}, "generation_config.thinking_config")
    only(thinking, {"thinkingLevel", "thinkingBudget", "includeThoughts"}, "generation_config.thinking_config")
    if field(thinking, "thinkingLevel") is not None and not THINKING.match(model):
        raise Refusal(400, f"Thinking level is not supported for {model}.")


def _schema(config: dict[str, Any], draws: bool) -> dict[str, Any] | None:
    """The schema to keep to. Of the two forms only one may be given, and only for JSON."""
    own, standard = field(config, "responseSchema"), field(config, "responseJsonSchema")
    wants_json = field(config, "responseMimeType") == "application/json"
    if own is not None and standard is not None:
        raise Refusal(400, "response_schema and response_json_schema can't both be set.")
    if (own is not None or standard is not None or wants_json) and draws:
        raise Refusal(400, "JSON mode is not enabled for this model")
    schema = own if own is not None else standard
    if schema is None:
        return {"type": "object"} if wants_json else None
    if not wants_json:
        raise Refusal(400, "A response schema needs response_mime_type to be application/json.")
    schema = an_object(schema, "generation_config.response_schema")
    try:
        keeping_to(schema, "")
    except (ValueError, KeyError, TypeError):
        raise Refusal(400, "The specified schema produces a constraint that nothing keeps to.") from None
    return schema


def _aspect(config: dict[str, Any], draws: bool) -> str | None:
    """The aspect of the picture that is wanted; None when it is text."""
    modalities = field(config, "responseModalities") or (["TEXT", "IMAGE"] if draws else ["TEXT"])
    image = field(config, "imageConfig")
    if not draws and ("IMAGE" in modalities or image is not None):
        raise Refusal(400, "Model does not support the requested response modalities: image")
    if "IMAGE" not in modalities:
        return None
    image = an_object(image or {}, "generation_config.image_config")
    only(image, {"aspectRatio", "imageSize"}, "generation_config.image_config")
    aspect = field(image, "aspectRatio") or "1:1"
    if aspect not in SIZES:
        raise Refusal(400, f"aspect_ratio must be one of {', '.join(SIZES)}.")
    if (field(image, "imageSize") or "1K") != "1K":
        raise Refusal(400, "This emulator draws in size 1K only.")
    return str(aspect)
