"""Chapter headings in text without marks: `CHAPTER I`, `Capítulo 3: El río`, `अध्याय 1`, `第三章`."""

import re
import unicodedata

_LONGEST = 100
_NUMBER = r"(?:[IVXLCDM]+\b|\d+\b)"
_ENGLISH = r"""(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|
seventeen|eighteen|nineteen|(?:twenty|thirty|forty|fifty)(?:-\w+)?|the\s\w+|first|second|third|fourth|fifth|last)\b"""
_TITLE = r"(?:\s*[.:—–-]\s*\S.*|\s+(?P<plain>[^\Wa-z_].*)|\s*[.:]?)"
_MARKED_TITLE = r"(?:\s*[.:।—–-]\s*\S.*|\s*[.:।]?)"
_CASED = (
    "BÖLÜM|Bölüm|CAPITOLO|CAP[ÍI]TULO|CHAPITRE|Cap[ií]tol|Cap[ií]tulo|Capitolo|Chapitre|HOOFDSTUK|"
    "Hoofdstuk|KAPITEL|Kapitel|PARTE|PARTIE|Parte|Partie|ROZDZIAŁ|Rozdział|TEIL|Teil|ΚΕΦΑΛΑΙΟ|Κεφάλαιο|"
    "ГЛАВА|Глава|РОЗДІЛ|Розділ|ЧАСТЬ|Часть"
)
_UNCASED = (
    "פרק|الباب|الفصل|باب|فصل|अध्याय|प्रकरण|অধ্যায়|পরিচ্ছেদ|ਅਧਿਆਇ|ਕਾਂਡ|અધ્યાય|પ્રકરણ|ଅଧ୍ୟାୟ|அத்தியாயம்|"
    "అధ్యాయం|అధ్యాయము|ಅಧ್ಯಾಯ|അദ്ധ്യായം|അധ്യായം|บทที่"
)
_STANDALONE = (
    "afterword|avant-propos|epilog|epilogue|epílogo|foreword|introducción|introduction|nachwort|preface|"
    "prefacio|prolog|prologue|préface|prólogo|vorwort|épilogue|الخاتمة|المقدمة|خاتمة|دیباچہ|مقدمة|مقدمہ|"
    "پیش لفظ|प्रस्तावना|भूमिका|উপসংহার|ভূমিকা|ਭੂਮਿਕਾ|后记|序章|序言|後記|終章"
)


def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(unicodedata.normalize("NFC", source))


_HEADINGS = (
    _pattern(rf"(?:CHAPTER|Chapter|PART|Part|BOOK|Book)\s+(?:{_NUMBER}|(?i:{''.join(_ENGLISH.split())})){_TITLE}\Z"),
    _pattern(rf"(?:{_CASED})\s+{_NUMBER}{_TITLE}\Z"),
    _pattern(rf"(?:{_CASED})\s+\w+{_MARKED_TITLE}\Z"),
    _pattern(rf"(?:{_UNCASED})\s*[-–:]?\s*\d+(?:{_MARKED_TITLE}|\s+(?P<plain>\S.*))\Z"),
    _pattern(rf"(?:{_UNCASED})\s+[^\s.:]+(?:\s[^\s.:]+)?{_MARKED_TITLE}\Z"),
    _pattern(rf"\S+\s+(?:{_UNCASED})\Z"),
    _pattern(r"第\s?[\d〇零一二三四五六七八九十百千]+\s?[章回節节話话部巻卷](?:[\s:：、.]+(?P<plain>\S.*))?\Z"),
    _pattern(r"제\s?\d+\s?[장부화](?:[\s:.]+(?P<plain>\S.*))?\Z"),
    _pattern(rf"(?i:{_STANDALONE})[.:]?\Z"),
)
_STOPS = ".!?…।۔؟。！？,;،؛"


def is_chapter_heading(line: str) -> bool:
    """Whether a line of its own names a chapter. Prose that only begins with such a word is refused: a title after
    the number must be marked off or begin with a capital, and may not end like a sentence."""
    line = line.strip()
    if not line or len(line) > _LONGEST:
        return False
    for pattern in _HEADINGS:
        if match := pattern.match(line):
            title = match.groupdict().get("plain")
            return title is None or (title[-1] not in _STOPS and len(title.split()) <= 10)
    return False


def looks_like_title(line: str) -> bool:
    """Whether the first line of a plain text, with a blank line after it, reads as a title: short, and neither a
    sentence nor speech."""
    line = line.strip()
    if not line or len(line) > _LONGEST or len(line.split()) > 15:
        return False
    if line[0] in "\"“«„—–-'‘•*" or line[-1] in '.।۔。,;:،؛…"”»':
        return False
    return not is_chapter_heading(line)
