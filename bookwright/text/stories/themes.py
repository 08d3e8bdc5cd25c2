"""Occasions that a book is given for, and what a story for them is about."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """An occasion."""

    key: str
    words: tuple[str, ...]
    """In any of which it is recognised, in lower case."""
    motifs: tuple[str, ...]
    """What may be in it, in English."""
    advice: str
    """For the writer."""


THEMES = (
    Theme(
        "birthday",
        ("birthday", "जन्मदिन", "பிறந்தநாள்", "geburtstag", "cumpleaños", "anniversaire"),
        ("cake", "candles", "balloons", "wrapped present", "paper crown"),
        "The story leads up to a birthday feast; the hero is celebrated for who they are, not for what they get.",
    ),
    Theme(
        "christmas",
        ("christmas", "xmas", "क्रिसमस", "weihnacht", "navidad", "noël", "noel"),
        ("star", "fir tree", "lantern", "bell", "gingerbread"),
        "Winter light, giving without being asked, coming home.",
    ),
    Theme(
        "diwali",
        ("diwali", "deepavali", "दिवाली", "दीपावली", "தீபாவளி"),
        ("clay lamp", "rangoli", "marigolds", "sweets", "sparkler"),
        "Lamps are lit against the dark; somebody who was away comes back and is welcomed.",
    ),
    Theme(
        "holi",
        ("holi", "होली", "ஹோலி"),
        ("coloured powder", "water jar", "drum", "white clothes", "sweets"),
        "Spring, colours on everybody alike, a quarrel that ends in laughter.",
    ),
    Theme(
        "eid",
        ("eid", "ईद", "ramadan", "रमज़ान"),
        ("crescent moon", "lantern", "dates", "new clothes", "sweets"),
        "Waiting together, the new moon, sharing with neighbours.",
    ),
    Theme(
        "hanukkah",
        ("hanukkah", "chanukah"),
        ("nine candles", "spinning top", "oil jar", "doughnuts", "coins"),
        "One more light each evening; a little lasts longer than anybody thought.",
    ),
    Theme(
        "easter",
        ("easter", "ostern", "pascua", "pâques"),
        ("painted egg", "hare", "nest", "spring flowers", "basket"),
        "Spring after winter, a search in the garden, something new begins.",
    ),
    Theme(
        "halloween",
        ("halloween",),
        ("pumpkin", "costume", "lantern", "black cat", "owl"),
        "What seems frightening turns out to be friendly.",
    ),
    Theme(
        "new_year",
        ("new year", "नया साल", "neujahr", "silvester", "año nuevo", "nouvel an"),
        ("clock", "fireworks", "calendar", "bell", "letter to oneself"),
        "Looking back and ahead; a promise that is kept within the story.",
    ),
    Theme(
        "first_day_of_school",
        ("school", "kindergarten", "nursery", "स्कूल", "विद्यालय", "schule", "einschulung", "escuela", "école"),
        ("satchel", "pencil case", "new shoes", "chalk", "lunch box"),
        "A new place, new faces, the first friend; being nervous is all right.",
    ),
    Theme(
        "new_sibling",
        ("sibling", "new baby", "brother", "sister", "geschwister"),
        ("cradle", "tiny socks", "rattle", "blanket", "photograph"),
        "Somebody small arrives; love is not shared out, there is more of it.",
    ),
    Theme(
        "get_well",
        ("get well", "hospital", "recovery", "gute besserung"),
        ("blanket", "soup", "window", "postcard", "teddy bear"),
        "Patience, small steps, friends who visit; strength comes back.",
    ),
    Theme(
        "moving",
        ("moving", "new home", "new house", "umzug"),
        ("boxes", "key", "map", "empty room", "old photograph"),
        "Leaving something dear, taking along what matters, finding a new corner.",
    ),
    Theme(
        "bedtime",
        ("bedtime", "good night", "goodnight", "sleep"),
        ("moon", "pillow", "night light", "owl", "stars"),
        "The story grows slower and quieter; everybody is asleep on the last page.",
    ),
    Theme(
        "friendship",
        ("friendship", "friend", "valentine", "raksha", "rakhi", "राखी"),
        ("bracelet", "letter", "swing", "shared bread", "kite"),
        "Two who are unlike each other; what one lacks the other has.",
    ),
)


def theme_of(occasion: str | None) -> Theme | None:
    """The occasion that is meant, if it is one of these. Others are handed to the writer in the words of the order."""
    if not occasion:
        return None
    told = f" {' '.join(occasion.casefold().replace('_', ' ').split())} "
    return next((theme for theme in THEMES if any(word in told for word in theme.words)), None)
