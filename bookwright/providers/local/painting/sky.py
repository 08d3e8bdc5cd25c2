"""The sky: its colours, sun or moon, stars and clouds, and the weather that falls out of it."""

import math

from bookwright.contracts.depicting import Mood, TimeOfDay, Weather
from bookwright.providers.local.painting.colour import mix
from bookwright.providers.local.painting.pen import box, oval, wobble
from bookwright.providers.local.painting.stage import Stage

_CLOUDS = {
    Weather.CLEAR: 2,
    Weather.CLOUDS: 7,
    Weather.RAIN: 7,
    Weather.STORM: 8,
    Weather.SNOW: 5,
    Weather.FOG: 2,
    Weather.WIND: 5,
}


def paint_sky(s: Stage, bottom: float | None = None) -> None:
    """The sky down to `bottom` (the horizon)."""
    bottom = s.horizon + 60 if bottom is None else bottom
    top, middle, low = s.light.sky
    if s.pen.flat:
        s.pen.plain(box(-5, -5, s.width + 10, bottom + 5), mix(middle, low, 0.35))
    else:
        s.pen.wash(-5, -5, s.width + 10, bottom * 0.55 + 6, top, middle)
        s.pen.wash(-5, bottom * 0.55, s.width + 10, bottom * 0.45 + 5, middle, low)
    if s.light.night and not s.light.overcast and "star" not in s.sought:
        _stars(s, bottom)
    if not s.light.overcast and not s.sought & {"sun", "moon"}:
        _disc(s, bottom)
    if (
        s.time is TimeOfDay.DAY
        and s.weather is Weather.CLEAR
        and s.mood in (Mood.JOYFUL, Mood.FESTIVE)
        and s.rng.random() < 0.4
    ):
        _rainbow(s, bottom)
    _clouds(s, bottom)
    if s.weather is Weather.STORM:
        _lightning(s, bottom)
    if not s.light.night and s.weather in (Weather.CLEAR, Weather.CLOUDS, Weather.WIND) and "bird" not in s.sought:
        _birds(s, bottom)


def _stars(s: Stage, bottom: float) -> None:
    small = "".join(
        oval(s.rng.uniform(0, s.width), bottom * s.rng.random() ** 1.4 * 0.95, s.rng.uniform(0.9, 2.2))
        for _ in range(70)
    )
    s.pen.plain(small, "#fffbe6", 0.75)
    for _ in range(9):
        x, y, r = s.rng.uniform(0, s.width), bottom * s.rng.uniform(0.02, 0.7), s.rng.uniform(5, 9)
        s.pen.plain(sparkle(x, y, r), "#fff8dc", 0.95)


def sparkle(x: float, y: float, r: float) -> str:
    """A star with four thin rays."""
    k = r * 0.16
    return (
        f"M{x:.1f} {y - r:.1f}L{x + k:.1f} {y - k:.1f}L{x + r:.1f} {y:.1f}L{x + k:.1f} {y + k:.1f}L{x:.1f} {y + r:.1f}"
        f"L{x - k:.1f} {y + k:.1f}L{x - r:.1f} {y:.1f}L{x - k:.1f} {y - k:.1f}Z"
    )


def _disc(s: Stage, bottom: float) -> None:
    low = s.time in (TimeOfDay.DAWN, TimeOfDay.DUSK)
    x = s.x(s.rng.choice((s.rng.uniform(0.12, 0.3), s.rng.uniform(0.7, 0.88))))
    y = bottom * (s.rng.uniform(0.62, 0.8) if low else s.rng.uniform(0.16, 0.34))
    r = s.rng.uniform(52, 66) if low else s.rng.uniform(40, 54)
    if not s.pen.flat:
        s.pen.glow(x, y, r * 7, s.light.disc, 0.5 if low else 0.38)
        s.pen.glow(x, y, r * 2.6, s.light.disc, 0.6)
    elif not s.light.night:
        s.pen.plain(oval(x, y, r * 1.6), s.light.disc, 0.3)
    if s.light.night and s.rng.random() < 0.5:
        s.pen.plain(
            f"M{x:.1f} {y - r:.1f}A{r:.1f} {r:.1f} 0 1 1 {x - r:.1f} {y:.1f}"
            f"A{r * 0.78:.1f} {r * 0.78:.1f} 0 0 0 {x:.1f} {y - r:.1f}Z",
            s.light.disc,
        )
        return
    s.pen.plain(oval(x, y, r), s.light.disc)
    if s.light.night:
        for dx, dy, size in ((-0.3, -0.2, 0.22), (0.25, 0.3, 0.16), (0.35, -0.25, 0.1)):
            s.pen.plain(oval(x + dx * r, y + dy * r, size * r), mix(s.light.disc, "#c9b98f", 0.45), 0.7)


def _rainbow(s: Stage, bottom: float) -> None:
    x, r = s.x(s.rng.uniform(0.3, 0.7)), s.width * 0.42
    for n, colour in enumerate(("#e8606a", "#f2a65a", "#f7e07a", "#84c98a", "#6aa8e0", "#a186d0")):
        size = r - n * 15
        d = f"M{x - size:.1f} {bottom + 60:.1f}A{size:.1f} {size:.1f} 0 0 1 {x + size:.1f} {bottom + 60:.1f}"
        s.pen.line(d, colour, 15, 0.3)


def cloud(s: Stage, x: float, y: float, width: float, colour: str, opacity: float = 1.0) -> None:
    """A heap of round puffs over a flat base."""
    if "cloud" in s.sought:
        return
    height = width * s.rng.uniform(0.3, 0.42)
    count = 5
    puffs = [oval(x, y - height * 0.16, width * 0.48, height * 0.22)]
    for n in range(count):
        share = (n + 0.5) / count
        rise = math.sin(math.pi * share)
        r = height * (0.26 + 0.3 * rise) * s.rng.uniform(0.85, 1.15)
        puffs.append(oval(x + width * (share - 0.5) * 0.8, y - height * 0.18 - r * 0.55, r * 1.1, r))
    shade = mix(colour, s.light.sky[1], 0.5 if not s.light.night else 0.35)
    with s.pen.moved(0, 0, opacity=opacity):
        if not s.pen.flat:
            for puff in puffs:
                s.pen.plain(puff, shade)
            with s.pen.moved(-width * 0.012, -height * 0.07):
                for puff in puffs:
                    s.pen.plain(puff, colour)
        else:
            s.pen.plain("".join(puffs), colour)


def _clouds(s: Stage, bottom: float) -> None:
    white = mix(s.light.sky[2], "#ffffff", 0.72 if not s.light.night else 0.12)
    if s.light.overcast:
        white = mix(s.light.sky[1], "#ffffff" if s.weather is not Weather.STORM else "#2b3144", 0.22)
    count = _CLOUDS[s.weather]
    for n in range(count):
        x = s.width * ((n + s.rng.uniform(0.1, 0.9)) / count)
        far = s.rng.random()
        y = bottom * (0.14 + 0.55 * far) + 20
        width = s.rng.uniform(190, 330) * (1.25 - 0.75 * far)
        cloud(s, x, y, width, white, 0.92 - 0.3 * far)


def _lightning(s: Stage, bottom: float) -> None:
    x, y = s.x(s.rng.uniform(0.2, 0.8)), bottom * 0.12
    points = [(x, y)]
    while y < bottom * 0.92:
        x, y = x + s.rng.uniform(-48, 48), y + s.rng.uniform(36, 74)
        points.append((x, y))
    d = "M" + "L".join(f"{px:.1f} {py:.1f}" for px, py in points)
    s.pen.glow(points[2][0], points[2][1], 380, "#e8ecff", 0.5)
    s.pen.line(d, "#cfd8ff", 13, 0.35)
    s.pen.line(d, "#fffdf0", 5)


def _birds(s: Stage, bottom: float) -> None:
    colour = s.at("#3a4258", 0.35)
    x0, y0 = s.x(s.rng.uniform(0.2, 0.8)), bottom * s.rng.uniform(0.2, 0.5)
    for _ in range(s.rng.randint(0, 5)):
        x, y, r = x0 + s.rng.uniform(-130, 130), y0 + s.rng.uniform(-60, 60), s.rng.uniform(9, 17)
        s.pen.line(
            f"M{x - r:.1f} {y - r * 0.3:.1f}Q{x - r * 0.4:.1f} {y - r * 0.8:.1f} {x:.1f} {y:.1f}"
            f"Q{x + r * 0.4:.1f} {y - r * 0.8:.1f} {x + r:.1f} {y - r * 0.3:.1f}",
            colour,
            3,
            0.75,
        )


def paint_weather(s: Stage) -> None:
    """What falls or drifts before everything: rain, snow, fog, leaves in the wind."""
    if s.indoors or (s.afloat and s.weather in (Weather.FOG,)):
        return
    match s.weather:
        case Weather.RAIN:
            _streaks(s, 150, 46, 0.16, 0.5)
        case Weather.STORM:
            _streaks(s, 210, 66, 0.34, 0.5)
        case Weather.SNOW:
            for count, least, most, opacity in ((110, 2, 4, 0.8), (40, 5, 9, 0.85)):
                flakes = (oval(s.rng.uniform(0, s.width), s.rng.uniform(0, s.height), s.rng.uniform(least, most))
                          for _ in range(count))  # fmt: skip
                s.pen.plain("".join(flakes), "#ffffff", opacity)
        case Weather.FOG:
            for n in range(5):
                y = s.horizon + (s.height - s.horizon) * (n / 5) * 0.8
                x = s.x(s.rng.uniform(0.1, 0.9))
                s.pen.glow(x, y, s.width * 0.62, s.light.haze, 0.5 - 0.06 * n, 95)
        case Weather.WIND:
            _gusts(s)


def _streaks(s: Stage, count: int, length: float, slant: float, opacity: float) -> None:
    drops = []
    for _ in range(count):
        x, y, size = s.rng.uniform(-60, s.width + 60), s.rng.uniform(-40, s.height), length * s.rng.uniform(0.6, 1.2)
        drops.append(f"M{x:.1f} {y:.1f}l{-size * slant:.1f} {size:.1f}")
    s.pen.line("".join(drops), mix(s.light.haze, "#ffffff", 0.6), 2.6, opacity)


def _gusts(s: Stage) -> None:
    for _ in range(5):
        x, y, size = s.rng.uniform(-50, s.width * 0.8), s.rng.uniform(60, s.height * 0.75), s.rng.uniform(150, 300)
        s.pen.line(
            f"M{x:.1f} {y:.1f}q{size * 0.5:.1f} {-size * 0.14:.1f} {size:.1f} 0t{size * 0.3:.1f} {-size * 0.16:.1f}"
            f"q{-size * 0.1:.1f} {-size * 0.1:.1f} {-size * 0.16:.1f} {size * 0.02:.1f}",
            "#ffffff",
            4,
            0.5,
        )
    for _ in range(22):
        x, y, size = s.rng.uniform(0, s.width), s.rng.uniform(0, s.height), s.rng.uniform(7, 13)
        colour = s.at(s.rng.choice(("#d98e3f", "#c9622f", "#8fae4a", "#e3b84b")))
        with s.pen.moved(x, y, turn=s.rng.uniform(0, 360)):
            s.pen.plain(
                f"M{-size:.1f} 0Q0 {-size * 0.8:.1f} {size:.1f} 0Q0 {size * 0.8:.1f} {-size:.1f} 0Z", colour, 0.9
            )


def fireflies(s: Stage, count: int, top: float, bottom: float) -> None:
    """Specks of light in the dark."""
    for _ in range(count):
        x, y = s.rng.uniform(0, s.width), s.rng.uniform(top, bottom)
        s.pen.glow(x, y, s.rng.uniform(12, 24), "#fff3a0", 0.75)
        s.pen.plain(oval(x, y, 2.6), "#fffde0")


def puddle(s: Stage, x: float, y: float, r: float) -> None:
    """Rain on the ground, with the sky in it."""
    s.pen.plain(wobble(s.rng, x, y, r, r * 0.2), mix(s.light.sky[1], "#ffffff", 0.15), 0.55)
