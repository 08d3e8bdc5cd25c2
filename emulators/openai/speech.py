"""`POST /v1/audio/speech`."""

import asyncio
from dataclasses import dataclass

from starlette.requests import Request

from emulators import mp3, tone
from emulators.endpoint import Body, Refusal, json_object
from emulators.knobs import Fault, Kind
from emulators.openai.server import BAD, OpenAiEndpoint, text_field

VOICES = {
    "openai": ("alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer", "verse"),
    "kokoro": ("af_heart", "af_bella", "am_adam", "bf_emma", "hf_alpha", "hm_omega", "jf_alpha", "zf_xiaobei"),
}
"""Other servers take any."""
RATE = 24_000
KBITS = 64
MAX_CHARS = 4_096


@dataclass(frozen=True)
class Asked:
    """A valid request, as far as the answer depends on it."""

    text: str
    form: str
    speed: float


class Speech(OpenAiEndpoint[Asked]):
    """Speech-like sound. `kokoro` streams it, without saying how long it is; `localai` makes WAV in any case."""

    known = frozenset({"model", "input", "voice", "response_format", "speed", "instructions", "stream_format"})

    async def read(self, request: Request) -> Asked:
        fields = await json_object(request)
        self.check_fields(fields)
        most = MAX_CHARS if self.server == "openai" else 1_000_000
        text, voice = text_field(fields, "input", most), fields.get("voice")
        if not isinstance(voice, str) or voice not in VOICES.get(self.server, (voice,)):
            raise Refusal(BAD, f"Voice '{voice}' not found.", "invalid_voice")
        form, speed = fields.get("response_format", "mp3"), fields.get("speed", 1.0)
        if form not in ("wav", "mp3"):
            raise Refusal(BAD, "This emulator makes wav and mp3 only.", "invalid_value")
        if not isinstance(speed, int | float) or not 0.25 <= speed <= 4:
            raise Refusal(BAD, "Invalid 'speed': expected a value between 0.25 and 4.", "decimal_above_max_value")
        return Asked(text, "wav" if self.server in ("localai", "careless") else form, float(speed))

    def unit(self, asked: Asked) -> str:
        return asked.text

    async def answer(self, asked: Asked, rule: Fault | None, number: int) -> Body:
        kind = rule.kind if rule else None
        audio = await asyncio.to_thread(self._audio, asked, kind)
        if rule and kind is Kind.CUT:
            audio = audio[: int(len(audio) * rule.keep)]
        elif kind in (Kind.ZERO, Kind.NO_AUDIO):
            audio = b""
        elif kind in (Kind.GARBAGE, Kind.WRONG_TYPE):
            audio = b"this is not a sound, it is a text about one\n" * 200
        media_type = "audio/wav" if asked.form == "wav" else "audio/mpeg"
        return Body(audio, media_type, streamed=self.server == "kokoro")

    def _audio(self, asked: Asked, kind: Kind | None) -> bytes:
        wav = tone.wav(asked.text, RATE, asked.speed)
        head = wav.index(b"data") + 8
        if kind is Kind.SILENT:
            wav = wav[:head] + bytes(len(wav) - head)
        if asked.form == "mp3":
            return mp3.encoded(wav, KBITS)
        if self.server == "kokoro":  # written before its length is known
            return wav[:4] + b"\xff" * 4 + wav[8 : head - 4] + b"\xff" * 4 + wav[head:]
        return wav
