"""The light of a scene: what its time of day, weather and mood do to every colour in it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bookwright.contracts.depicting import Mood, TimeOfDay, Weather
from bookwright.providers.local.painting.colour import RGB, lit, mix, toned


@dataclass(frozen=True)
class Light:
    """`sky` from the top down to the horizon. What is far away takes on the colour of the `haze`."""

    sky: tuple[str, str, str]
    ambient: RGB
    haze: str
    hazy: float
    """How much of it lies over what is farthest, 0 to 1."""
    disc: str
    """The colour of the sun or moon."""
    night: bool
    overcast: bool
    saturation: float = 1.0
    warmth: str = "#ffe2b0"
    """The colour of what shines."""

    def at(self, colour: str, depth: float = 0.0) -> str:
        """A thing's own colour as it is seen: `depth` is 0 in front and 1 at the horizon."""
        seen = lit(toned(colour, self.saturation), self.ambient)
        return mix(seen, self.haze, self.hazy * depth)

    def on_figures(self) -> "Light":
        """The light on those whom the picture is about: they are seen well in any weather."""
        bright = _each(self.ambient, lambda share: 0.42 + 0.58 * share)
        return replace(self, ambient=bright, saturation=0.5 + 0.5 * self.saturation)


_TIMES = {
    TimeOfDay.DAWN: Light(
        ("#8fb4de", "#f3c6c3", "#ffe3b4"), (1.0, 0.93, 0.9), "#f8d3c0", 0.72, "#fff1c9", False, False
    ),
    TimeOfDay.DAY: Light(("#4fa3e3", "#8fcaf2", "#dff1f7"), (1, 1, 1), "#cfe6f2", 0.68, "#fff6cf", False, False),
    TimeOfDay.DUSK: Light(
        ("#4b4a8f", "#d9708a", "#ffb469"), (0.95, 0.78, 0.76), "#e79a86", 0.7, "#ffd98a", False, False
    ),
    TimeOfDay.NIGHT: Light(
        ("#0d1440", "#1f2f6b", "#4a5fa0"), (0.4, 0.47, 0.74), "#3a4c8c", 0.75, "#fdf3d0", True, False
    ),
}
LAMPLIGHT: RGB = (0.86, 0.73, 0.58)
"""What rooms are lit by at night."""
_WEATHERS: dict[Weather, tuple[str, float, float, float]] = {
    # the sky's veil, how thick it is, how far light is taken away, how much haze is added
    Weather.CLOUDS: ("#c3ccd6", 0.3, 0.03, 0.05),
    Weather.RAIN: ("#8795a6", 0.62, 0.14, 0.12),
    Weather.STORM: ("#4d5568", 0.72, 0.26, 0.1),
    Weather.SNOW: ("#d3dbe6", 0.55, 0.03, 0.14),
    Weather.FOG: ("#d4dbde", 0.62, 0.04, 0.28),
    Weather.WIND: ("#b9d3e2", 0.18, 0.0, 0.0),
}
_MOODS: dict[Mood, tuple[str, float, float]] = {
    # a tint, how strong it is, and what becomes of saturation
    Mood.CALM: ("#d8ecef", 0.05, 0.94),
    Mood.JOYFUL: ("#fff0b8", 0.06, 1.14),
    Mood.TENSE: ("#5a3b52", 0.13, 0.95),
    Mood.SAD: ("#8fa3bd", 0.13, 0.72),
    Mood.FESTIVE: ("#ffd9a0", 0.06, 1.2),
    Mood.MYSTERIOUS: ("#6a58a8", 0.16, 1.0),
    Mood.WARM: ("#ffcf94", 0.12, 1.06),
    Mood.LONELY: ("#93a4b8", 0.1, 0.8),
}


def light_of(time: TimeOfDay, weather: Weather, mood: Mood | None) -> Light:
    """The light of that hour in that weather, as that mood sees it."""
    light = _TIMES[time]
    if weather in _WEATHERS:
        veil, thick, taken, more = _WEATHERS[weather]
        veil = lit(veil, _each(light.ambient, lambda share: min(share * 1.05, 1.0)))
        high, middle, low = light.sky
        light = replace(
            light,
            sky=(mix(high, veil, thick * 0.75), mix(middle, veil, thick * 0.88), mix(low, veil, thick)),
            ambient=_each(light.ambient, lambda share: share * (1 - taken)),
            haze=mix(light.haze, veil, thick),
            hazy=min(light.hazy + more, 0.95),
            saturation=1 - 0.3 * thick,
            overcast=thick > 0.5,
        )
    if mood is not None:
        tint, strength, saturation = _MOODS[mood]
        strength *= 0.6 if light.night else 1.0
        red, green, blue = light.ambient
        tint_red, tint_green, tint_blue = _shares(tint)
        high, middle, low = (toned(mix(colour, tint, strength), saturation) for colour in light.sky)
        light = replace(
            light,
            sky=(high, middle, low),
            ambient=(
                red * (1 - strength * (1 - tint_red)),
                green * (1 - strength * (1 - tint_green)),
                blue * (1 - strength * (1 - tint_blue)),
            ),
            haze=mix(light.haze, tint, strength),
            saturation=light.saturation * saturation,
        )
        if light.night and mood is Mood.FESTIVE:
            red, green, blue = light.ambient
            light = replace(light, ambient=(red + 0.24, green + 0.15, blue + 0.02))  # lanterns
    return light


def _each(light: RGB, change: Callable[[float], float]) -> RGB:
    red, green, blue = light
    return change(red), change(green), change(blue)


def _shares(colour: str) -> RGB:
    top = max(int(colour[n : n + 2], 16) for n in (1, 3, 5))
    red, green, blue = (int(colour[n : n + 2], 16) / top for n in (1, 3, 5))
    return red, green, blue
