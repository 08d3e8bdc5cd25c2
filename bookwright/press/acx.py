"""The edition that ACX (Audible's exchange) takes: one MP3 a chapter, 192 kbit/s, and a judge of such files."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer

from bookwright.contracts.book import ChapterMark
from bookwright.contracts.errors import BadInput
from bookwright.contracts.ids import AssetId
from bookwright.contracts.ports.audio import AcxReport, AudioTags, EncodedAudio
from bookwright.press import loudness, mp3
from bookwright.press.encoding import encoder, encoding_rate, packets
from bookwright.press.jacket import Jacket
from bookwright.press.mastering import Level, levelled, listen
from bookwright.press.pages import LAME
from bookwright.press.render import Page, blocks
from bookwright.press.wav import Signal

RATE, BIT_RATE = 44_100, 192_000
RMS_DB, PEAK_DB, FLOOR_DB = (-23.0, -18.0), -3.0, -60.0
HEAD_S, TAIL_S = (0.5, 1.0), (1.0, 5.0)

_LAME = LAME._replace(bit_rate=BIT_RATE)
_CEILING_DB = -4.0
_TARGET_RMS_DB = -20.5
_HEAD_MS, _TAIL_MS = 750, 1_000
"""Silence put before the first page and after the last, which has a pause of its own."""
_WINDOW_S = 0.01
_FLOOR_WINDOWS = 50
"""The noise floor is the quietest half second."""


def encode_acx(
    title: str,
    pages: Sequence[Page],
    tags: AudioTags,
    clip_path: Callable[[AssetId], Path],
    target: Path,
    on_progress: Callable[[int], None],
    cover: bytes | None = None,
) -> EncodedAudio:
    """Write one chapter. All its pages are as loud as each other, and the chapter's RMS is in the middle of what ACX
    allows. See the port `AudioPress`."""
    if not pages:
        raise BadInput("There is no audio to bind: not one page is spoken.")
    duration_ms = _HEAD_MS + sum(page.duration_ms for page in pages) + _TAIL_MS
    level = _level(pages, duration_ms, clip_path, lambda: on_progress(0))
    whole = [Page((), 0.0, _HEAD_MS), *pages, Page((), 0.0, _TAIL_MS)]
    signal = levelled(whole, RATE, level, clip_path, lambda: on_progress(0))
    runs = ((bytes(packet), 1) for packet in packets(encoder(_LAME, RATE), _LAME, signal, on_progress))
    mp3.write(target, RATE, BIT_RATE, runs, round(duration_ms * RATE / 1000), Jacket(tags, (), cover))
    return EncodedAudio(duration_ms=duration_ms, marks=(ChapterMark(title=title, start_ms=0, end_ms=duration_ms),))


def _level(
    pages: Sequence[Page], duration_ms: int, clip_path: Callable[[AssetId], Path], on_block: Callable[[], None]
) -> Level:
    """The loudness at which the whole has the wanted RMS. That differs with how much of it is pauses."""
    level = Level(_CEILING_DB)
    rate = encoding_rate(piece.rate for page in pages for piece in page.pieces)
    energy = 0.0
    for page in pages:
        if page.pieces:
            heard = listen(blocks(page, rate, clip_path), rate, level.ceiling_db, on_block)
            energy += heard.limited(level.ceiling_db, heard.makeup_db(level))[1] * page.duration_ms
    missing = _TARGET_RMS_DB - _db(energy / duration_ms) if energy else 0.0
    return Level(level.ceiling_db, level.lufs + missing)


def acx_report(path: Path) -> AcxReport:
    """Measure a file as ACX does. Decodes all of it, in bounded memory. Raises BadInput for a file without sound."""
    try:
        with av.open(str(path), "r") as container:
            stream = container.streams.audio[0]
            rate, channels, kbits = stream.rate, stream.channels, round((stream.bit_rate or 0) / 1000)
            powers, peak = _measured(_mono(container, stream), rate)
    except (av.FFmpegError, IndexError) as error:
        raise BadInput("The file holds no sound that can be decoded.", field="file") from error
    voiced = np.flatnonzero(powers > 10 ** (FLOOR_DB / 10))
    first, after = (int(voiced[0]), int(voiced[-1]) + 1) if len(voiced) else (len(powers), 0)
    window = min(_FLOOR_WINDOWS, len(powers))
    quietest = float(np.convolve(powers, np.full(window, 1 / window), "valid").min())
    rms, loudest, floor = _db(float(powers.mean())), _db(peak**2), _db(quietest)
    head, tail = first * _WINDOW_S, (len(powers) - after) * _WINDOW_S
    checks = {
        f"{kbits} kbit/s instead of at least 192": kbits >= BIT_RATE // 1000,
        f"{rate} Hz instead of 44100": rate == RATE,
        f"RMS of {rms:.1f} dB, not between -23 and -18": RMS_DB[0] <= rms <= RMS_DB[1],
        f"peak of {loudest:.1f} dB, over -3": loudest <= PEAK_DB,
        f"noise floor of {floor:.1f} dB, over -60": floor <= FLOOR_DB,
        f"{head:.2f} s of silence at the head, not 0.5 to 1": HEAD_S[0] <= head <= HEAD_S[1],
        f"{tail:.2f} s of silence at the tail, not 1 to 5": TAIL_S[0] <= tail <= TAIL_S[1],
    }
    return AcxReport(
        sample_rate=rate,
        channels=channels,
        kbits=kbits,
        rms_db=rms,
        peak_db=loudest,
        floor_db=floor,
        head_s=head,
        tail_s=tail,
        problems=tuple(problem for problem, kept in checks.items() if not kept),
    )


def _mono(container: InputContainer, stream: AudioStream) -> Iterator[Signal]:
    resampler = av.AudioResampler(format="flt", layout="mono", rate=stream.rate)
    for frame in chain(container.decode(stream), [None]):
        for part in resampler.resample(frame):
            yield part.to_ndarray()[0]


def _measured(sound: Iterable[Signal], rate: int) -> tuple[loudness.Energies, float]:
    """The mean square of each window, and the greatest size of a sample."""
    size = round(rate * _WINDOW_S)
    powers, peak, rest = [np.empty(0)], 0.0, np.empty(0, np.float32)
    for block in sound:
        peak = max(peak, float(np.abs(block).max(initial=0)))
        rest = np.concatenate((rest, block))
        whole = rest[: len(rest) // size * size].reshape(-1, size)
        powers.append(np.einsum("ij,ij->i", whole, whole) / size)
        rest = rest[whole.size :]
    if len(rest):
        powers.append(np.array([rest @ rest / size]))
    return np.concatenate(powers), peak


def _db(power: float) -> float:
    return max(10 * math.log10(power), loudness.SILENCE_LUFS) if power > 0 else loudness.SILENCE_LUFS
