"""A score becomes sound."""

from collections.abc import Iterable, Sequence

import numpy as np

from bookwright.contracts.depicting import Weather
from bookwright.providers.local.sounds.banks import BANKS
from bookwright.providers.local.sounds.beds import BEDS
from bookwright.providers.local.sounds.dsp import RATE, Canvas, Sound, decibels, ear
from bookwright.providers.local.sounds.places import DAMPED, DULL, FEELINGS, INDOORS, OUTDOORS, PLACES, Layer, Single
from bookwright.providers.local.sounds.score import Score

LOUDNESS = -26.0
"""In LUFS, of the whole; single sounds stand out of it."""
CEILING_DB = -4.0
_KNEE = 0.6
"""The share of the ceiling from which on peaks are rounded."""
_BED_LEVEL, _SINGLE_LEVEL, _PER_MINUTE = -4.0, 3.0, 7.0
"""Of sounds that a score names itself."""
_MEASURED = 1 << 12


def synthesize(score: Score, seconds: float, seed: int) -> Sound:
    """The score as a stereo loop at 48 kHz, shape (2, n), float32: its end leads into its beginning. It lasts
    `seconds`, rounded to 10 ms. The same three give the same sound."""
    feeling = FEELINGS[score.mood]
    canvas = Canvas(seconds, seed, feeling.tilt + DULL.get(score.weather, 0.0))
    force = score.intensity - 0.5
    for layer in _layers(score):
        BEDS[layer.bed](canvas, layer.level)
    damped = 1.0 if score.setting.indoors else DAMPED.get(score.weather, 1.0)
    liveliness = feeling.liveliness * damped * (1 + force)
    place = PLACES[score.setting]
    _strew(canvas, score, place.singles, liveliness, force)
    weather = (INDOORS if score.setting.indoors else OUTDOORS)[score.weather]
    _strew(canvas, score, weather.singles, 1 + force, 4 * force)
    _strew(canvas, score, feeling.place.singles, 1 + force, 0)
    named = [Single(name, _PER_MINUTE, _SINGLE_LEVEL) for name in score.sounds if name not in BEDS]
    _strew(canvas, score, named, 1 + force, 4 * force)
    return _finished(canvas.sound)


def _layers(score: Score) -> list[Layer]:
    """All beds, each once: as loud as the loudest wants it."""
    weather = (INDOORS if score.setting.indoors else OUTDOORS)[score.weather]
    force = 6 * (score.intensity - 0.5)
    wanted = [
        *PLACES[score.setting].layers,
        *(layer._replace(level=layer.level + force) for layer in weather.layers),
        *FEELINGS[score.mood].place.layers,
        *(Layer(name, _BED_LEVEL) for name in score.sounds if name in BEDS),
    ]
    if score.weather is Weather.CLEAR and score.setting.indoors:
        wanted = [layer for layer in wanted if layer.bed != "wind"]
    loudest: dict[str, Layer] = {}
    for layer in wanted:
        if score.time in layer.times and layer.level > loudest.get(layer.bed, layer._replace(level=-99)).level:
            loudest[layer.bed] = layer
    return list(loudest.values())


def _strew(canvas: Canvas, score: Score, singles: Iterable[Single], liveliness: float, louder: float) -> None:
    for single in singles:
        if score.time in single.times:
            bank = BANKS[single.bank](canvas.chance)
            canvas.strew(bank, single.per_minute * liveliness, single.level + louder)


def _finished(sound: Sound) -> Sound:
    """At the set loudness, and nothing over the ceiling."""
    sound *= decibels(LOUDNESS - loudness(sound))
    ceiling = decibels(CEILING_DB)
    knee = ceiling * np.float32(_KNEE)
    size = np.abs(sound)
    if float(size.max()) > knee:
        high = size > knee
        over = (size[high] - knee) / (ceiling - knee)
        sound[high] = np.sign(sound[high]) * (knee + (ceiling - knee) * np.tanh(over))
    return sound


def loudness(sound: Sound) -> float:
    """About the loudness of a stereo sound in LUFS (ITU-R BS.1770-4), without its gates."""
    weights = np.square(ear(np.fft.rfftfreq(_MEASURED, 1 / RATE).astype(np.float32)))
    whole = sound[:, : sound.shape[1] // _MEASURED * _MEASURED].reshape(-1, _MEASURED)
    power = 0.0
    for rows in _some(whole, 64):
        spectrum = np.fft.rfft(rows)
        power += float((spectrum.real**2 + spectrum.imag**2).sum(axis=0) @ weights)
    mean = power * 2 / _MEASURED**2 / max(len(whole), 1) * 2
    return float(-0.691 + 10 * np.log10(max(mean, 1e-10)))


def _some(rows: Sound, count: int) -> Sequence[Sound]:
    return [rows[at : at + count] for at in range(0, len(rows), count)]
