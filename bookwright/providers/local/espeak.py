"""espeak-ng as a speech engine: over a hundred languages, no key, no network, no cost.

The engine itself (GPL) runs in a process of its own, `espeak_server`; this side only knows the names of its voices and
talks to it over a Unix socket. Voices are read from the data files, so everything but `speak` works without a server.
"""

import asyncio
import difflib
import functools
import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import socket
import struct
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from bookwright.contracts import errors
from bookwright.contracts.book import SpokenClip, Voice, WordTiming
from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.lexicon import SaidAs
from bookwright.contracts.ports.calls import Turn

WORDS_PER_MINUTE = 175
PITCH = 50
"""espeak-ng's own scale, 0 to 99."""

_VARIANTS = {"f2": "female", "f3": "female, brighter", "m3": "male", "m7": "male, deeper"}
_ALIASES = {"no": "nb", "iw": "he", "in": "id", "zh-hk": "yue", "zh-mo": "yue", "zh-yue": "yue"}
_RESAID = re.compile("[\u06f0-\u06f9\u066b\u066c]")
"""What espeak-ng says another way since the server gives it digits from 0 to 9: a call of its own for the ledger."""
_MAX_HEADER = 1 << 20
_MAX_AUDIO = 1 << 28
_START_SECONDS = 20.0
_TIMINGS = TypeAdapter(tuple[WordTiming, ...])
_MODULE = "bookwright.providers.local.espeak_server"


class _Base(NamedTuple):
    """A voice file of espeak-ng: its public id, what espeak calls it, and the languages it serves by priority."""

    id: str
    engine_name: str
    name: str
    languages: dict[str, int]


def _data_folder() -> Path:
    # Found without importing the loader, so that no GPL code is loaded into this process.
    spec = importlib.util.find_spec("espeakng_loader")
    if spec is None or spec.origin is None:
        raise errors.Misconfigured("espeakng-loader is not installed: pip install espeakng-loader")
    return Path(spec.origin).parent / "espeak-ng-data"


@functools.cache
def _bases() -> dict[str, _Base]:
    lang = _data_folder() / "lang"
    bases: dict[str, _Base] = {}
    for file in sorted(path for path in lang.rglob("*") if path.is_file()):
        name, dictionary = file.name, None
        languages: dict[str, int] = {}
        for line in file.read_text("utf-8", errors="replace").splitlines():
            key, _, rest = line.partition(" ")
            if key == "name":
                name = rest.strip()
            elif key == "dictionary":
                dictionary = rest.strip()
            elif key == "language" and rest.strip():
                tag, *priority = rest.split()
                languages[tag.lower()] = int(priority[0]) if priority and priority[0].isdecimal() else 5
        if languages and _has_dictionary(lang.parent, languages, dictionary):
            ident = next(iter(languages))
            ident = ident if ident not in bases else file.name.lower()
            bases[ident] = _Base(ident, file.relative_to(lang).as_posix(), name, languages)
    if not bases:
        raise errors.Misconfigured(f"espeak-ng's voices are missing from {lang}: install espeakng-loader again")
    return bases


def _has_dictionary(data: Path, languages: dict[str, int], named: str | None) -> bool:
    """Some languages (Faroese among them) have a voice file and no dictionary: their voices are mute."""
    names = [named] if named else [tag.split("-")[0] for tag in languages]
    return any((data / f"{name}_dict").exists() for name in names)


@functools.cache
def _variants() -> frozenset[str]:
    return frozenset(path.name for path in (_data_folder() / "voices" / "!v").iterdir() if " " not in path.name)


def _cased(tag: str) -> str:
    """A language tag in the usual letter case: `pt-BR`, `fa-Latn`."""
    first, *rest = tag.split("-")
    sizes = {2: str.upper, 4: str.title}
    return "-".join([first, *(sizes.get(len(part), str)(part) for part in rest)])


def _ranked(language: str) -> list[_Base]:
    """The base voices for a language: those of exactly that tag first, then those of its shorter forms."""
    tag = language.strip().lower().replace("_", "-")
    found: dict[str, _Base] = {}
    while tag:
        names = [tag, _ALIASES[tag]] if tag in _ALIASES else [tag]
        fitting = [(base.languages[name], len(base.id), base) for name in names[::-1] for base in _bases().values()
                   if name in base.languages]  # fmt: skip
        for _, _, base in sorted(fitting, key=lambda item: item[:2]):
            found.setdefault(base.id, base)
        tag = tag.rpartition("-")[0]
    return list(found.values())


class EspeakEngine:
    """The port `SpeechEngine` on espeak-ng. One server process per engine, started with the first clip.

    Not for use from several event loops. Call `close` in the end; a killed process takes its server along.
    """

    provider = "espeak-ng"
    max_chars = 1_500

    def __init__(
        self, *, rate: int = WORDS_PER_MINUTE, deadline_s: float = 60.0, command: Sequence[str] | None = None
    ) -> None:
        """`rate` is in words a minute; `deadline_s` is for a whole clip; `command` starts the server (for tests)."""
        self.model = "espeak-ng"
        self._release = importlib.metadata.version("espeakng-loader")
        self.concurrency = os.cpu_count() or 1
        self._rate = rate
        self._deadline_s = deadline_s
        self._command = tuple(command or (sys.executable, "-m", _MODULE))
        self._starting = asyncio.Lock()
        self._server: asyncio.subprocess.Process | None = None
        self._folder: Path | None = None

    def voices(self, language: str) -> Sequence[Voice]:
        """The voices for a BCP 47 language, best first: its base voices, and variants of the best one (`hi+f2`)."""
        ranked = _ranked(language)
        if not ranked:
            tags = sorted({tag for base in _bases().values() for tag in base.languages})
            near = ", ".join(difflib.get_close_matches(language.lower(), tags, n=4)) or "en, hi, ar, es, pt-BR"
            offered = ", ".join(sorted({tag.partition("-")[0] for tag in tags}))
            raise errors.UnknownLanguage(
                f"espeak-ng does not speak the language {language[:35]!r}; it has {len(_bases())} voices, for {near} "
                f"and others. Give the BCP 47 tag of one of these: {offered}."
            )
        best = ranked[0]
        varied = [(f"{best.id}+{name}", f"{best.name}, {kind}") for name, kind in _VARIANTS.items()]
        voices = [Voice(id=base.id, language=_cased(next(iter(base.languages))), name=base.name) for base in ranked]
        return voices + [Voice(id=ident, language=voices[0].language, name=name) for ident, name in varied]

    def voice(self, language: str, wanted: str | None) -> Voice:
        """The wanted voice, or the best. Any of espeak-ng's variants may follow a base voice: `en-us+klatt3`."""
        offered = self.voices(language)
        if wanted is None:
            return offered[0]
        base_id, plus, variant = wanted.partition("+")
        for voice in offered:
            if voice.id == wanted.lower():
                return voice
            if voice.id == base_id.lower() and plus and variant in _variants():
                return Voice(id=f"{voice.id}+{variant}", language=voice.language, name=f"{voice.name}, {variant}")
        names = ", ".join(voice.id for voice in offered[:8])
        raise errors.UnknownVoice(
            f"espeak-ng has no voice {wanted[:60]!r} for {language}; it has {names}. Leave the voice out for the best."
        )

    def call(self, text: str, voice: Voice, take: int = 0) -> ProviderCall:
        """The call that speaks `text`; free. Raises Unspeakable for a text of more than `max_chars`."""
        if len(text) > self.max_chars:
            raise errors.Unspeakable(
                f"A clip of {len(text)} characters is over the {self.max_chars} that espeak-ng takes at once: split it."
            )
        said: dict[str, Any] = {"text": text, "voice": voice.id}
        said |= {"rate": self._rate, "pitch": PITCH, "release": self._release}
        if _RESAID.search(text):
            said["figures"] = "0-9"
        return ProviderCall(
            provider=self.provider,
            model=self.model,
            operation="speech",
            input=said,
            max_cost_micros=0,
            take=take,
        )

    def call_with_ipa(self, text: str, voice: Voice, ipa: Sequence[SaidAs], take: int = 0) -> ProviderCall:
        """The call that speaks `text` with words of it as IPA says them."""
        plain = self.call(text, voice, take)
        return plain.model_copy(update={"input": {**plain.input, "ipa": [list(said) for said in ipa]}})

    async def speak(self, call: ProviderCall, turn: Turn) -> SpokenClip:
        """Speak one clip as WAV with word timings; the same call gives the same bytes.

        Raises what entering the turn raises, Refused when the server died or the deadline passed (nothing is ever
        paid), NotSent when it can't be started in time, BadAnswer for an answer that makes no sense or has no audio,
        Unspeakable when espeak-ng refuses or the text has nothing to say, UnknownVoice.
        """
        request = {**call.input, "voice": _engine_voice(str(call.input["voice"]))}
        try:
            async with turn, asyncio.timeout(self._deadline_s):
                header, audio = await self._exchange(json.dumps(request).encode())
        except TimeoutError as error:
            raise errors.Refused(f"espeak-ng did not answer within {self._deadline_s:g} s.") from error
        except OSError as error:
            raise errors.Refused("The espeak-ng process ended in the middle of a clip.") from error
        return _clip(str(call.input["text"]), header, audio)

    async def start(self) -> None:
        """Start the server unless it runs. Raises Misconfigured when it can't start."""
        async with self._starting:
            if self._server is None or self._server.returncode is not None:
                await self._stop()
                await self._launch()

    async def close(self) -> None:
        """Stop the server and remove its socket. Clips in flight end in Refused."""
        async with self._starting:
            await self._stop()

    async def _exchange(self, request: bytes) -> tuple[dict[str, Any], bytes]:
        with await self._connect() as peer:
            try:
                await asyncio.get_running_loop().sock_sendall(peer, struct.pack(">I", len(request)) + request)
                head_size = struct.unpack(">I", await _receive(peer, 4))[0]
                if head_size > _MAX_HEADER:
                    raise errors.BadAnswer("espeak-ng's answer has a header of impossible size.")
                try:
                    header = json.loads(await _receive(peer, head_size))
                    size = int(header.get("bytes", 0))
                except (ValueError, AttributeError, TypeError) as error:
                    raise errors.BadAnswer("espeak-ng's answer has an unreadable header.") from error
                if not 0 <= size <= _MAX_AUDIO:
                    raise errors.BadAnswer("espeak-ng's answer is of impossible size.")
                # The clip is finished now, and comes in one piece: megabytes, which would keep the event loop busy.
                return header, await asyncio.to_thread(receive_whole, peer, size)
            finally:
                # Hanging up makes the child stop, and a thread that is still receiving.
                with suppress(OSError):
                    peer.shutdown(socket.SHUT_RDWR)

    async def _connect(self) -> socket.socket:
        await self.start()
        tried = self._server
        try:
            return await self._dial()
        except (FileNotFoundError, ConnectionRefusedError):
            # It died and its end has not been noticed yet; nothing was asked of it, so begin anew.
            async with self._starting:
                if self._server is tried:
                    await self._stop()
            await self.start()
            return await self._dial()

    async def _dial(self) -> socket.socket:
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            peer.setblocking(False)
            await asyncio.get_running_loop().sock_connect(peer, self._socket())
        except BaseException:
            peer.close()
            raise
        return peer

    def _socket(self) -> str:
        if self._folder is None:
            raise errors.NotSent("The espeak-ng process was stopped.")
        return str(self._folder / "s")

    async def _launch(self) -> None:
        # A socket's path has room for about 100 bytes, which a long TMPDIR would use up.
        short = len(os.fsencode(tempfile.gettempdir())) < 60
        self._folder = Path(tempfile.mkdtemp(prefix="bookwright-", dir=None if short else "/tmp"))  # noqa: S108 - `mkdtemp` makes it ours alone
        pipe = asyncio.subprocess.PIPE
        try:
            self._server = await asyncio.create_subprocess_exec(*self._command, self._socket(), stdin=pipe, stdout=pipe)
            assert self._server.stdout is not None
            async with asyncio.timeout(_START_SECONDS):
                ready = await self._server.stdout.readline()
            if not ready:
                raise errors.Misconfigured("espeak-ng does not start: see its message on standard error.")
        except BaseException as error:
            await self._stop()
            if isinstance(error, TimeoutError):
                raise errors.NotSent(f"espeak-ng did not start within {_START_SECONDS:g} s.") from error
            raise

    async def _stop(self) -> None:
        server, self._server = self._server, None
        folder, self._folder = self._folder, None
        if server is not None:
            if server.returncode is None:
                try:
                    server.kill()
                except ProcessLookupError:
                    pass
            if server.stdin is not None:
                server.stdin.close()
            await server.wait()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


async def _receive(peer: socket.socket, size: int) -> bytes:
    """Exactly `size` bytes. Raises ConnectionError when the peer hangs up before."""
    data = b""
    while len(data) < size:
        part = await asyncio.get_running_loop().sock_recv(peer, size - len(data))
        if not part:
            raise ConnectionResetError("espeak-ng hung up")
        data += part
    return data


def receive_whole(peer: socket.socket, size: int) -> bytes:
    """The same for an answer that is complete at the other end: mostly one call, without copies."""
    peer.setblocking(True)
    data = peer.recv(size, socket.MSG_WAITALL)
    while len(data) < size:  # a signal came, or the process was stopped and went on; or the other end has gone
        part = peer.recv(size - len(data), socket.MSG_WAITALL)
        if not part:
            raise ConnectionResetError("espeak-ng hung up")
        data += part
    return data


def _engine_voice(ident: str) -> str:
    base_id, plus, variant = ident.partition("+")
    base = _bases().get(base_id)
    if base is None or (plus and variant not in _variants()):
        raise errors.UnknownVoice(f"espeak-ng has no voice {ident[:60]!r}.")
    return base.engine_name + plus + variant


def _clip(text: str, header: dict[str, Any], audio: bytes) -> SpokenClip:
    if not header.get("ok"):
        raise errors.Unspeakable(f"espeak-ng can't speak this text: {header.get('error', 'no reason given')}.")
    try:
        timings = [{"start": start, "length": size, "at_ms": at} for start, size, at in header["words"]]
        words = _TIMINGS.validate_python(timings)
    except (KeyError, TypeError, ValueError) as error:
        raise errors.BadAnswer("espeak-ng's word timings are unreadable.") from error
    if not words and not any(char.isalnum() for char in text):
        raise errors.Unspeakable("There is nothing in this text that espeak-ng could say.")
    if audio[:4] != b"RIFF" or not any(memoryview(audio)[44:]):
        raise errors.BadAnswer("espeak-ng answered without audio.")
    return SpokenClip(audio=audio, media_type="audio/wav", words=words)
