"""Transcripts without a key, by faster-whisper (MIT). An extra: `pip install 'bookwright[whisper]'`.

It computes for minutes, with all cores and gigabytes, in code that can't be stopped, and it decodes recordings of
strangers: a process of its own with bounded memory does that (`whisper_server`). No code of it is loaded into this one.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import BadAnswer, Misconfigured, Permanent, Unspeakable
from bookwright.contracts.media import HeardWord, Transcript, TranscriptionTask
from bookwright.contracts.ports.calls import Turn
from bookwright.providers.connected import Closing
from bookwright.providers.extras import needs
from bookwright.providers.local.child import Child

MAX_MS = 2 * 3_600_000
"""A longer recording is to be taken apart before: it is decoded as a whole, at 230 MB an hour."""
MEMORY_BYTES = 6 << 30
PARAGRAPH_PAUSE_MS = 1_500
"""Whisper knows no paragraphs; one begins after a pause as long as this."""
_MODULE = "bookwright.providers.local.whisper_server"


class WhisperTranscriber(Closing):
    """A `Transcriber`: one recording at a time. Call `close` in the end."""

    provider = "faster-whisper"
    operation = "transcription"
    concurrency = 1

    def __init__(
        self,
        model: str | Path = "base",
        compute: str = "int8",
        threads: int | None = None,
        deadline_s: float = 3_600,
        memory_bytes: int = MEMORY_BYTES,
        command: Sequence[str] | None = None,
    ) -> None:
        """`model` is a folder with a converted model, or a name such as `small`, which the process fetches from its hub
        when it first starts; `threads` are cores (all); `deadline_s` is for a recording; `command` starts the process
        (for tests). Raises Misconfigured for a missing extra or a folder that holds no model."""
        self._release = needs("whisper", "faster_whisper", "faster-whisper")
        path = Path(model)
        self.model = path.name
        self._size: int | None = None
        if isinstance(model, Path) or path.is_dir() or os.sep in str(model):
            file = path / "model.bin"
            if not file.is_file():
                raise Misconfigured("Whisper's model must be a name such as small, or a folder with a model.bin")
            # Folders may have equal names: the size tells models apart.
            model, self._size = path.resolve(), file.stat().st_size
        if deadline_s <= 0 or (threads is not None and threads < 1):
            raise Misconfigured("Whisper needs at least one thread and a deadline above 0")
        self._compute = compute
        options = (str(model), compute, str(threads or os.cpu_count() or 1), str(memory_bytes))
        self._child = Child("whisper", (*(command or (sys.executable, "-m", _MODULE)), *options), deadline_s)

    def call(self, task: TranscriptionTask, take: int = 0) -> ProviderCall:
        """The call; free. Raises Unspeakable for more than two hours."""
        if task.duration_ms > MAX_MS:
            raise Unspeakable(f"Whisper takes recordings of at most {MAX_MS // 3_600_000} hours here: split it")
        return ProviderCall(
            provider=self.provider,
            model=self.model,
            operation=self.operation,
            input={
                "recording": task.recording,
                "language": task.language.replace("_", "-").lower().split("-")[0] if task.language else None,
                "compute": self._compute,
                "size": self._size,
                "release": self._release,
            },
            max_cost_micros=0,
            take=take,
        )

    async def transcribe(self, call: ProviderCall, turn: Turn, recording: Path) -> Transcript:
        """The words with their times. Raises what entering the turn raises, Refused when the process died or took too
        long, Unspeakable for what is no audio or a language that the model does not know, Permanent when the memory it
        may have is not enough. Whoever is cancelled stops the process."""
        request = {"path": str(recording), "language": call.input["language"]}
        said, _ = await self._child.ask(request, turn)
        match said.get("error"):
            case None:
                return _transcript(said)
            case "audio":
                raise Unspeakable("this recording can't be decoded")
            case "language":
                raise Unspeakable(f"the model {self.model} does not know this language")
            case _:
                raise Permanent(
                    "Whisper needs more memory than it may have (WHISPER_MEMORY_GB) for this recording and model"
                )

    async def close(self) -> None:
        """Stop the process. The next call starts a new one."""
        await self._child.close()


def _transcript(said: dict[str, Any]) -> Transcript:
    """Raises BadAnswer for what is none."""
    words: list[HeardWord] = []
    paragraphs: list[int] = []
    try:
        for text, start_ms, end_ms, probability in said["words"]:
            if not text.strip():
                continue
            if not words or start_ms - words[-1].end_ms >= PARAGRAPH_PAUSE_MS:
                paragraphs.append(len(words))
            words.append(
                HeardWord(
                    text=text.strip(),
                    start_ms=start_ms,
                    end_ms=max(start_ms, end_ms),
                    confidence=min(max(probability, 0.0), 1.0),
                )
            )
        return Transcript(language=said["language"], words=tuple(words), paragraphs=tuple(paragraphs))
    except (KeyError, TypeError, ValueError):
        raise BadAnswer("whisper's answer makes no sense") from None
