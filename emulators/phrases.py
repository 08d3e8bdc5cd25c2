"""The words that emulated language models put together, by language."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Phrases:
    """What one language's prose is made of. A deed is a sentence with `{name}`, `{thing}` and `{place}`."""

    places: tuple[str, ...]
    """Where something happens, as it stands in a sentence."""
    things: tuple[str, ...]
    deeds: tuple[str, ...]
    title: str
    """With `{name}` and `{thing}`."""


NAMES = ("Asha", "Biren", "Coral", "Dev", "Elif", "Farid", "Greta", "Hoshi", "Ines", "Jomo", "Kiran", "Lumi")
ENGLISH = Phrases(
    places=("the harbour", "the old orchard", "the hill above the town", "the reed lake", "the night market", "a mill"),
    things=("a paper boat", "a brass key", "a blue lantern", "a letter without a name", "a jar of honey", "a drum"),
    deeds=(
        "{name} carried {thing} to {place}.",
        "At {place}, {name} found {thing} and held it up to the light.",
        "Nobody at {place} had seen {thing} like this before.",
        '"Wait for me," {name} called, and ran on towards {place}.',
        "The wind turned, and {place} grew quiet.",
        "{name} laughed, and everyone at {place} laughed along.",
        "By evening {name} knew what {thing} was for.",
        "Slowly {name} walked around {place}, counting every step.",
    ),
    title="{name} and {thing}",
)
# Verbs are in the polite plural, which goes with any name.
HINDI = Phrases(
    places=(
        "बंदरगाह पर",
        "पुराने बाग़ में",
        "शहर के ऊपर की पहाड़ी पर",
        "सरकंडों वाली झील के किनारे",
        "रात के बाज़ार में",
        "पुरानी चक्की में",
    ),
    things=(
        "काग़ज़ की एक नाव",
        "पीतल की एक चाबी",
        "एक नीली लालटेन",
        "बिना नाम की एक चिट्ठी",
        "शहद का एक मर्तबान",
        "एक ढोलक",
    ),
    deeds=(
        "{name} {thing} लेकर {place} पहुँचे।",
        "{place} {name} की नज़र {thing} पर पड़ी।",
        "किसी ने {place} ऐसी बात पहले कभी नहीं देखी थी।",
        "“मेरे लिए रुको!” {name} ने पुकारा और {place} दौड़ते चले गए।",
        "हवा ने रुख़ बदला और {place} सब शांत हो गया।",
        "{name} हँसे, और {place} सब लोग साथ हँस पड़े।",
        "शाम तक {name} को {thing} का रहस्य समझ में आ गया।",
        "{name} हर क़दम गिनते हुए {place} धीरे-धीरे चले।",
    ),
    title="{name} और {thing}",
)
TAMIL = Phrases(
    places=(
        "துறைமுகத்தில்",
        "பழைய தோப்பில்",
        "ஊருக்கு மேலுள்ள குன்றில்",
        "நாணல் ஏரிக்கரையில்",
        "இரவுச் சந்தையில்",
        "பழைய ஆலையில்",
    ),
    things=(
        "ஒரு காகிதப் படகு",
        "ஒரு பித்தளைச் சாவி",
        "ஒரு நீல விளக்கு",
        "பெயரில்லாத ஒரு கடிதம்",
        "ஒரு தேன் குடுவை",
        "ஒரு சிறிய பறை",
    ),
    deeds=(
        "{name} {place} {thing} கொண்டு வந்தார்.",
        "{place} {name} {thing} கண்டு, அதை வெளிச்சத்தில் பிடித்துப் பார்த்தார்.",
        "{place} யாரும் இதற்கு முன் இப்படி {thing} பார்த்ததில்லை.",
        "“எனக்காகக் காத்திருங்கள்!” என்று {name} அழைத்தபடி {place} ஓடினார்.",
        "காற்று திசை மாறியது; {place} எல்லாம் அமைதியானது.",
        "{name} சிரித்தார்; {place} இருந்த எல்லோரும் சேர்ந்து சிரித்தார்கள்.",
        "{thing} எதற்கு என்று மாலைக்குள் {name} புரிந்துகொண்டார்.",
        "{name} ஒவ்வொரு அடியாக எண்ணிக்கொண்டே {place} மெதுவாக நடந்தார்.",
    ),
    title="{name} – {thing}",
)
_BY_LANGUAGE = {"en": ENGLISH, "hi": HINDI, "ta": TAMIL}


def phrases_for(prompt: str) -> Phrases:
    """Those of the language that the prompt asks to write in, as "in the language ta" does; English when it names none
    or one that is not known here."""
    asked = re.search(r"\bin the language ([a-z]{2,3})\b", prompt)
    return _BY_LANGUAGE.get(asked[1], ENGLISH) if asked else ENGLISH
