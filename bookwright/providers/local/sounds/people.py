"""Single sounds of people and of what they make. Each function makes a few variants: mono, of any size.

Bells have the partials of church bells (hum, prime, tierce, quint, nominal).
"""

import numpy as np

from bookwright.providers.local.sounds.dsp import band, filtered, peaks
from bookwright.providers.local.sounds.shapes import (
    Bank,
    Chance,
    afar,
    burst,
    curve,
    glide,
    hump,
    moments,
    partial_tones,
    ringing,
    samples,
    together,
)


def murmurs(chance: Chance) -> Bank:
    """Syllables of a crowd: voiced, with a formant or two, and no words. Only heard many at a time."""
    for _ in range(36):
        seconds = chance.uniform(0.12, 0.34)
        hertz = (
            chance.choice((1.0, 1.75))
            * chance.uniform(95, 140)
            * curve(seconds, (0, 1), (1, chance.uniform(0.85, 1.1)))
        )
        voice = glide(hertz, hump(seconds), [1 / number for number in range(1, 22)])
        formants = peaks((chance.uniform(350, 750), 0.4, 1), (chance.uniform(900, 1_900), 0.25, 0.5))
        yield filtered(voice, formants)


def children(chance: Chance) -> Bank:
    """As `murmurs`, of children at play."""
    for _ in range(30):
        seconds = chance.uniform(0.15, 0.5)
        hertz = chance.uniform(280, 480) * curve(seconds, (0, 0.9), (0.4, chance.uniform(1, 1.4)), (1, 0.85))
        voice = glide(hertz, hump(seconds), [1 / number for number in range(1, 12)])
        yield filtered(voice, peaks((chance.uniform(600, 1_100), 0.5, 1), (chance.uniform(1_600, 2_800), 0.3, 0.6)))


def claps(chance: Chance) -> Bank:
    """Hands that clap; many make applause."""
    for _ in range(14):
        yield burst(chance, ringing(0.05, 0.04, 0.0005), peaks((chance.uniform(900, 2_200), 0.8, 1)))


def steps(chance: Chance) -> Bank:
    """Footsteps, some in a row: a heel and a sole each."""
    for _ in range(4):
        gap = chance.uniform(0.48, 0.62)
        row = []
        for number in range(int(chance.integers(3, 7))):
            heel = burst(chance, ringing(0.08, 0.06), band(70, 420))
            sole = burst(chance, hump(0.13, 0.25), band(700, 4_500, 1, 1)) * np.float32(0.35)
            row.append((number * gap + chance.uniform(0, 0.04), together((0, heel), (0.05, sole))))
        yield afar(chance, together(*row), 5_000, 0.2, 0.4)


def drums(chance: Chance) -> Bank:
    """A hand drum far off, some beats."""
    for _ in range(3):
        row = []
        gap = chance.uniform(0.16, 0.24)
        for number in range(16):
            if chance.random() < 0.65:
                hertz = chance.choice((82.0, 118.0)) * curve(0.25, (0, 1.25), (0.2, 1), (1, 0.95))
                row.append(
                    (number * gap, glide(hertz, ringing(0.25, 0.3), (1, 0.3)) * np.float32(chance.uniform(0.5, 1)))
                )
        yield afar(chance, together((0, np.zeros(2, np.float32)), *row), 900, 0.4, 0.8)


def carts(chance: Chance) -> Bank:
    """Wheels of wood on stone, coming by."""
    for _ in range(2):
        seconds = chance.uniform(3.5, 5)
        shake = 0.6 + 0.4 * np.abs(np.sin(2 * np.pi * chance.uniform(2.2, 3.2) * moments(seconds)))
        rumble = burst(chance, hump(seconds, 0.5) * shake.astype(np.float32), band(60, 500))
        knocks = [
            (at, partial_tones(0.08, [(chance.uniform(250, 600), 1.2, 0.05)])) for at in chance.uniform(0.6, 3, 7)
        ]
        creak = glide(curve(0.5, (0, 620), (1, 840)), hump(0.5), (1, 0.6, 0.4, 0.3)) * np.float32(0.15)
        yield afar(chance, together((0, rumble), *knocks, (1.4, creak)), 3_000, 0.25, 0.5)


def bells(chance: Chance) -> Bank:
    """A church bell far off."""
    for _ in range(2):
        prime = chance.uniform(260, 340)
        parts = (
            (0.5, 0.5, 6),
            (1, 0.7, 4),
            (1.19, 0.6, 3.2),
            (1.5, 0.35, 2.4),
            (2, 1, 2.2),
            (2.52, 0.3, 1.4),
            (3.01, 0.25, 1),
        )
        bell = partial_tones(4.5, [(prime * ratio, size, decay) for ratio, size, decay in parts])
        yield afar(chance, together((0, bell), (2.2, bell * np.float32(0.9))), 3_200, 0.4, 1.6)


def hand_bells(chance: Chance) -> Bank:
    """Small bells: of a shop's door, a cow, a bicycle, anklets."""
    for _ in range(4):
        base = chance.uniform(1_500, 3_200)
        tones = [(base * ratio, size, decay) for ratio, size, decay in ((1, 1, 0.9), (2.3, 0.5, 0.5), (3.9, 0.3, 0.3))]
        strokes = [(at, partial_tones(1, tones)) for at in np.cumsum(chance.uniform(0.09, 0.3, 3))]
        yield afar(chance, together(*strokes), 9_000, 0.25, 0.6)


def clinks(chance: Chance) -> Bank:
    """Dishes, glasses, coins, tools."""
    for _ in range(6):
        base = chance.uniform(1_800, 4_200)
        tones = [(base * chance.uniform(1, 3.4), chance.uniform(0.2, 1), chance.uniform(0.06, 0.25)) for _ in range(5)]
        yield afar(chance, partial_tones(0.3, tones), 9_000, 0.3, 0.4)


def clocks(chance: Chance) -> Bank:
    """A few swings of a pendulum."""
    tick = partial_tones(0.05, [(2_300, 1, 0.02), (3_700, 0.7, 0.015), (520, 0.5, 0.03)])
    tock = partial_tones(0.05, [(1_800, 1, 0.02), (2_900, 0.7, 0.015), (430, 0.6, 0.03)])
    row = [(number * 0.75, tick if number % 2 else tock) for number in range(10)]
    yield afar(chance, together(*row), 7_000, 0.25, 0.3)


def creaks(chance: Chance) -> Bank:
    """A door, a floorboard, a ship's timber: wood that sticks and slips."""
    for _ in range(3):
        seconds = chance.uniform(0.5, 1.1)
        rate = chance.uniform(45, 80) * curve(seconds, (0, 0.7), (0.5, 1.5), (1, 0.8))
        slips = glide(rate, hump(seconds), [1.0] * 40)
        yield afar(chance, filtered(slips, peaks((900, 0.3, 1), (1_900, 0.25, 0.6), (420, 0.4, 0.6))), 5_000, 0.3, 0.5)


def knocks(chance: Chance) -> Bank:
    """A hammer, an axe, a knock on wood."""
    for _ in range(3):
        tones = [
            (chance.uniform(160, 260), 1, 0.09),
            (chance.uniform(500, 900), 0.6, 0.05),
            (chance.uniform(1_500, 2_400), 0.25, 0.02),
        ]
        row = [
            (number * chance.uniform(0.3, 0.5), partial_tones(0.15, tones))
            for number in range(int(chance.integers(2, 5)))
        ]
        yield afar(chance, together(*row), 4_000, 0.4, 0.7)


def swords(chance: Chance) -> Bank:
    """Metal on metal, chains, armour."""
    for _ in range(3):
        tones = [(chance.uniform(1_100, 6_000), chance.uniform(0.3, 1), chance.uniform(0.15, 0.6)) for _ in range(9)]
        yield afar(chance, partial_tones(0.7, tones), 8_000, 0.35, 0.7)


def fireworks(chance: Chance) -> Bank:
    for _ in range(3):
        thud = burst(chance, ringing(0.5, 0.5, 0.002), band(40, 500))
        sparks = (chance.random(samples(1.2)) < 0.002).astype(np.float32) * ringing(1.2, 1.2)
        fizz = filtered(sparks, band(2_000, 9_000, 1, 1)) * np.float32(0.5)
        yield afar(chance, together((0, thud), (0.25, fizz)), 6_000, 0.4, 1.5)


def cars(chance: Chance) -> Bank:
    """One that passes: tyres and engine."""
    for _ in range(3):
        seconds = chance.uniform(4, 6)
        tyres = burst(chance, hump(seconds, 0.5, 2), band(250, 1_400, 1, 1))
        engine = glide(
            chance.uniform(58, 85) * curve(seconds, (0, 1.05), (0.45, 1.03), (0.6, 0.95), (1, 0.93)),
            hump(seconds, 0.5, 2),
            (1, 0.8, 0.5, 0.3, 0.2),
        )
        yield together((0, tyres), (0, engine * np.float32(0.15 * np.abs(tyres).max())))


def trains(chance: Chance) -> Bank:
    """Far off: wheels over joints."""
    row = []
    for number in range(9):
        for at in (0.0, 0.16):
            row.append((number * 0.62 + at, burst(chance, ringing(0.14, 0.12), band(80, 900))))
    roll = burst(chance, hump(6, 0.5), band(60, 350)) * np.float32(0.4)
    yield afar(chance, together((0, roll), *row), 1_600, 0.4, 1.2)


def horns(chance: Chance) -> Bank:
    """A ship's horn in the distance."""
    hertz = chance.uniform(105, 130)
    parts = [1 / number for number in range(1, 9)]
    yield afar(chance, glide(np.full(samples(2.2), hertz, np.float32), hump(2.2, 0.3, 0.5), parts), 800, 0.5, 2.2)
