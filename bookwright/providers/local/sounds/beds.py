"""What is heard all the time: air, water, fire, insects, people. Each function puts one on a canvas, at a level in
decibels as it is heard."""

from collections.abc import Callable

import numpy as np

from bookwright.providers.local.sounds.animals import bees
from bookwright.providers.local.sounds.dsp import HOP, RATE, Canvas, Sound, band, decibels, peaks
from bookwright.providers.local.sounds.elements import bubbles, crackles, drops
from bookwright.providers.local.sounds.people import children, claps, murmurs

Bed = Callable[[Canvas, float], None]


def wind(canvas: Canvas, level: float) -> None:
    """Gusts: the stronger, the higher they are."""
    gust = canvas.gust
    canvas.noise(band(40, 260, 1, 1.5), level, 0.5 + 0.5 * gust)
    canvas.noise(band(180, 700, 2, 2), level - 4, gust)
    canvas.noise(peaks((540, 0.25, 1), (930, 0.2, 0.6)), level - 13, gust**3)


def leaves(canvas: Canvas, level: float) -> None:
    canvas.noise(band(1_400, 6_500, 1.5, 1.2), level, 0.15 + 0.85 * canvas.gust**2)


def grass(canvas: Canvas, level: float) -> None:
    canvas.noise(band(2_500, 9_000, 1.5, 1.5), level, 0.2 + 0.8 * canvas.gust**2)


def air(canvas: Canvas, level: float) -> None:
    """The quiet of a place outdoors: what is far off, dull."""
    canvas.noise(band(60, 420, 1, 1), level, canvas.drift(0.7, 1, 9))


def room(canvas: Canvas, level: float) -> None:
    """The quiet of a room."""
    canvas.noise(band(70, 220, 1, 0.8), level, canvas.drift(0.85, 1, 12), width=0.4)


def rain(canvas: Canvas, level: float) -> None:
    canvas.noise(band(900, 9_000, 1, 1), level - 2, canvas.drift(0.75, 1, 6))
    canvas.noise(band(200, 900, 1, 1), level - 9, canvas.drift(0.7, 1, 8))
    canvas.shower(drops(canvas.chance), 170, level - 6)


def rain_outside(canvas: Canvas, level: float) -> None:
    """Rain on a roof and a window, from inside."""
    canvas.noise(band(120, 800, 1, 1.2), level - 3, canvas.drift(0.75, 1, 6))
    canvas.shower(drops(canvas.chance), 40, level - 13)


def wind_outside(canvas: Canvas, level: float) -> None:
    """Wind around a house and in its chimney."""
    gust = canvas.gust
    canvas.noise(band(50, 200, 1, 1.5), level - 2, 0.4 + 0.6 * gust)
    canvas.noise(peaks((310, 0.18, 1), (470, 0.15, 0.5)), level - 6, gust**2)


def waves(canvas: Canvas, level: float) -> None:
    """Surf: each wave comes near, breaks, and runs out hissing."""
    count = max(1, round(canvas.seconds / 8))
    swell, breaking, hiss = (np.full(canvas.size // HOP, floor, np.float32) for floor in (0.3, 0.07, 0.05))
    for number in range(count):
        at = (number + canvas.chance.uniform(0, 0.45)) * canvas.seconds / count
        size = canvas.chance.uniform(0.6, 1)
        _wave(swell, at, 3.2, 3.4, size)
        _wave(breaking, at + 2.2, 0.9, 2.4, size)
        _wave(hiss, at + 3.0, 1.2, 4.2, 0.8 * size)
    canvas.noise(band(50, 350, 1, 1.2), level - 3, swell)
    canvas.noise(band(250, 2_200, 1, 1), level + 3, breaking)
    canvas.noise(band(2_200, 9_000, 1.2, 1), level - 1, hiss)


def _wave(curve: Sound, at: float, rise: float, fall: float, size: float) -> None:
    """Add one wave that is highest `rise` seconds after its beginning."""
    per_s = RATE // HOP
    up = np.sin(np.linspace(0, np.pi / 2, max(2, round(rise * per_s)))) ** 2
    down = np.exp(-4.6 * np.linspace(0, 1, max(2, round(2 * fall * per_s)))) * np.cos(
        np.linspace(0, np.pi / 2, max(2, round(2 * fall * per_s)))
    )
    shape = np.concatenate((up, down)) * size
    places = (round(at * per_s) + np.arange(len(shape))) % len(curve)
    np.add.at(curve, places, shape.astype(np.float32))


def lapping(canvas: Canvas, level: float) -> None:
    """Small waves at a lake's edge or a boat's side."""
    canvas.noise(band(250, 1_600, 1, 1), level - 3, canvas.drift(0.05, 1, 1.7) ** 2)
    canvas.shower(bubbles(canvas.chance), 7, level - 5, canvas.drift(0.1, 1, 1.7))


def sea(canvas: Canvas, level: float) -> None:
    """The open sea around a ship."""
    canvas.noise(band(60, 500, 1, 1), level - 1, canvas.drift(0.4, 1, 5))
    canvas.noise(band(700, 5_000, 1, 1), level - 6, canvas.drift(0.05, 1, 4) ** 2)


def brook(canvas: Canvas, level: float) -> None:
    canvas.noise(band(350, 2_400, 1, 1), level - 4, canvas.drift(0.75, 1, 3))
    canvas.noise(band(2_200, 8_000, 1, 1), level - 11, canvas.drift(0.6, 1, 2))
    canvas.shower(bubbles(canvas.chance), 62, level - 4, canvas.drift(0.6, 1, 2.5))


def depths(canvas: Canvas, level: float) -> None:
    """Under water: the pressure in one's ears, and bubbles that rise."""
    canvas.noise(band(30, 180, 1, 1.8), level, canvas.drift(0.5, 1, 7))
    canvas.noise(band(150, 520, 1, 2), level - 9, canvas.drift(0.2, 1, 4))
    canvas.shower(bubbles(canvas.chance), 5, level - 16, canvas.drift(0.02, 1, 3.5) ** 2)


def fire(canvas: Canvas, level: float) -> None:
    flicker = canvas.drift(0.45, 1, 0.35)
    canvas.noise(band(60, 420, 1, 1), level - 4, flicker, width=0.5)
    canvas.noise(band(500, 3_000, 1, 1), level - 13, flicker, width=0.5)
    canvas.shower(crackles(canvas.chance), 11, level - 7, canvas.drift(0.1, 1, 1.2) ** 2)


def simmer(canvas: Canvas, level: float) -> None:
    """A pot on a stove."""
    canvas.noise(band(1_600, 5_500, 1, 1.5), level - 6, canvas.drift(0.5, 1, 2), width=0.4)
    canvas.shower(bubbles(canvas.chance), 16, level - 5, canvas.drift(0.4, 1, 1.5))


def crickets(canvas: Canvas, level: float) -> None:
    """A few crickets, each with its own note and pace."""
    place = np.arange(canvas.tile)
    wave = np.sin(2 * np.pi * place / canvas.tile).astype(np.float32)
    seconds = canvas.tile / RATE
    tile = np.zeros((2, canvas.tile), np.float32)
    for _ in range(4):
        # Whole numbers of everything in a tile, so that it can follow itself.
        cycles = round(canvas.chance.uniform(3_900, 5_000) * seconds)
        chirps = round(seconds / canvas.chance.uniform(0.45, 0.8))
        pulses = int(canvas.chance.integers(3, 6))
        late = canvas.chance.random()
        inside = ((place * (chirps / canvas.tile) + late) % 1 / 0.32).astype(np.float32)
        shape = np.where(
            inside < 1, np.abs(np.sin(np.pi * pulses * inside)) * np.sqrt(np.sin(3.14 * inside).clip(0)), 0
        )
        side, size = canvas.chance.uniform(0.2, np.pi / 2 - 0.2), canvas.chance.uniform(0.35, 1)
        cricket = wave[place * cycles % canvas.tile] * shape
        tile[0] += np.float32(size * np.cos(side)) * cricket
        tile[1] += np.float32(size * np.sin(side)) * cricket
    tile *= decibels(level) / np.float32(np.sqrt(2 * np.mean(np.square(tile))))
    canvas.lay(tile, canvas.drift(0.6, 1, 7))
    canvas.noise(band(4_800, 7_500, 3, 3), level - 9, canvas.drift(0.7, 1, 5))


def insects(canvas: Canvas, level: float) -> None:
    """Grasshoppers in the sun, and a bee now and then."""
    time = np.arange(canvas.size // HOP) * HOP / RATE
    buzz = (0.5 + 0.5 * np.sin(2 * np.pi * round(6.4 * canvas.seconds) / canvas.seconds * time)) ** 2
    canvas.noise(band(5_500, 9_500, 3, 3), level - 2, (buzz * canvas.drift(0.05, 1, 4)).astype(np.float32))
    canvas.strew(bees(canvas.chance), 3, level - 4)


def crowd(canvas: Canvas, level: float) -> None:
    """Many people who talk: the murmur, no words."""
    canvas.shower(murmurs(canvas.chance), 46, level, canvas.drift(0.7, 1, 5))
    canvas.noise(peaks((420, 1.2, 1), (1_100, 0.9, 0.3)), level - 5, canvas.drift(0.7, 1, 3))


def pupils(canvas: Canvas, level: float) -> None:
    """Children somewhere in the house or in the yard."""
    canvas.shower(children(canvas.chance), 11, level - 2, canvas.drift(0.15, 1, 4))
    canvas.noise(peaks((600, 1.2, 1), (1_700, 0.8, 0.4)), level - 6, canvas.drift(0.5, 1, 4))


def applause(canvas: Canvas, level: float) -> None:
    """Applause that comes and goes."""
    canvas.shower(claps(canvas.chance), 130, level, canvas.drift(0.0, 1, 9) ** 3)


def traffic(canvas: Canvas, level: float) -> None:
    """A town around: engines and tyres, far off."""
    canvas.noise(band(40, 200, 1, 1.2), level - 1, canvas.drift(0.6, 1, 8))
    canvas.noise(band(200, 1_100, 1, 1.2), level - 5, canvas.drift(0.4, 1, 6))


def hum(canvas: Canvas, level: float) -> None:
    """A large machine around us: narrow bands of noise, which beat slowly."""
    canvas.noise(peaks((52, 0.06, 1), (104, 0.05, 0.5)), level, canvas.drift(0.5, 1, 7))
    canvas.noise(peaks((78, 0.06, 1), (157, 0.05, 0.4)), level - 2, canvas.drift(0.5, 1, 5))
    canvas.noise(band(250, 1_300, 1, 1), level - 12, canvas.drift(0.7, 1, 9))


def hollow(canvas: Canvas, level: float) -> None:
    """A large empty space of stone: its air resounds."""
    canvas.noise(
        peaks((68, 0.4, 1), (117, 0.3, 0.6), (196, 0.25, 0.4), (330, 0.2, 0.2)), level, canvas.drift(0.5, 1, 8)
    )
    canvas.noise(band(400, 2_000, 1, 1), level - 16, canvas.drift(0.6, 1, 9))


def drone(canvas: Canvas, level: float) -> None:
    """Something threatens: deep, without a note."""
    canvas.noise(peaks((44, 0.12, 1), (63, 0.1, 0.7)), level, canvas.drift(0.3, 1, 5), width=0.3)
    canvas.noise(band(90, 190, 2, 3), level - 7, canvas.drift(0.1, 1, 6) ** 2)


def hush(canvas: Canvas, level: float) -> None:
    """Snow that falls: nearly nothing, and very soft."""
    canvas.noise(band(3_000, 9_500, 1, 1.5), level - 4, canvas.drift(0.5, 1, 5))
    canvas.noise(band(60, 240, 1, 1.5), level - 2, canvas.drift(0.6, 1, 9))


def sand(canvas: Canvas, level: float) -> None:
    """Sand that the wind drives."""
    canvas.noise(band(4_200, 12_000, 2, 2), level, canvas.gust**2)


BEDS: dict[str, Bed] = {
    "air": air, "applause": applause, "brook": brook, "crickets": crickets, "crowd": crowd, "depths": depths,
    "drone": drone, "fire": fire, "grass": grass, "hollow": hollow, "hum": hum, "hush": hush, "insects": insects,
    "lapping": lapping, "leaves": leaves, "pupils": pupils, "rain": rain, "rain outside": rain_outside, "room": room,
    "sand": sand, "sea": sea, "simmer": simmer, "traffic": traffic, "waves": waves, "wind": wind,
    "wind outside": wind_outside,
}  # fmt: skip
