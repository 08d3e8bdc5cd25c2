"""Speech without a key, by Piper: more natural than espeak-ng, where there is a voice. An extra: `pip install
'bookwright[piper]'`; voices are fetched by whoever wants them (`python -m piper.download_voices`).

piper-tts (GPL) runs in a process of its own, `piper_server`; this side reads only the voices' descriptions.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bookwright import sniff
from bookwright.contracts.book import SpokenClip, Voice
from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import (
    BadAnswer,
    Misconfigured,
    Permanent,
    UnknownLanguage,
    UnknownVoice,
    Unspeakable,
)
from bookwright.contracts.lexicon import SaidAs
from bookwright.contracts.ports.calls import Turn
from bookwright.providers.connected import Closing
from bookwright.providers.extras import needs
from bookwright.providers.local.child import Child
from bookwright.providers.local.espeak_server import plain

MEMORY_BYTES = 4 << 30
_MODULE = "bookwright.providers.local.piper_server"


@dataclass(frozen=True)
class _Model:
    """One voice of a model, which may have several."""

    path: Path
    speaker: int | None
    voice: Voice


class PiperEngine(Closing):
    """A `SpeechEngine`: one clip at a time, with all cores, without word timings. The same call does not give the same
    bytes: Piper's voices have chance in them. Call `close` in the end."""

    provider = "piper"
    model = "piper"
    max_chars = 1_500
    concurrency = 1

    def __init__(
        self,
        voices: str | Path,
        deadline_s: float = 120,
        memory_bytes: int = MEMORY_BYTES,
        command: Sequence[str] | None = None,
    ) -> None:
        """`voices` is a voice (`….onnx`, with its `….onnx.json` beside it) or a folder of them; `deadline_s` is for a
        clip; `command` starts the process (for tests). Raises Misconfigured for a missing extra or no voice there."""
        self._release = needs("piper", "piper", "piper-tts")
        if not str(voices):
            raise Misconfigured("Piper needs the path of a voice, or of a folder with voices")
        path = Path(voices).expanduser().resolve()
        files = sorted(path.glob("*.onnx")) if path.is_dir() else [path]
        self._models = {model.voice.id: model for file in files for model in _described(file)}
        if not self._models:
            raise Misconfigured("Piper has no voice there: fetch one with `python -m piper.download_voices`")
        if deadline_s <= 0:
            raise Misconfigured("Piper needs a deadline above 0")
        command = (*(command or (sys.executable, "-m", _MODULE)), str(memory_bytes))
        self._child = Child("piper", command, deadline_s)

    def voices(self, language: str) -> Sequence[Voice]:
        """The voices for a BCP 47 language, those of its region first. Raises UnknownLanguage."""
        tag = language.strip().lower().replace("_", "-")
        primary = tag.split("-")[0]
        voices = [model.voice for model in self._models.values() if model.voice.language.split("-")[0] == primary]
        if not voices:
            spoken = ", ".join(sorted({model.voice.language for model in self._models.values()}))
            raise UnknownLanguage(f"no voice of Piper that is here speaks this language; there are voices for {spoken}")
        return sorted(voices, key=lambda voice: voice.language.lower() != tag)

    def voice(self, language: str, wanted: str | None) -> Voice:
        """The wanted voice, or the first. Raises UnknownLanguage or UnknownVoice."""
        voices = self.voices(language)
        if wanted is None:
            return voices[0]
        for voice in voices:
            if wanted.strip().lower() == voice.id.lower():
                return voice
        raise UnknownVoice(f"Piper has no such voice for this language; it has {', '.join(v.id for v in voices[:8])}")

    def call(self, text: str, voice: Voice, take: int = 0) -> ProviderCall:
        """The call that speaks `text`; free. Raises Unspeakable for blank text and for more than `max_chars`."""
        if not text.strip() or len(text) > self.max_chars:
            raise Unspeakable(f"Piper takes 1 to {self.max_chars} characters in one call, and not only blanks")
        return ProviderCall(
            provider=self.provider,
            model=self.model,
            operation="speech",
            input={"text": text, "voice": voice.id, "release": self._release},
            max_cost_micros=0,
            take=take,
        )

    def call_with_ipa(self, text: str, voice: Voice, ipa: Sequence[SaidAs], take: int = 0) -> ProviderCall:
        """The call that speaks `text` with words of it as IPA says them: Piper's voices are made of it."""
        plain = self.call(text, voice, take)
        return plain.model_copy(update={"input": {**plain.input, "ipa": [list(said) for said in ipa]}})

    async def speak(self, call: ProviderCall, turn: Turn) -> SpokenClip:
        """Speak one clip as WAV. Raises what entering the turn raises, Refused when the process died or took too long,
        Unspeakable for a text with nothing to say, UnknownVoice, Permanent when the memory it may have is not enough.
        Whoever is cancelled stops the process."""
        model = self._models.get(call.input["voice"])
        if model is None:
            raise UnknownVoice("Piper's voice is not here any more")
        text = _marked(call.input["text"], call.input.get("ipa", ()))
        request = {"voice": str(model.path), "speaker": model.speaker, "text": text}
        said, audio = await self._child.ask(request, turn)
        if said.get("error") == "silent":
            raise Unspeakable("there is nothing in this text that Piper could say")
        if "error" in said:
            raise Permanent("Piper needs more memory than it may have")
        if sniff.kind(audio) != "wav" or sniff.is_cut(audio, "wav") or not any(memoryview(audio)[44:]):
            raise BadAnswer("piper answered without audio")
        return SpokenClip(audio=audio, media_type=sniff.MEDIA_TYPES["wav"])

    async def close(self) -> None:
        """Stop the process. The next call starts a new one."""
        await self._child.close()


def _marked(text: str, ipa: Iterable[tuple[int, int, str]]) -> str:
    """The text as Piper takes it: phonemes are between two brackets, and controls would be commands."""
    parts, at = list[str](), 0
    for start, length, said in ipa:
        parts += [_unmarked(text[at:start]), f"[[{said}]]"]
        at = start + length
    return "".join([*parts, _unmarked(text[at:])])


def _unmarked(text: str) -> str:
    return plain(text).replace("[[", "[ [")


def _described(file: Path) -> list[_Model]:
    """The voices of a model, as the description beside it has them. Raises Misconfigured."""
    try:
        described = json.loads(Path(f"{file}.json").read_text("utf-8"))
        code = described.get("language", {}).get("code") or described["espeak"]["voice"]
        speakers: dict[str, int] = described.get("speaker_id_map") or {}
        several = int(described.get("num_speakers", 1)) > 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise Misconfigured(f"Piper's voice {file.name} is not there, or has no readable {file.name}.json") from None
    if not file.is_file():
        raise Misconfigured(f"Piper's voice {file.name} is not there")
    first, *rest = str(code).replace("_", "-").split("-")
    tag = "-".join([first.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])
    if not several or not speakers:
        return [_Model(file, None, Voice(id=file.stem, language=tag, name=file.stem))]
    return [
        _Model(file, number, Voice(id=f"{file.stem}#{name}", language=tag, name=f"{file.stem}, {name}"))
        for name, number in speakers.items()
    ]
