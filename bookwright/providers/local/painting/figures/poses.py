"""Poses: what a body does, as angles; and the words that they follow from."""

from dataclasses import dataclass, replace

from bookwright.providers.local.painting.lexicon import by_word, meanings

Bend = tuple[float, float]
"""A limb: degrees away from hanging straight down, outwards; and by how much more its lower half is turned."""


@dataclass(frozen=True)
class Pose:
    """`near` limbs are on the side that the figure faces."""

    near_arm: Bend = (16, 10)
    far_arm: Bend = (14, 12)
    near_leg: Bend = (5, 0)
    far_leg: Bend = (5, 0)
    lean: float = 0
    """Degrees that the whole body is turned, forwards."""
    nod: float = 0
    """Degrees that the head is turned."""
    sits: bool = False
    lies: bool = False
    hovers: float = 0
    """Share of its height that it is above the ground."""
    eyes: str = "open"
    """`open`, `closed` or `happy`."""
    mouth: str = "smile"
    """`smile`, `laugh`, `oh`, `sad` or `still`."""
    holds: str = ""
    """A thing that is held in the near hand, or one of `BEFORE_THE_CHEST` in both."""


BEFORE_THE_CHEST = frozenset({"book", "map", "letter"})
"""What is held in both hands."""
STAND = Pose()
POSES: dict[str, Pose] = {
    "stand": STAND,
    "wave": Pose(near_arm=(138, 24), far_arm=(16, 10), mouth="laugh", nod=4),
    "walk": Pose(near_arm=(34, -16), far_arm=(30, 20), near_leg=(20, -8), far_leg=(22, 4), lean=2),
    "run": Pose(near_arm=(62, 46), far_arm=(48, 40), near_leg=(44, -38), far_leg=(46, 16), lean=8, mouth="laugh"),
    "cheer": Pose(near_arm=(152, 8), far_arm=(150, 10), near_leg=(10, 0), far_leg=(10, 0), mouth="laugh", eyes="happy"),
    "jump": Pose(
        near_arm=(140, 16),
        far_arm=(144, 10),
        near_leg=(30, -50),
        far_leg=(34, -50),
        hovers=0.2,
        mouth="laugh",
        eyes="happy",
    ),
    "dance": Pose(
        near_arm=(150, 26),
        far_arm=(64, -50),
        near_leg=(26, -30),
        far_leg=(8, 0),
        lean=-5,
        nod=-7,
        mouth="laugh",
        eyes="happy",
    ),
    "point": Pose(near_arm=(96, -4), far_arm=(26, 30), mouth="oh"),
    "read": Pose(near_arm=(28, -68), far_arm=(28, -68), nod=6, holds="book"),
    "hold": Pose(near_arm=(44, 52), far_arm=(18, 14)),
    "hug": Pose(near_arm=(60, -34), far_arm=(60, -34), mouth="smile", eyes="happy"),
    "think": Pose(near_arm=(38, -168), far_arm=(34, -76), nod=8, mouth="still"),
    "sit": Pose(near_arm=(26, 8), far_arm=(24, 8), sits=True),
    "sleep": Pose(lies=True, eyes="closed", mouth="smile"),
    "fly": Pose(
        near_arm=(128, 4), far_arm=(96, 10), near_leg=(8, 6), far_leg=(16, -10), lean=34, hovers=0.55, mouth="laugh"
    ),
    "swim": Pose(near_arm=(120, 6), far_arm=(70, 20), near_leg=(18, -10), far_leg=(24, 8), lean=52, hovers=0.4),
    "climb": Pose(near_arm=(158, -6), far_arm=(120, 34), near_leg=(38, -50), far_leg=(8, 0), mouth="still"),
    "kneel": Pose(near_arm=(40, 10), far_arm=(30, 6), sits=True, nod=8),
    "eat": Pose(near_arm=(34, -150), far_arm=(30, -60), mouth="laugh"),
    "fear": Pose(near_arm=(42, -150), far_arm=(42, -150), mouth="oh", lean=-4),
    "weep": Pose(near_arm=(14, 6), far_arm=(14, 6), mouth="sad", nod=10),
    "wonder": Pose(near_arm=(50, 30), far_arm=(46, 30), mouth="oh", nod=-6),
}

_BY_WORD = by_word("poses")
_RANK = {pose: n for n, pose in enumerate(meanings("poses"))}


def poses_told(words: frozenset[str]) -> list[str]:
    """The poses that an action's words tell of, the most telling first."""
    return sorted({_BY_WORD[word] for word in words if word in _BY_WORD}, key=_RANK.__getitem__)


def felt(pose: Pose, mood: str | None) -> Pose:
    """The pose with the face that goes with a mood, unless it has one of its own."""
    if pose.mouth != "smile":
        return pose
    match mood:
        case "sad" | "lonely":
            return replace(pose, mouth="sad")
        case "tense":
            return replace(pose, mouth="still")
        case "mysterious":
            return replace(pose, mouth="oh")
        case "joyful" | "festive":
            return replace(pose, mouth="laugh")
    return pose
