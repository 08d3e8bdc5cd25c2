"""The words by which texts tell of places, times, weathers and moods."""

import pytest

from bookwright.contracts.depicting import Mood, Setting, TimeOfDay, Weather
from bookwright.text.telling import LANGUAGES, Kind, as_mood, as_setting, as_time, as_weather
from bookwright.text.telling.evidence import evidence
from bookwright.text.telling.judging import judge
from bookwright.text.telling.words import name_in

MEMBERS = {Kind.SETTING: Setting, Kind.TIME: TimeOfDay, Kind.WEATHER: Weather, Kind.MOOD: Mood}


def told(text: str, language: str) -> tuple[str | None, str | None, str | None]:
    found = judge([evidence(text, language)], [], {})
    return found.setting, found.time, found.weather


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "That night it rained hard in the forest."),
        ("hi", "उस रात जंगल में ज़ोर की बारिश हुई।"),
        ("bn", "সেই রাতে জঙ্গলে খুব বৃষ্টি হল।"),
        ("ta", "அன்று இரவு காட்டில் கடும் மழை பெய்தது."),
        ("te", "ఆ రాత్రి అడవిలో పెద్ద వర్షం కురిసింది."),
        ("mr", "त्या रात्री जंगलात खूप पाऊस पडला."),
        ("gu", "તે રાત્રે જંગલમાં ખૂબ વરસાદ પડ્યો."),
        ("kn", "ಆ ರಾತ್ರಿ ಕಾಡಿನಲ್ಲಿ ಜೋರಾಗಿ ಮಳೆ ಬಂತು."),
        ("ml", "ആ രാത്രി കാട്ടിൽ കനത്ത മഴ പെയ്തു."),
        ("pa", "ਉਸ ਰਾਤ ਜੰਗਲ ਵਿੱਚ ਬਹੁਤ ਮੀਂਹ ਪਿਆ।"),
        ("or", "ସେହି ରାତିରେ ଜଙ୍ଗଲରେ ବହୁତ ବର୍ଷା ହେଲା।"),
        ("ur", "اس رات جنگل میں بہت بارش ہوئی۔"),
    ],
)
def test_every_language_tells_of_settings_times_and_weathers(language: str, text: str) -> None:
    assert told(text, language) == (Setting.FOREST, TimeOfDay.NIGHT, Weather.RAIN)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_name_for_everything_that_engines_know(language: str) -> None:
    for kind, members in MEMBERS.items():
        names = [name_in(language, kind, member) for member in members]
        assert all(name and not set(name) & set("*~") for name in names)


def test_a_language_without_words_has_no_names_and_is_read_by_english_ones() -> None:
    assert name_in("fr", Kind.SETTING, Setting.FOREST) is None
    assert told("Au village, the castle.", "fr")[0] is not None


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("harbour at low tide", Setting.BEACH),
        ("castle garden", Setting.GARDEN),
        ("narrow alley in the old town", Setting.CITY_STREET),
        ("Spaceship bridge", Setting.SPACE),
        ("a bustling market square", Setting.MARKET),
        ("Victorian sitting room", Setting.ROOM),
        ("quarry", None),
        ("unknown", None),
        ("", None),
    ],
)
def test_names_that_models_give_are_understood(name: str, setting: Setting | None) -> None:
    assert as_setting(name) is setting


def test_names_of_times_weathers_and_moods_are_understood() -> None:
    assert (as_time("late evening, autumn"), as_weather("light drizzle")) == (TimeOfDay.DUSK, Weather.RAIN)
    assert (as_mood("quiet suspense"), as_mood("melancholy")) == (Mood.TENSE, Mood.SAD)
    assert [understood("unknown") for understood in (as_time, as_weather, as_mood)] == [None, None, None]


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("She sat in the kitchen. A sea of faces looked up from a mountain of plates.", Setting.KITCHEN),
        ("It roared like the sea. They hid in the cave.", Setting.CAVE),
        ('"I grew up by the sea, on the beach," he said. They went on through the forest.', Setting.FOREST),
        ("They left the castle behind and rode into the desert.", Setting.DESERT),
        ("She dreamt of the mountains, as she often did. The classroom was quiet.", Setting.SCHOOL),
        ("There was no garden. The house had but one room.", Setting.ROOM),
    ],
)
def test_what_is_compared_spoken_left_dreamt_or_denied_counts_less(text: str, setting: Setting) -> None:
    assert told(text, "en")[0] is setting
