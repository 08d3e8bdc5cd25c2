"""The espeak-ng engine, on the real espeak-ng: languages, places of words, same bytes, and servers that die."""

import asyncio
import fcntl
import hashlib
import os
import re
import signal
import socket
import subprocess
import sys
import termios
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from bookwright.contracts.book import SpokenClip
from bookwright.contracts.errors import (
    BadAnswer,
    Misconfigured,
    Refused,
    UnknownLanguage,
    UnknownVoice,
    Unspeakable,
)
from bookwright.contracts.lexicon import SaidAs
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.providers.local.espeak import EspeakEngine, receive_whole
from bookwright.providers.local.espeak_ipa import names_in, phonemes
from bookwright.providers.local.espeak_server import plain, tidy

TEXTS = {
    "en": "It was a dark night in the end of the year. Dr. Smith paid 1,234 of them — “Who?” she asked.",
    "hi": "उन्होंने कूड़े से आग जलाई। लड़कों ने कहा, “ठंड बहुत है!” फिर 25 लोग आए।",
    "ur": "اُٹھنے کے بعد لڑکے اپنے بستر لپیٹ رہے تھے۔ سردی بہت تھی۔",
    "ar": "بعد النوم على الأرصفة الباردة أشعلوا ناراً مما وجدوه.",
    "ta": "வணக்கம், இது ஒரு சிறிய கதை. அவர் வீட்டுக்குப் போனார்.",
    "bn": "ঠাণ্ডা দূর করার জন্য তারা আবর্জনা দিয়ে আগুণ জ্বালাল।",
    "es": "Desempacando sus mantas después de dormir en la fría calle, encendieron una fogata.",
    "zh": "从前有一座山，山里有一座庙。庙里有个老和尚在讲故事。",
}


@pytest.fixture(scope="module")
async def engine() -> AsyncIterator[EspeakEngine]:
    engine = EspeakEngine()
    yield engine
    await engine.close()


async def say(engine: EspeakEngine, text: str, language: str = "en", voice: str | None = None) -> SpokenClip:
    return await engine.speak(engine.call(text, engine.voice(language, voice)), nullcontext())


def digest(clip: SpokenClip) -> str:
    return hashlib.sha256(clip.audio + repr(clip.words).encode()).hexdigest()


def server_of(engine: EspeakEngine) -> int:
    assert engine._server is not None
    return engine._server.pid


@pytest.mark.parametrize("language", TEXTS)
async def test_words_lie_where_they_are_in_the_text(engine: EspeakEngine, language: str) -> None:
    text = TEXTS[language]
    clip = await say(engine, text, language)
    assert clip.media_type == "audio/wav" and clip.audio[:4] == b"RIFF"
    seconds = (len(clip.audio) - 44) / 2 / 22_050
    assert np.abs(np.frombuffer(clip.audio, np.int16, offset=44)).max() > 5_000
    assert clip.cost_micros == 0
    ends = [word.start + word.length for word in clip.words]
    assert all(end <= word.start for end, word in zip(ends, clip.words[1:], strict=False))
    assert ends[-1] <= len(text)
    assert [word.at_ms for word in clip.words] == sorted(word.at_ms for word in clip.words)
    assert clip.words[-1].at_ms < seconds * 1000
    touched = {place for word in clip.words for place in range(word.start, word.start + word.length)}
    if language != "zh":
        tokens = [match.span() for match in re.finditer(r"\S*\w\S*", text)]
        assert all(touched & set(range(*span)) for span in tokens)
        starts = {match.start() for match in re.finditer(r"\w+", text)}
        assert sum(word.start in starts for word in clip.words) >= 0.9 * len(clip.words)
    else:
        assert len(touched) >= 0.75 * len(text)


def test_number_and_merged_words_are_one_span() -> None:
    text = "of the 1,234 men, x"
    events = [(1, 2, 0), (8, 2, 300), (9, 2, 400), (10, 3, 500), (14, 3, 900), (99, 4, 1_000)]
    assert [(text[start : start + size], at) for start, size, at in tidy(text, events)] == [
        ("of the", 0),
        ("1,234", 300),
        ("men, x", 900),
    ]


def test_a_long_unspoken_stretch_is_not_taken_for_spoken() -> None:
    text = "one two three four five six"
    assert tidy(text, [(1, 3, 0), (25, 3, 500)]) == [(0, 3, 0), (24, 3, 500)]


def test_characters_that_are_commands_to_espeak_keep_their_place() -> None:
    text = "a\x01100S b\0c \ud800\ue000é\nx"
    assert len(plain(text)) == len(text)
    assert plain(text) == "a 100S b c   é\nx"


@pytest.mark.parametrize(
    ("language", "own", "plainly"),
    [("ur", "۱۴", "14"), ("fa", "۱۹۶۲", "1962"), ("ar", "٢٬٥٠٠", "2,500"), ("hi", "६.३०", "6.30"), ("or", "୧୨", "12")],
)
async def test_numbers_are_spoken_in_the_digits_of_any_script(
    engine: EspeakEngine, language: str, own: str, plainly: str
) -> None:
    theirs, ours = [await say(engine, number, language) for number in (own, plainly)]
    assert theirs.audio == ours.audio
    assert [(word.start, word.length) for word in theirs.words] == [(0, len(own))]


async def test_markup_and_commands_are_spoken_as_text(engine: EspeakEngine) -> None:
    clip = await say(engine, "\x01200S <break time='9s'/> [[h@l'oU]] &amp; \0 end of it.")
    assert len(clip.audio) < 15 * 44_100
    last = clip.words[-1]
    assert "it" in "\x01200S <break time='9s'/> [[h@l'oU]] &amp; \0 end of it."[last.start : last.start + last.length]


async def test_words_are_said_as_ipa_says_and_timed_where_they_are_printed(engine: EspeakEngine) -> None:
    text = "The old lady Nguyen met Zürich at noon [[sharp]]."
    voice = engine.voice("en", None)
    said = [SaidAs(text.index("Nguyen"), 6, "ˈwɪn"), SaidAs(text.index("Zürich"), 6, "ˈtsyːrɪç")]
    told = engine.call_with_ipa(text, voice, said)
    plain = await engine.speak(engine.call(text, voice), nullcontext())
    spelt = [await engine.speak(told, nullcontext()) for _ in range(2)]
    assert spelt[0].audio != plain.audio
    assert digest(spelt[0]) == digest(spelt[1]), "the same bytes each time"
    assert told.key != engine.call(text, voice).key
    words = [text[word.start : word.start + word.length] for word in spelt[0].words]
    assert words == [text[word.start : word.start + word.length] for word in plain.words]
    respelt = await say(engine, text.replace("Nguyen", "win"))
    at = {text[word.start : word.start + word.length]: word.at_ms for word in spelt[0].words}
    win = next(word for word in respelt.words if word.start == text.index("Nguyen"))
    assert abs(at["Nguyen"] - win.at_ms) < 40, "what comes before it is as it was"


@pytest.mark.parametrize("language", ["en", "hi", "ta", "ar", "sw", "es"])
async def test_a_sound_that_a_language_lacks_does_not_end_the_word(engine: EspeakEngine, language: str) -> None:
    voice = engine.voice(language, None)
    clips = [
        await engine.speak(engine.call_with_ipa("x", voice, [SaidAs(0, 1, ipa)]), nullcontext())
        for ipa in ("ʃyː", "ʃyːmɐnɔ̃ðɜː")
    ]
    assert len(clips[1].audio) > 1.5 * len(clips[0].audio)


@pytest.mark.parametrize(
    ("ipa", "named"),
    [
        ("ʃɪˈvɔːn", "SI'vO:n"),
        ("t͡ʃɛk", "'tSEk"),
        ("pʰuːl", "'phu:l"),
        ("ˈluː.nɑ̃", "'lu:nA~"),
        ("ʈʰiːk", "'t.hi:k"),
        ("ɛks ˈwaɪ", "Eks 'waI"),
        ("ŋʷiən", "'Nwi@n"),
    ],
)
def test_ipa_becomes_espeak_s_own_names(ipa: str, named: str) -> None:
    assert phonemes(ipa, lambda name: True) == named
    assert set(named) - set("', ") <= set("".join(names_in(ipa)))


async def test_same_call_gives_the_same_bytes_at_any_time(engine: EspeakEngine) -> None:
    calls = [("en", "en-us"), ("en", "en-gb+f2"), ("hi", "hi"), ("hi", "hi+f3")]
    once = [digest(await say(engine, TEXTS[language], language, voice)) for language, voice in calls]
    together = await asyncio.gather(
        *(say(engine, TEXTS[language], language, voice) for language, voice in calls for _ in range(3))
    )
    assert [digest(clip) for clip in together] == [value for value in once for _ in range(3)]
    other = EspeakEngine()
    try:
        assert [digest(await say(other, TEXTS[language], language, voice)) for language, voice in calls[::-1]] == once[
            ::-1
        ]
    finally:
        await other.close()


def test_voices_are_named_as_people_expect(engine: EspeakEngine) -> None:
    port: SpeechEngine = engine
    best = {tag: port.voices(tag)[0].id for tag in ("en", "en-US", "en_gb", "pt-BR", "pt", "zh", "zh-HK", "no", "or")}
    assert best == {
        "en": "en-gb",
        "en-US": "en-us",
        "en_gb": "en-gb",
        "pt-BR": "pt-br",
        "pt": "pt",
        "zh": "cmn",
        "zh-HK": "yue",
        "no": "nb",
        "or": "or",
    }
    assert [voice.id for voice in port.voices("hi")] == ["hi", "hi+f2", "hi+f3", "hi+m3", "hi+m7"]
    assert port.voice("pt-BR", None).language == "pt-BR"
    assert port.voice("en", "EN-US+klatt3").id == "en-us+klatt3"


def test_unknown_languages_and_voices_say_what_there_is(engine: EspeakEngine) -> None:
    with pytest.raises(UnknownLanguage, match="has 138 voices, for hi"):
        engine.voices("hin")
    for language in ("xx", "", "fo"):
        with pytest.raises(UnknownLanguage, match="BCP 47"):
            engine.voices(language)
    for voice in ("bob", "en-us", "hi+nobody", "hi+../../x"):
        with pytest.raises(UnknownVoice, match=r"it has hi, hi\+f2"):
            engine.voice("hi", voice)


def test_call_names_all_that_changes_the_sound(engine: EspeakEngine) -> None:
    voice = engine.voice("hi", None)
    call = engine.call("नमस्ते", voice)
    assert call.input.keys() == {"text", "voice", "rate", "pitch", "release"}
    assert call.max_cost_micros == 0
    assert call.key == EspeakEngine().call("नमस्ते", voice).key
    assert call.key != EspeakEngine(rate=150).call("नमस्ते", voice).key
    with pytest.raises(Unspeakable, match="split"):
        engine.call("a" * 1_501, voice)


async def test_text_without_anything_to_say_is_unspeakable(engine: EspeakEngine) -> None:
    for text in ("…", " — ", "   ", ""):
        with pytest.raises(Unspeakable):
            await say(engine, text)


async def test_voice_that_has_gone_is_told(engine: EspeakEngine) -> None:
    call = engine.call("hello", engine.voice("en", None))
    with pytest.raises(UnknownVoice):
        await engine.speak(call.model_copy(update={"input": {**call.input, "voice": "gone"}}), nullcontext())


async def test_dead_server_is_started_again_once(engine: EspeakEngine) -> None:
    before = digest(await say(engine, TEXTS["hi"], "hi"))
    dead, folder = server_of(engine), engine._folder
    os.kill(dead, signal.SIGKILL)
    assert engine._server is not None
    await engine._server.wait()
    clips = await asyncio.gather(*(say(engine, TEXTS["hi"], "hi") for _ in range(5)))
    assert {digest(clip) for clip in clips} == {before}
    assert server_of(engine) != dead
    assert folder is not None and not folder.exists()


async def test_server_that_listens_no_more_is_replaced_once(engine: EspeakEngine) -> None:
    """As when it has died and nobody was told yet."""
    await engine.start()
    first = server_of(engine)
    os.unlink(engine._socket())
    clips = await asyncio.gather(*(say(engine, TEXTS["es"], "es") for _ in range(4)))
    assert len({digest(clip) for clip in clips}) == 1
    assert server_of(engine) != first


async def test_cancelling_leaves_the_engine_in_order(engine: EspeakEngine) -> None:
    text = TEXTS["en"] * 15
    tasks = [asyncio.create_task(say(engine, text)) for _ in range(4)]
    await engine.start()
    tasks[0].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert len({digest(clip) for clip in results[1:] if isinstance(clip, SpokenClip)}) == 1
    assert (await say(engine, "All is well.")).words


async def test_close_ends_the_server_and_removes_its_socket() -> None:
    engine = EspeakEngine()
    await engine.start()
    pid, folder = server_of(engine), engine._folder
    await engine.close()
    await engine.close()
    assert folder is not None and not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_server_ends_with_its_standard_input(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bookwright.providers.local.espeak_server", str(tmp_path / "s")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin and server.stdout and b'"rate": 22050' in server.stdout.readline()
        server.stdin.close()
        assert server.wait(60) == 0


def test_server_imports_nothing_heavy() -> None:
    program = "import sys, bookwright.providers.local.espeak_server; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pydantic", "numpy", "asyncio", "temporalio"} & set(loaded)


FAKE = """
import json, socket, struct, sys
listener = socket.socket(socket.AF_UNIX); listener.bind(sys.argv[-1]); listener.listen()
print(json.dumps(dict(rate=1)), flush=True)
while True:
    peer, _ = listener.accept()
    size = struct.unpack(">I", peer.recv(4))[0]
    peer.recv(size, socket.MSG_WAITALL)
    MODE
    peer.close()
"""
ANSWER = "head = {}; peer.sendall(struct.pack('>I', len(head)) + head + {})"


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        ("pass", Refused),
        ("peer.sendall(bytes([0, 0]))", Refused),
        (ANSWER.format("json.dumps(dict(ok=True, bytes=99)).encode()", "b'RIFF'"), Refused),
        ("kept = peer.dup()", Refused),
        ("peer.sendall(bytes([255] * 8))", BadAnswer),
        (ANSWER.format("b'not json'", "b''"), BadAnswer),
        (ANSWER.format("b'[]'", "b''"), BadAnswer),
        (ANSWER.format("json.dumps(dict(ok=True, bytes=-4)).encode()", "b''"), BadAnswer),
        (ANSWER.format("json.dumps(dict(ok=True, bytes=0, words=[])).encode()", "b''"), BadAnswer),
        (ANSWER.format("json.dumps(dict(ok=True, bytes=50)).encode()", "b'RIFF' + bytes(46)"), BadAnswer),
        (ANSWER.format("json.dumps(dict(ok=False, error='no')).encode()", "b''"), Unspeakable),
    ],
)
async def test_broken_answers_are_typed(mode: str, error: type[Exception]) -> None:
    deadline_s = 0.5 if "dup" in mode else 30.0  # a server that keeps the connection open and says nothing
    engine = EspeakEngine(deadline_s=deadline_s, command=[sys.executable, "-c", FAKE.replace("MODE", mode)])
    try:
        await engine.start()
        with pytest.raises(error):
            await say(engine, "hello")
    finally:
        await engine.close()


async def test_server_that_does_not_start_is_a_clear_error() -> None:
    engine = EspeakEngine(command=[sys.executable, "-c", "pass"])
    with pytest.raises(Misconfigured, match="does not start"):
        await engine.start()
    assert engine._folder is None


def test_a_signal_in_the_middle_of_an_answer_does_not_cut_it() -> None:
    """As when the worker is frozen and goes on: the system call ends early, with a part of the clip."""
    sender, receiver = socket.socketpair()
    before = signal.signal(signal.SIGUSR1, lambda *_: None)
    here = threading.get_ident()

    def send() -> None:
        sender.sendall(b"a" * 1000)
        while fcntl.ioctl(receiver, termios.FIONREAD, bytes(4)) != bytes(4):
            pass  # the receiver has not taken the first part yet
        signal.pthread_kill(here, signal.SIGUSR1)
        sender.sendall(b"b" * 1000)

    with sender, receiver, ThreadPoolExecutor() as threads:
        try:
            sending = threads.submit(send)
            assert receive_whole(receiver, 2000) == b"a" * 1000 + b"b" * 1000
            sending.result()
        finally:
            signal.signal(signal.SIGUSR1, before)
