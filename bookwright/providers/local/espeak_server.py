"""espeak-ng in a process of its own: `python -m bookwright.providers.local.espeak_server SOCKET`.

espeak-ng is GPL, so it is run beside Bookwright and not loaded into it. The library is initialised once; every clip is
spoken by a fresh fork of that pristine state, because only the first clip after initialisation is the same each time.

Protocol, one clip per connection, lengths as 4 bytes big-endian: the client sends length + JSON
`{"text", "voice", "rate", "pitch"}`, and `"ipa"`, a list of `[first character, characters, IPA]` in their order, for
words of the text that are to be said so; the answer is length + JSON `{"ok": true, "rate", "bytes", "words"}` followed
by `bytes` bytes of WAV, or `{"ok": false, "error"}`. `words` is a list of `[first character, characters,
milliseconds]`. One JSON line on standard output says that the server listens. It ends when its standard input ends or
its parent dies. Only the standard library is imported here, and what imports nothing else: a fork has to stay cheap.
"""

import ctypes
import gc
import json
import os
import re
import resource
import select
import signal
import socket
import struct
import sys
import unicodedata
from collections.abc import Callable
from contextlib import suppress

from bookwright.providers.local.espeak_ipa import names_in, phonemes

MAX_REQUEST = 1 << 20
"""Bytes in a request."""
CLIP_SECONDS = 120
"""After this long a child is ended by its alarm, whatever it is doing."""

_SYNCHRONOUS, _DONT_EXIT, _BUFFER_MS = 2, 0x8000, 500
_WORD, _UTF8, _POS_CHARACTER, _RATE, _PITCH = 1, 1, 1, 1, 3
_PHONEMES = 0x100
"""What stands between two brackets is phonemes."""
_HEARD_SAMPLES = 400
"""A phoneme that a voice does not have is a silence shorter than this."""
_AFTERWARDS, _AFTERWARDS_SAMPLES = "ma:ma:", 3_000
"""Phonemes of every voice, and what they add at least. A name of which a voice knows only the beginning is heard by
itself, and ends the word all the same."""
_DATA_PATH_LIMIT = 160
_PR_SET_PDEATHSIG = 1
_NUMBER = re.compile(r"\d+(?:[.,:/'’٫٬-]\d+)*")
_SEPARATORS = {"٫": ".", "٬": ","}
"""Arabic marks inside numbers."""
_MERGED_WORDS, _MERGED_CHARS = 3, 30


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    """`espeak_EVENT` of speak_lib.h."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Event))


def plain(text: str) -> str:
    """`text` as espeak can say it, each character in its place. What it takes as a command becomes a space: controls
    (1 begins a command, 0 ends the text), private use (its own markers) and lone surrogates. Digits become those from
    0 to 9: its Urdu and Persian voices are silent about their own."""
    return "".join(_said(char) for char in text)


def _said(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category in ("Cc", "Co", "Cs") and char != "\n":
        return " "
    return _SEPARATORS.get(char, char)


def _wordy(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char)[0] == "M"


def tidy(text: str, events: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Word events `(1-based position, length, ms)` as `(start, length, ms)` in the code points of `text`.

    A number is one word though espeak says it in parts; words it says as one ("of the") make one span; stray
    punctuation at the edges goes; everything lies inside the text and runs forward.
    """
    numbers = {place: match.span() for match in _NUMBER.finditer(text) for place in range(*match.span())}
    spans: list[list[int]] = []
    for position, length, at_ms in events:
        start = max(position - 1, 0)
        end = min(start + length, len(text))
        while start < end and text[start].isspace():
            start += 1
        start_wordy, end_wordy = start, end
        while start_wordy < end and not _wordy(text[start_wordy]):
            start_wordy += 1
        while end_wordy > start_wordy and not _wordy(text[end_wordy - 1]):
            end_wordy -= 1
        if start_wordy < end_wordy:
            start, end = numbers.get(start_wordy, (start_wordy, end_wordy))
        if start >= end or (spans and start < spans[-1][1]):
            continue
        spans.append([start, end, max(at_ms, 0)])
    for index, span in enumerate(spans):
        limit = spans[index + 1][0] if index + 1 < len(spans) else len(text)
        gap = text[span[1] : limit]
        if len(gap) <= _MERGED_CHARS and len(gap.split()) <= _MERGED_WORDS:
            reach = max((place for place, char in enumerate(gap, 1) if _wordy(char)), default=0)
            span[1] += reach
    return [(start, end - start, at_ms) for start, end, at_ms in spans]


def wav_head(size: int, rate: int) -> bytes:
    """What makes `size` bytes of mono 16-bit PCM after it a WAV file."""
    return struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16,
                       b"data", size)  # fmt: skip


class Espeak:
    """The library, initialised. `rate` is its sample rate in Hz, `version` its own name for itself."""

    def __init__(self, folder: str) -> None:
        """`folder` is a short path that may be written to. Raises RuntimeError when the data can't be loaded."""
        import espeakng_loader

        self._lib = ctypes.CDLL(espeakng_loader.get_library_path())
        self._lib.espeak_Info.restype = ctypes.c_char_p
        data = espeakng_loader.get_data_path()
        if len(os.fsencode(data)) >= _DATA_PATH_LIMIT:
            link = os.path.join(folder, "espeak-ng-data")
            os.symlink(data, link)
            data = link
        self.rate: int = self._lib.espeak_Initialize(_SYNCHRONOUS, _BUFFER_MS, os.fsencode(data), _DONT_EXIT)
        if self.rate <= 0:
            raise RuntimeError(f"espeak-ng can't load its data from {data}")
        self.version: str = self._lib.espeak_Info(None).decode()

    def speak(
        self, text: str, voice: str, rate: int, pitch: int, alive: socket.socket, *, with_phonemes: bool = False
    ) -> tuple[bytes, list[tuple[int, int, int]]]:
        """PCM (mono, 16 bit) and raw word events. Only the first call of a process is reproducible. Stops early when
        the peer of `alive` hangs up. Raises RuntimeError when espeak refuses."""
        parts: list[bytes] = []
        events: list[tuple[int, int, int]] = []

        def receive(samples: int | None, count: int, event: "ctypes._Pointer[_Event]") -> int:
            if samples and count > 0:
                parts.append(ctypes.string_at(samples, 2 * count))
            index = 0
            while event[index].type:
                if event[index].type == _WORD:
                    word = event[index]
                    events.append((word.text_position, word.length, word.audio_position))
                index += 1
            return int(_hung_up(alive))

        callback = _CALLBACK(receive)
        self._lib.espeak_SetSynthCallback(callback)
        if hasattr(self._lib, "espeak_ng_SetRandSeed"):
            # Initialisation seeds the noise of breathy voices from the clock.
            self._lib.espeak_ng_SetRandSeed(ctypes.c_long(1))
        if self._lib.espeak_SetVoiceByName(voice.encode()) != 0:
            raise RuntimeError(f"there is no voice {voice!r}")
        for parameter, value in ((_RATE, rate), (_PITCH, pitch)):
            if self._lib.espeak_SetParameter(parameter, value, 0) != 0:
                raise RuntimeError(f"espeak-ng refuses the value {value} of parameter {parameter}")
        data = plain(text).encode()
        flags = _UTF8 | (_PHONEMES if with_phonemes else 0)
        status = self._lib.espeak_Synth(data, ctypes.c_size_t(len(data) + 1), 0, _POS_CHARACTER, 0, flags, None, None)
        if status != 0:
            raise RuntimeError(f"espeak-ng reports error {status}")
        return b"".join(parts), events


def _hung_up(peer: socket.socket) -> bool:
    try:
        return peer.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def _read(peer: socket.socket, count: int) -> bytes:
    data = peer.recv(count, socket.MSG_WAITALL)
    if len(data) != count:
        raise EOFError("the client hung up")
    return data


def with_ipa(
    text: str, ipa: list[tuple[int, int, str]], has: Callable[[str], bool]
) -> tuple[str, Callable[[tuple[int, int, int]], tuple[int, int, int]]]:
    """The text with phonemes in place of words, and how its word events become those of the text. `has` says which
    phonemes there are. Brackets that the text has itself become spaces."""
    text = text.replace("[[", "  ")
    parts, swaps = [], []  # (first place of the phonemes, one past the last, first place of the word, its length)
    at = length = 0
    for start, size, said in ipa:
        parts += [text[at:start], f"[[{phonemes(said, has)}]]"]
        length += start - at
        swaps.append((length, length + len(parts[-1]), start, size))
        length += len(parts[-1])
        at = start + size

    def back(event: tuple[int, int, int]) -> tuple[int, int, int]:
        position, size, at_ms = event
        place, shift = max(position - 1, 0), 0
        for first, past, start, printed in swaps:
            if place < first:
                break
            if place < past:
                return start + 1, printed, at_ms
            shift = start + printed - past
        return place + shift + 1, size, at_ms

    return "".join([*parts, text[at:]]), back


def _phonemes_of(espeak: Espeak, voice: str, names: set[str], peer: socket.socket) -> set[str]:
    """Those of the phonemes that the voice has. They are tried in a fork, since only its first clip is reproducible."""
    ordered = sorted(names)
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        try:
            for name in ordered:
                alone, followed = (
                    len(espeak.speak(f"[[{name}{after}]]", voice, 175, 50, peer, with_phonemes=True)[0]) // 2
                    for after in ("", _AFTERWARDS)
                )
                known = alone > _HEARD_SAMPLES and followed - alone > _AFTERWARDS_SAMPLES
                os.write(writing, b"1" if known else b"0")
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as told:
        answers = told.read()
    with suppress(ChildProcessError):
        os.waitpid(child, 0)
    return {name for name, answer in zip(ordered, answers, strict=False) if answer == ord("1")}


def _answer(espeak: Espeak, peer: socket.socket) -> None:
    """Speak one clip; runs in a child of its own."""
    (length,) = struct.unpack(">I", _read(peer, 4))
    if length > MAX_REQUEST:
        raise EOFError("the request is too long")
    request = json.loads(_read(peer, length))
    pcm = front = b""
    try:
        voice, rate, pitch = request["voice"], request["rate"], request["pitch"]
        if ipa := [(start, size, said) for start, size, said in request.get("ipa", ())]:
            asked = {name for *_, said in ipa for name in names_in(said)}
            known = _phonemes_of(espeak, voice, asked, peer)
            text, back = with_ipa(request["text"], ipa, known.__contains__)
            pcm, events = espeak.speak(text, voice, rate, pitch, peer, with_phonemes=True)
            events = list(map(back, events))
        else:
            pcm, events = espeak.speak(request["text"], voice, rate, pitch, peer)
        front = wav_head(len(pcm), espeak.rate)
        size = len(front) + len(pcm)
        header = {"ok": True, "rate": espeak.rate, "bytes": size, "words": tidy(request["text"], events)}
    except RuntimeError as error:
        header = {"ok": False, "error": str(error)}
    head = json.dumps(header).encode()
    peer.sendall(struct.pack(">I", len(head)) + head + front)
    peer.sendall(pcm)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _fork(espeak: Espeak, listener: socket.socket, peer: socket.socket) -> None:
    server = os.getpid()
    if os.fork() != 0:
        return
    status = 1
    try:
        _die_with_parent()
        if os.getppid() == server:
            signal.alarm(CLIP_SECONDS)
            listener.close()
            _answer(espeak, peer)
            status = 0
    except (EOFError, OSError):
        pass  # the client is gone: nobody to tell
    finally:
        os._exit(status)


def serve(path: str) -> None:
    """Listen on the Unix socket `path` until standard input ends."""
    parent = os.getppid()
    _die_with_parent()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are reaped by the kernel
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    espeak = Espeak(os.path.dirname(path))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(path)
        listener.listen(128)
        gc.freeze()
        sys.stdout.write(json.dumps({"rate": espeak.rate, "version": espeak.version}) + "\n")
        sys.stdout.flush()
        while os.getppid() == parent:
            ready, _, _ = select.select([listener.fileno(), 0], [], [], 5.0)
            if 0 in ready and not os.read(0, 1024):
                return
            if listener.fileno() in ready:
                peer, _ = listener.accept()
                with peer:
                    _fork(espeak, listener, peer)


if __name__ == "__main__":
    serve(sys.argv[1])
