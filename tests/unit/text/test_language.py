"""Which language, and how tags are written."""

import pytest

from bookwright.contracts.errors import UnknownLanguage
from bookwright.text.language import detect_language, normalise_language


@pytest.mark.parametrize(
    "language, text",
    [
        ("en", "The old man lived alone in a small house by the river."),
        ("es", "El viejo vivía solo en una casa pequeña junto al río."),
        ("fr", "Le vieil homme vivait seul dans une petite maison au bord de la rivière."),
        ("de", "Der alte Mann lebte allein in einem kleinen Haus am Fluss."),
        ("pt", "O velho vivia sozinho numa casa pequena à beira do rio, e não tinha medo."),
        ("hi", "बूढ़ा आदमी नदी के किनारे एक छोटे से घर में अकेला रहता था।"),
        ("mr", "म्हातारा माणूस नदीच्या काठावर एका लहान घरात एकटा राहत होता आणि तो खूश होता."),
        ("ne", "बूढो मानिस नदीको किनारमा एउटा सानो घरमा एक्लै बस्थ्यो र ऊ खुसी थियो।"),
        ("bn", "বুড়ো লোকটি নদীর ধারে একটি ছোট ঘরে একা থাকত।"),
        ("as", "বুঢ়া মানুহজনে নৈৰ পাৰৰ এটা সৰু ঘৰত অকলে বাস কৰিছিল।"),
        ("pa", "ਬੁੱਢਾ ਆਦਮੀ ਨਦੀ ਕੰਢੇ ਇੱਕ ਛੋਟੇ ਘਰ ਵਿੱਚ ਰਹਿੰਦਾ ਸੀ।"),
        ("ur", "بوڑھا آدمی دریا کے کنارے ایک چھوٹے سے گھر میں اکیلا رہتا تھا۔"),
        ("ar", "كان الرجل العجوز يعيش وحيدا في بيت صغير بجانب النهر."),
        ("fa", "پیرمرد تنها در خانه‌ای کوچک کنار رودخانه زندگی می‌کرد."),
        ("ta", "ஒரு முதியவர் ஆற்றங்கரையில் வாழ்ந்தார்."),
        ("ja", "老人は川のそばの小さな家に住んでいました。"),
        ("zh", "老人独自住在河边的小屋里。"),
        ("ko", "노인은 강가의 작은 집에 살았다."),
        ("ru", "Старик жил один в маленьком доме у реки."),
        ("el", "Ο γέρος ζούσε μόνος σε ένα σπίτι."),
    ],
)
def test_languages(language: str, text: str) -> None:
    assert detect_language(text) == language


def test_foreign_names_and_a_foreign_beginning_do_not_mislead() -> None:
    assert detect_language("Thomas Edison, John Smith: बूढ़ा आदमी नदी के किनारे एक छोटे घर में रहता था।") == "hi"
    hindi = "बूढ़ा आदमी नदी के किनारे एक छोटे से घर में अकेला रहता था। "
    assert detect_language("All rights are reserved by the publisher. " * 100 + hindi * 2_000) == "hi"


def test_no_letters_is_no_language() -> None:
    with pytest.raises(UnknownLanguage, match="Give the language") as caught:
        detect_language("1 2 3 …")
    assert caught.value.field == "language"


@pytest.mark.parametrize(
    "tag, normal",
    [
        ("en", "en"),
        (" EN ", "en"),
        ("pt_br", "pt-BR"),
        ("zh-hans-cn", "zh-Hans-CN"),
        ("ES-419", "es-419"),
        ("hin", "hi"),
        ("iw", "he"),
        ("sl-rozaj-biske", "sl-rozaj-biske"),
        ("en-US-u-CA-gregory-x-Mine", "en-US-u-ca-gregory-x-mine"),
        ("mai", "mai"),
    ],
)
def test_tags_are_written_as_usual(tag: str, normal: str) -> None:
    assert normalise_language(tag) == normal
    assert normalise_language(normal) == normal


@pytest.mark.parametrize("tag", ["", "e", "Hindi", "en-", "-en", "en--US", "हि", "en US", "x-y", "en-" + "a" * 9, "e1"])
def test_malformed_tags_are_refused(tag: str) -> None:
    with pytest.raises(UnknownLanguage, match="BCP 47"):
        normalise_language(tag)
