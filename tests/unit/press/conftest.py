"""Sound to test on, and FFmpeg's own loudness meter to test against."""

import hashlib
import math
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame

from bookwright.contracts.book import PlacedClip, Segment, SpokenClip
from bookwright.contracts.ids import AssetId
from bookwright.press.audio import Press
from bookwright.press.wav import Samples, Signal, decode
from bookwright.providers.local.espeak import EspeakEngine

Meter = Callable[[Iterator[AudioFrame], int], tuple[float, float]]
Speak = Callable[..., "object"]

STORY = (
    "Far up the valley the river began as a thread of water under a stone. Nobody knew its name, and nobody asked.",
    "By the time it reached the mill it was wide enough to swim in! The miller's daughter learned every bend of it.",
    "“Where does it end?” she asked. Her grandmother laughed, and said that rivers do not end; they only change.",
)


def voice_like(seconds: float, rate: int, seed: int = 7, level: float = 0.1) -> Samples:
    """Bursts of harmonics with pauses between them: loudness and crest factor like those of a voice."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate)) / rate
    pitch = 110 + 30 * np.sin(2 * np.pi * 0.4 * time)
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    tone = sum(np.cos(n * phase) / n**0.7 for n in range(1, 25))
    envelope = np.clip(np.sin(2 * np.pi * 1.7 * time), 0, 1) ** 0.5 * (time % 3 < 2.4)
    sound = tone * envelope + 0.02 * rng.standard_normal(len(time)) * envelope
    return np.asarray(np.clip(sound * level, -1, 1) * 32767, np.int16)


def _ebur128(frames: Iterator[AudioFrame], rate: int) -> tuple[float, float]:
    graph = av.filter.Graph()
    source = graph.add("abuffer", f"sample_rate={rate}:sample_fmt=flt:channel_layout=mono:time_base=1/{rate}")
    meter = graph.add("ebur128", "metadata=1:peak=true")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
    found: dict[str, str] = {}
    for frame in [*frames, None]:
        for part in resampler.resample(frame) if frame else [None]:
            graph.push(part)
            while True:
                try:
                    found.update(graph.pull().metadata)
                except (av.BlockingIOError, av.EOFError):
                    break
    peak = float(found["lavfi.r128.true_peaks_ch0"])
    return float(found["lavfi.r128.I"]), 20 * math.log10(peak)


@pytest.fixture(scope="session")
def measure_samples() -> Callable[[Signal, int], tuple[float, float]]:
    """FFmpeg's (LUFS, dBTP) of mono float samples."""

    def measure(samples: Signal, rate: int) -> tuple[float, float]:
        def frames() -> Iterator[AudioFrame]:
            for begin in range(0, len(samples), rate):
                frame = AudioFrame.from_ndarray(samples[None, begin : begin + rate], format="flt", layout="mono")
                frame.sample_rate = rate
                frame.pts = begin
                yield frame

        return _ebur128(frames(), rate)

    return measure


@pytest.fixture(scope="session")
def measure_file() -> Callable[[Path], tuple[float, float]]:
    """FFmpeg's (LUFS, dBTP) of an encoded file."""

    def measure(path: Path) -> tuple[float, float]:
        with av.open(str(path), "r") as container:
            stream = container.streams.audio[0]
            return _ebur128(container.decode(stream), stream.rate)

    return measure


def decoded(path: Path) -> tuple[Signal, int]:
    """The mono samples of a file, as a player hands them out, and their rate."""
    with av.open(str(path), "r") as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="flt", layout="mono", rate=stream.rate)
        frames = [part for frame in [*container.decode(stream), None] for part in resampler.resample(frame)]
        return np.concatenate([frame.to_ndarray()[0] for frame in frames]), stream.rate


def shift(sound: Signal, reference: Signal) -> int:
    """By how many samples `sound` is later than `reference`."""
    size = 1 << (len(sound) + len(reference)).bit_length()
    found = np.fft.irfft(np.fft.rfft(sound, size) * np.conj(np.fft.rfft(reference, size)))
    place = int(np.argmax(found))
    return place if place < size // 2 else place - size


def nothing(_done_ms: int) -> None:
    """Progress that nobody looks at."""


def stop(done_ms: int) -> None:
    """Progress that is stopped as soon as something is done."""
    if done_ms:
        raise InterruptedError


class Library:
    """Clips on disk under their content hash, as an asset store keeps them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.press = Press(lambda text: 20 * len(text))

    def add(self, data: bytes) -> AssetId:
        asset = AssetId(hashlib.sha256(data).hexdigest())
        (self.folder / asset).write_bytes(data)
        return asset

    def path(self, asset: AssetId) -> Path:
        return self.folder / asset

    def placed(self, text: str, clip: SpokenClip, *, ends_paragraph: bool = False, start: int = 0) -> PlacedClip:
        return PlacedClip(
            asset=self.add(clip.audio),
            text_start=start,
            text=text,
            ends_paragraph=ends_paragraph,
            facts=self.press.examine(text, clip),
        )


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return Library(tmp_path_factory.mktemp("clips"))


@pytest.fixture(scope="session")
async def engine() -> AsyncIterator[EspeakEngine]:
    engine = EspeakEngine()
    yield engine
    await engine.close()


@pytest.fixture(scope="session")
async def voice(engine: EspeakEngine) -> Samples:
    """Ten seconds of speech at 22,050 Hz."""
    parts = [
        decode((await engine.speak(engine.call(text, engine.voice("en", None)), nullcontext())).audio) for text in STORY
    ]
    assert {part.rate for part in parts} == {22_050}
    return np.concatenate([part.samples for part in parts])[: 10 * 22_050]


@pytest.fixture(scope="session")
async def story(engine: EspeakEngine, library: Library) -> list[Segment]:
    """Six spoken pages in two voices of very different level, the fourth of them empty."""
    segments = []
    for page in range(1, 7):
        voice = engine.voice("en", "en-us" if page % 2 else "en-gb+f3")
        clips = [
            library.placed(text, await engine.speak(engine.call(text, voice), nullcontext()), ends_paragraph=index == 1)
            for index, text in enumerate(STORY)
        ]
        segments.append(library.press.compose(page, [] if page == 4 else clips))
    return segments
