"""Transcripts by `/v1/audio/transcriptions`."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from bookwright import sniff
from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import BadAnswer, Permanent, Unspeakable
from bookwright.contracts.media import HeardWord, Transcript, TranscriptionTask
from bookwright.contracts.ports.calls import Turn
from bookwright.money.prices import Unit
from bookwright.providers.openai.languages import language_tag
from bookwright.providers.openai.server import Server

_NANOSECONDS = 1e9
_MARKS = 20
"""The most characters between two words of a text."""


class _Word(BaseModel):
    word: str
    start: float = Field(allow_inf_nan=False)
    end: float = Field(allow_inf_nan=False)
    probability: float | None = None


class _Segment(BaseModel):
    text: str = ""
    start: float = Field(allow_inf_nan=False)
    end: float = Field(allow_inf_nan=False)
    words: list[_Word] | None = None


class _Heard(BaseModel):
    text: str
    language: str | None = None
    words: list[_Word] | None = None
    segments: list[_Segment] | None = None


_HEARD = TypeAdapter(_Heard)


class OpenAiTranscriber(Server):
    """A `Transcriber`. It asks for the times of words. Servers give them beside the text (OpenAI, speaches), within
    segments (whisper.cpp), or only those of segments, whose words then share its time by their length; LocalAI counts
    nanoseconds. `deadline_s` should be as long as a recording takes: nothing is answered before."""

    operation = "transcription"
    counted = (Unit.AUDIO_SECOND,)

    def call(self, task: TranscriptionTask, take: int = 0) -> ProviderCall:
        """The call; its maximum cost is its exact cost."""
        return ProviderCall(
            provider=self.provider,
            model=self.model,
            operation=self.operation,
            input=task.model_dump(mode="json"),
            max_cost_micros=self.cost({Unit.AUDIO_SECOND: task.duration_ms / 1_000}),
            take=take,
        )

    async def transcribe(self, call: ProviderCall, turn: Turn, recording: Path) -> Transcript:
        """Make the call; the recording is read while it is sent, 64 KiB at a time. Raises Unspeakable for a file that
        is no audio, BadAnswer for an answer that makes no sense, Permanent for one without any times."""
        task = TranscriptionTask.model_validate(call.input)
        fields: dict[str, Any] = {
            "model": call.model,
            "response_format": "verbose_json",
            "timestamp_granularities[]": ["word", "segment"],
        }
        if task.language is not None:
            fields["language"] = task.language.split("-")[0].lower()
        with await asyncio.to_thread(recording.open, "rb") as file:
            kind = sniff.kind(file.read(16))
            if kind is None:
                raise Unspeakable("the recording is not audio of a known kind")
            file.seek(0)
            # Servers go by the name's ending.
            part = (f"recording.{kind}", file, sniff.MEDIA_TYPES[kind])
            body = await self.ask_json(turn, "/audio/transcriptions", data=fields, files={"file": part})
        try:
            heard = _HEARD.validate_python(body)
        except ValidationError:
            raise BadAnswer(f"{self.provider}'s transcript is not of the form that was asked for") from None
        words = list(self._words(heard))
        scale = _scale(words, task.duration_ms / 1_000)
        return Transcript(
            language=task.language or language_tag(heard.language or ""),
            words=tuple(_heard_words(_punctuated(words, heard.text), scale)),
            cost_micros=call.max_cost_micros,
        )

    def _words(self, heard: _Heard) -> list[_Word]:
        """The words with their times, as far as the server gives those."""
        segments = heard.segments or []
        if heard.words:
            return heard.words
        if any(segment.words for segment in segments):
            return [word for segment in segments for word in segment.words or _spread(segment)]
        if segments:
            return [word for segment in segments for word in _spread(segment)]
        if heard.text.strip():
            raise Permanent(f"{self.provider}'s {self.model} gives no times: choose a server or model that does")
        return []


def _spread(segment: _Segment) -> list[_Word]:
    """A segment's words, each with a share of its time by its length."""
    words = segment.text.split()
    total = sum(map(len, words))
    spread, done = [], 0
    for word in words:
        start, end = ((segment.end - segment.start) * part / total for part in (done, done + len(word)))
        spread.append(_Word(word=word, start=segment.start + start, end=segment.start + end))
        done += len(word)
    return spread


def _scale(words: Sequence[_Word], duration_s: float) -> float:
    """Milliseconds in the server's unit of time: times that are a thousand recordings long are nanoseconds."""
    last = max((word.end for word in words), default=0.0)
    return 1_000 / _NANOSECONDS if last > 1_000 * max(duration_s, 1.0) else 1_000.0


def _punctuated(words: Sequence[_Word], text: str) -> list[_Word]:
    """The words as they stand in the text, with the marks around them, which OpenAI leaves out of its words. As they
    are, when the text does not have all of them in this order."""
    places, at = [], 0
    for word in words:
        bare = word.word.strip()
        found = text.find(bare, at, at + len(bare) + _MARKS) if bare else -1
        if found < 0:
            return list(words)
        at = found + len(bare)
        places.append((found, at))
    whole = []
    start = 0
    for index, (word, (_, end)) in enumerate(zip(words, places, strict=True)):
        following = places[index + 1][0] if index + 1 < len(places) else len(text)
        gap = text[end:following]
        # What stands before the last blank belongs to this word, what comes after it to the next one: "so," — “he
        blank = max((place for place, mark in enumerate(gap) if mark.isspace()), default=-1)
        cut = following if index + 1 == len(places) or blank < 0 else end + blank
        whole.append(word.model_copy(update={"word": text[start:cut]}))
        start = cut
    return whole


def _heard_words(words: Sequence[_Word], scale: float) -> list[HeardWord]:
    heard, last = [], 0
    for word in words:
        text = " ".join(word.word.split())
        if not text:
            continue
        # Whisper's times overlap by rounding, and now and then run backwards.
        start = max(last, round(word.start * scale))
        last = start
        sure = word.probability is not None and 0 <= word.probability <= 1
        heard.append(
            HeardWord(
                text=text,
                start_ms=start,
                end_ms=max(start, round(word.end * scale)),
                confidence=word.probability if sure else None,
            )
        )
    return heard
