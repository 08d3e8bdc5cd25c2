"""Where the figures stand, how large they are, and what they do."""

from dataclasses import dataclass, replace

from bookwright.contracts.depicting import Depiction, Mood, Setting
from bookwright.providers.local.painting.figures.choosing import looks_of
from bookwright.providers.local.painting.figures.drawing import FLIERS, SWIMMERS, draw_figure
from bookwright.providers.local.painting.figures.looks import Looks
from bookwright.providers.local.painting.figures.poses import BEFORE_THE_CHEST, POSES, Pose, felt, poses_told
from bookwright.providers.local.painting.pen import oval
from bookwright.providers.local.painting.sky import cloud
from bookwright.providers.local.painting.stage import Stage
from bookwright.providers.local.painting.things.library import props_told
from bookwright.providers.local.painting.things.stock import THINGS

_PLACES: dict[int, tuple[float, ...]] = {
    1: (0.38,),
    2: (0.36, 0.64),
    3: (0.5, 0.25, 0.75),
    4: (0.4, 0.62, 0.18, 0.83),
    5: (0.5, 0.3, 0.7, 0.13, 0.87),
    6: (0.42, 0.6, 0.24, 0.77, 0.1, 0.91),
}
"""Where how many stand, as shares of the width: whom the picture is about first."""
_SHARES = {1: 0.5, 2: 0.46, 3: 0.41, 4: 0.37, 5: 0.34, 6: 0.31}
"""A child's height as a share of the picture's, by how many there are."""
_BESIDE = ("stand", "wave", "hold", "walk", "wonder")
"""What those do whom the action says nothing of."""
_TOGETHER = frozenset({"walk", "run", "fly", "swim", "cheer", "dance", "jump", "climb", "sleep", "weep", "fear"})
"""What is done by all when one does it."""
_MOST = 6


@dataclass(frozen=True)
class Standing:
    """A figure in its place; `scale` is units to one of the figure's."""

    looks: Looks
    pose: Pose
    x: float
    y: float
    scale: float
    flip: bool


def cast_in(s: Stage, depiction: Depiction, setting: Setting, busy: bool) -> list[Standing]:
    """Everybody who is seen, farthest first."""
    looks = [looks_of(figure) for figure in depiction.cast[:_MOST]]
    count = len(looks)
    if not count:
        return []
    told = poses_told(s.words)
    held, _ = props_told(s.words) if not busy else (None, None)
    share = _SHARES[count] * (0.62 if busy else 0.8 if s.mood is Mood.LONELY else s.rng.uniform(0.92, 1.06))
    if setting in (Setting.CITY_STREET, Setting.CASTLE, Setting.SEA) or s.indoors:
        share *= 0.88
    close = count <= 2 and not busy and not s.afloat and setting is not Setting.SEA and s.rng.random() < 0.2
    unit = min(s.height, s.width * 0.86) * share / 100
    mirrored = s.rng.random() < 0.5
    top, bottom = s.floor
    found = []
    for n, (one, place) in enumerate(zip(looks, _PLACES[count], strict=True)):
        place = 1 - place if mirrored else place
        x = s.width * (place + s.rng.uniform(-0.025, 0.025))
        near = (0.76, 0.5, 0.82, 0.34, 0.26, 0.4)[n] + s.rng.uniform(-0.08, 0.08)
        y = top + (bottom - top) * near
        scale = unit * (0.84 + 0.22 * near)
        if one.age in ("adult", "elder") and one.kind.family == "person":
            scale *= 0.9
        facing_right = place < 0.5 if count > 1 or s.rng.random() < 0.8 else place >= 0.5
        pose = felt(POSES[_pose(s, n, told, one)], s.mood)
        if n == 0 and pose.holds and held in BEFORE_THE_CHEST:
            pose = replace(pose, holds=held)
        elif n == 0 and held and not pose.holds and not pose.lies and pose.near_arm[0] < 60:
            arms = POSES["read" if held in BEFORE_THE_CHEST else "hold"]
            pose = replace(pose, near_arm=arms.near_arm, far_arm=arms.far_arm, holds=held)
        if close and "sleep" not in told:
            scale, y = scale * 1.45, y + s.height * 0.27
        if s.afloat:
            y, pose = _afloat(s, setting, one, pose, y, n)
        found.append(Standing(one, pose, x, y, scale, not facing_right))
    return sorted(found, key=lambda standing: standing.y)


def _pose(s: Stage, n: int, told: list[str], looks: Looks) -> str:
    if looks.kind.family in SWIMMERS:
        return "stand"
    if n == 0:
        return told[0] if told else s.rng.choice(("stand", "walk", "wave", "hold"))
    shared = [pose for pose in told if pose in _TOGETHER]
    if shared and s.rng.random() < 0.75:
        return shared[0]
    if len(told) > 1 and n == 1:
        return told[1]
    return s.rng.choice(_BESIDE)


def _afloat(s: Stage, setting: Setting, looks: Looks, pose: Pose, y: float, n: int) -> tuple[float, Pose]:
    """Up in the air, in the water, or on a cloud."""
    lift = s.height * (0.1 * (n % 3))
    if setting is Setting.UNDERWATER:
        if looks.kind.family in ("person", "plush") and not pose.lies:
            pose = replace(POSES["swim"], eyes=pose.eyes, mouth=pose.mouth, hovers=0, lean=26)
        return y - lift, replace(pose, hovers=0)
    flies = (
        looks.kind.family in FLIERS | {"bird"}
        or {"bat wings", "wings", "feather wings"} & {*looks.kind.marks, *looks.worn}
        or setting is Setting.SPACE
    )
    if flies:
        if looks.kind.family in ("person", "plush", "bird") and not pose.lies:
            pose = replace(POSES["fly"], eyes=pose.eyes, mouth=pose.mouth)
        return y - lift + s.height * 0.06, replace(pose, hovers=0)
    return y - lift, replace(pose, hovers=min(pose.hovers, 0.2))


def draw_cast(s: Stage, setting: Setting, cast: list[Standing]) -> None:
    """Draw everybody, in the light of the scene."""
    light = s.light.on_figures()
    for one in cast:
        looks = replace(
            one.looks,
            main=light.at(one.looks.main),
            second=light.at(one.looks.second),
            third=light.at(one.looks.third),
            skin=light.at(one.looks.skin),
            hair=light.at(one.looks.hair),
            wrap=light.at(one.looks.wrap),
        )
        grounded = not s.afloat
        if setting is Setting.SKY and not one.pose.lean and looks.kind.family not in FLIERS | {"bird"}:
            cloud(s, one.x, one.y + 34, 190 * one.scale * looks.size / 2, light.at("#ffffff"), 0.97)
        if s.light.night and not s.pen.flat:
            s.pen.glow(one.x, one.y - 55 * one.scale, 105 * one.scale, s.light.disc, 0.2)
        bed = light.at(looks.third) if s.indoors and setting is not Setting.CAVE else ""
        draw_figure(s.pen, looks, one.pose, one.x, one.y, one.scale, one.flip, "#1c1a30" if grounded else "", bed)


def draw_prop(s: Stage, cast: list[Standing]) -> None:
    """What an action says stands there, such as a treasure chest, beside whom it is about."""
    _, name = props_told(s.words)
    if name is None or s.afloat or not cast:
        return
    hero = max(cast, key=lambda one: one.scale * one.looks.size)
    side = 1 if hero.x < s.width / 2 else -1
    x, y, scale = hero.x + side * 88 * hero.scale, hero.y + 10, hero.scale * 0.72
    if len(cast) > 1:  # before them all
        x, y = s.width * 0.5 + side * 46 * hero.scale, min(max(one.y for one in cast) + 34, s.height * 0.97)
    if s.pen.flat:
        s.pen.plain(oval(x, y, 44 * scale, 8 * scale), "#1c1a30", 0.28)
    else:
        s.pen.glow(x, y, 62 * scale, "#1c1a30", 0.55, 13 * scale)
    with s.pen.moved(x, y - 38 * scale, scale):
        THINGS[name].draw(s.pen, s.light.on_figures().at(THINGS[name].main))


def places_taken(cast: list[Standing]) -> list[tuple[float, float, float, float]]:
    """The boxes that figures fill: left, top, right, bottom."""
    boxes = []
    for one in cast:
        size = one.scale * one.looks.size
        wide, tall = (70, 62) if one.pose.lies else (46, 128)
        lift = one.pose.hovers * 100 * size
        boxes.append((one.x - wide * size, one.y - tall * size - lift, one.x + wide * size, one.y + 8 - lift * 0.5))
    return boxes
