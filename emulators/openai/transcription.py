"""`POST /v1/audio/transcriptions`."""

import asyncio
import hashlib
import io
from dataclasses import dataclass
from typing import Any

import av
from starlette.datastructures import UploadFile
from starlette.requests import Request

from emulators import answers
from emulators.endpoint import Body, Refusal
from emulators.knobs import Fault, Kind
from emulators.openai.server import BAD, OpenAiEndpoint, json_body

MAX_BYTES = 25 * 1024 * 1024
"""What OpenAI takes; servers of one's own take more."""
WORDS_PER_SECOND = 2.5
SEGMENT = 10
NAMES = {"en": "english", "hi": "hindi", "de": "german", "ta": "tamil", "fr": "french"}


@dataclass(frozen=True)
class Asked:
    """A valid request, as far as the answer depends on it."""

    digest: str
    seconds: float
    language: str
    by_word: bool


class Transcriptions(OpenAiEndpoint[Asked]):
    """As many words of prose as fit into the recording, the same for the same bytes. `openai` gives the words beside
    the text, without their marks; `whisper` within segments, with probabilities; `localai` segments alone, in
    nanoseconds; `careless` nothing but the text."""

    known = frozenset({"model", "file", "language", "prompt", "response_format", "temperature"}) | {
        "timestamp_granularities[]"
    }

    async def read(self, request: Request) -> Asked:
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            raise Refusal(BAD, "We could not parse your multipart form.", "invalid_multipart")
        async with request.form() as form:
            fields = {name: form.getlist(name) for name in form}
            self.check_fields({name: values[0] for name, values in fields.items()})
            file = form.get("file")
            if not isinstance(file, UploadFile) or not file.filename or "." not in file.filename:
                raise Refusal(BAD, "Unrecognized file format.", "invalid_file_format")
            data = await file.read()
        if self.server == "openai" and len(data) > MAX_BYTES:
            raise Refusal(413, f"Maximum content size limit ({MAX_BYTES}) exceeded.")
        if form.get("response_format") != "verbose_json":
            raise Refusal(BAD, "This emulator answers verbose_json only.", "invalid_value")
        seconds = await asyncio.to_thread(_seconds, data)
        language = str(form.get("language") or "en")
        by_word = "word" in fields.get("timestamp_granularities[]", ())
        return Asked(hashlib.sha256(data).hexdigest()[:16], seconds, language, by_word)

    def unit(self, asked: Asked) -> str:
        return f"recording {asked.digest}"

    async def answer(self, asked: Asked, rule: Fault | None, number: int) -> Body:
        kind = rule.kind if rule else None
        count = 0 if kind is Kind.SILENT else max(1, int(asked.seconds * WORDS_PER_SECOND))
        text = answers.prose(asked.digest, -(-count // 4) + 4)
        words = text.split()[:count]
        timed = [
            {
                "word": word,
                "start": round(place / WORDS_PER_SECOND, 2),
                "end": round((place + 0.8) / WORDS_PER_SECOND, 2),
            }
            for place, word in enumerate(words)
        ]
        segments = [
            _segment(index, timed[first : first + SEGMENT]) for index, first in enumerate(range(0, count, SEGMENT))
        ]
        language = NAMES.get(asked.language, asked.language) if self.server == "openai" else asked.language
        body: dict[str, Any] = {"task": "transcribe", "language": language, "duration": asked.seconds}
        body["text"] = " ".join(words)
        if kind is Kind.OFF_SCHEMA:
            return json_body({"task": "transcribe", "segments": [{"start": "soon"}]})
        if self.server == "careless":
            return json_body({"text": body["text"]})
        if self.server == "localai":
            for segment in segments:
                segment |= {name: round(segment[name] * 1e9) for name in ("start", "end")}
        elif asked.by_word and self.server == "whisper":
            for segment in segments:
                here = timed[segment["id"] * SEGMENT :][:SEGMENT]
                segment["words"] = [word | {"word": f" {word['word']}", "probability": 0.93} for word in here]
        elif asked.by_word:
            body["words"] = [word | {"word": str(word["word"]).strip('.,"')} for word in timed]
        return json_body(body | {"segments": segments})


def _segment(index: int, words: list[dict[str, Any]]) -> dict[str, Any]:
    text = " " + " ".join(str(word["word"]) for word in words)
    return {"id": index, "start": words[0]["start"], "end": words[-1]["end"], "text": text, "avg_logprob": -0.2}


def _seconds(data: bytes) -> float:
    """How long the recording is. Raises Refusal for what can't be decoded."""
    try:
        with av.open(io.BytesIO(data), "r") as container:
            if not container.streams.audio or container.duration is None:
                raise Refusal(BAD, "The audio file could not be decoded.", "invalid_file_format")
            return container.duration / 1_000_000
    except av.FFmpegError:
        raise Refusal(BAD, "The audio file could not be decoded or its format is not supported.") from None
