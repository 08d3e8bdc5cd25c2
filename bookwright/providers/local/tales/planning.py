"""What happens on which page: the beats of a plot, with episodes on the way, at places that change."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from bookwright.contracts.depicting import Weather
from bookwright.providers.local.tales.library import Library, Place, Plot, World

WORDS_A_BEAT = 105
"""What a beat can tell at most; a page with more words has several."""
_GENTLE = ("sleeper", "gap", "small", "fog", "stuck", "gust", "quarrel", "riddle", "liar")
"""Episodes for the youngest; the others are about doubts and temptations, and come after these."""
_ORDER = (
    "open", "pal", "home", "occasion", "call1", "call2", "way", "low", "arrive", "turn", "climax", "prize", "back",
    "feast", "end",
)  # fmt: skip
_FIRST = ("call1", "turn", "climax", "end", "open", "prize", "pal", "arrive")
"""What a tale can't do without, the most needed first."""
_FAIR = (Weather.CLEAR, "still", "stars", "glow")
_MOODS = {
    "open": ("warm", 0.2), "pal": ("joyful", 0.3), "home": ("joyful", 0.2), "occasion": ("festive", 0.3),
    "call1": ("mysterious", 0.5), "call2": ("tense", 0.4), "go": ("calm", 0.3), "meet": ("mysterious", 0.5),
    "try": ("tense", 0.6), "solve": ("joyful", 0.6), "clue": ("mysterious", 0.4), "night": ("calm", 0.1),
    "low": ("sad", 0.5), "arrive": ("mysterious", 0.7), "turn": ("tense", 0.8), "climax": ("tense", 0.9),
    "prize": ("joyful", 0.6), "back": ("festive", 0.5), "feast": ("festive", 0.4), "end": ("calm", 0.1),
}  # fmt: skip


@dataclass(frozen=True)
class Beat:
    """Something that happens."""

    kind: str
    place: Place
    time: str
    """A word of `contracts.depicting.TimeOfDay`."""
    weather: str
    """A key of `Frames.weather`."""
    arrives: bool = False
    """Whether the place is a new one."""
    episode: str | None = None

    @property
    def mood(self) -> str:
        return _MOODS[self.kind][0]

    @property
    def intensity(self) -> float:
        return _MOODS[self.kind][1]

    @property
    def seen_weather(self) -> str:
        """A word of `contracts.depicting.Weather`."""
        return Weather.CLEAR if self.weather in _FAIR else self.weather


def beats_a_page(words: int) -> int:
    """How many beats fill a page of so many words."""
    return -(-words // WORDS_A_BEAT)


def planned(
    rng: Random, parts: Library, plot: Plot, world: World, count: int, *, occasion: bool, gentle: bool
) -> list[Beat]:
    """`count` beats (4 at least): beginning, episodes on the way that get harder, the deed, a quiet end."""
    frame, way = _shares(count, occasion=occasion)
    episodes = _episodes(rng, parts, gentle=gentle)
    kinds: list[tuple[str, str | None]] = []
    for kind in _ORDER:
        if kind == "way":
            kinds += _way(way, episodes, clue="clue" in frame, night="night" in frame)
        elif kind in frame:
            kinds.append((kind, None))
    return _placed(rng, plot, world, kinds)


def _shares(count: int, *, occasion: bool) -> tuple[set[str], list[int]]:
    """The beats that all tales have, as many as there is room for, and the lengths of the episodes."""
    frame, way = list(_FIRST[:count]), list[int]()
    left = count - len(frame)
    wanted: list[str | int] = [3, "call2", "low", "back", 3, "clue", "home", "night", 3]
    if occasion:
        wanted[1:1] = ["feast", "occasion"]
    for each in wanted:
        size = each if isinstance(each, int) else 1
        if size > left:
            continue
        left -= size
        if isinstance(each, int):
            way.append(each)
        else:
            frame.append(each)
    while left >= 4:
        way.append(4)
        left -= 4
    for place in range(left):  # the way there is told, too
        if way:
            way[place % len(way)] += 1
        else:
            way.append(1)
    return set(frame), way


def _episodes(rng: Random, parts: Library, *, gentle: bool) -> list[str]:
    keys = sorted(parts.episodes)
    rng.shuffle(keys)
    return sorted(keys, key=lambda key: key not in _GENTLE) if gentle else keys


def _way(lengths: Sequence[int], episodes: Sequence[str], *, clue: bool, night: bool) -> list[tuple[str, str | None]]:
    """The episodes one after the other, with what is learnt and the rest between them."""
    told: list[tuple[str, str | None]] = []
    for place, length in enumerate(lengths):
        if place == len(lengths) // 2 and clue:
            told.append(("clue", None))
        if place == len(lengths) - 1 and night:
            told.append(("night", None))
        if place >= len(episodes):  # more pages than there is to tell: the way is long
            told += [("go", None)] * length
            continue
        told += [("go", None)] * max(0, length - 3)
        told += [(kind, episodes[place]) for kind in ("meet", "try", "solve")[:length]] if length >= 3 else []
        if length < 3:
            told += [("go", None)] * length
    if not lengths:
        told += [("clue", None)] * clue + [("night", None)] * night
    return told


def _placed(rng: Random, plot: Plot, world: World, kinds: Sequence[tuple[str, str | None]]) -> list[Beat]:
    """When and where each of them is: at home, from place to place, and home again."""
    home, *others = world.places
    rng.shuffle(others)
    visited = 0
    place, weather = home, _fair(rng, world)
    nights = any(kind == "night" for kind, _ in kinds)
    out: list[Beat] = []
    episode: str | None = None
    for index, (kind, told) in enumerate(kinds):
        new = kind in ("go", "arrive") or (told is not None and told != episode and not _goes(kinds, index - 1))
        if new:
            place = others[visited % len(others)]
            visited += 1
            weather = rng.choice(world.weathers)
        if kind in ("back", "feast", "end"):
            new, place = place is not home and kind == "back", home
            weather = _fair(rng, world) if kind == "back" else weather
        episode = told or episode
        out.append(Beat(kind, place, "", weather, arrives=new, episode=told))
    return [_timed(beat, plot, index / max(1, len(out) - 1), out, nights) for index, beat in enumerate(out)]


def _goes(kinds: Sequence[tuple[str, str | None]], index: int) -> bool:
    return index >= 0 and kinds[index][0] == "go"


def _timed(beat: Beat, plot: Plot, share: float, beats: Sequence[Beat], nights: bool) -> Beat:
    """The hours pass with the tale: over one day, or over two when a night is between them."""
    if nights:
        middle = next(index for index, other in enumerate(beats) if other.kind == "night") / max(1, len(beats) - 1)
        share = share / middle / 1.3 if share < middle else (share - middle) / (1 - middle)
    hour = "dawn" if share < 0.14 else "day" if share < 0.62 else "dusk" if share < 0.92 else "night"
    if beat.kind == "open":
        hour = "day"
    if beat.kind in ("night", "end", "feast"):
        hour = "dusk" if beat.kind == "feast" else "night"
    time = plot.when.get(beat.kind, hour)
    return replace(beat, time=time, weather=plot.skies.get(beat.kind, beat.weather))


def _fair(rng: Random, world: World) -> str:
    return rng.choice([weather for weather in world.weathers if weather in _FAIR] or list(world.weathers))
