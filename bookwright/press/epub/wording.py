"""The few words that the binding itself puts into a book."""

from dataclasses import dataclass

_RIGHT_TO_LEFT = frozenset("ar arc ckb dv fa he khw ks nqo pnb prs ps sd skr syr ug ur yi".split())
_RIGHT_TO_LEFT_SCRIPTS = frozenset("adlm arab aran hebr mand nkoo rohg samr syrc thaa".split())


@dataclass(frozen=True, slots=True)
class Wording:
    """Labels in one language."""

    language: str
    cover: str
    title_page: str
    contents: str
    landmarks: str
    text: str
    page: str
    pages: str
    chapter: str
    untitled: str
    narration: str
    missing: str
    absent: str


_ENGLISH = Wording(
    language="en", cover="Cover", title_page="Title page", contents="Contents", landmarks="Landmarks", text="Text",
    page="Page", pages="Pages", chapter="Chapter", untitled="Untitled", narration="Narration",
    missing="What this book lacks", absent="Not in this edition.",
)  # fmt: skip
_WORDINGS = {
    "en": _ENGLISH,
    "hi": Wording(
        language="hi", cover="आवरण", title_page="शीर्षक पृष्ठ", contents="विषय-सूची", landmarks="मुख्य भाग", text="पाठ",
        page="पृष्ठ", pages="पृष्ठ", chapter="अध्याय", untitled="शीर्षकहीन", narration="वाचन",
        missing="इस पुस्तक में क्या नहीं है", absent="इस संस्करण में नहीं है।",
    ),
    "ta": Wording(
        language="ta", cover="அட்டை", title_page="தலைப்புப் பக்கம்", contents="பொருளடக்கம்", landmarks="முக்கியப் பகுதிகள்",
        text="உரை", page="பக்கம்", pages="பக்கங்கள்", chapter="அத்தியாயம்", untitled="தலைப்பில்லாதது",
        narration="வாசிப்பு", missing="இந்த நூலில் இல்லாதவை", absent="இந்தப் பதிப்பில் இல்லை.",
    ),
    "ur": Wording(
        language="ur", cover="سرورق", title_page="عنوان کا صفحہ", contents="فہرست", landmarks="اہم حصے", text="متن",
        page="صفحہ", pages="صفحات", chapter="باب", untitled="بلا عنوان", narration="آواز",
        missing="اس کتاب میں کیا نہیں ہے", absent="اس ایڈیشن میں نہیں ہے۔",
    ),
}  # fmt: skip


def wording(language: str) -> Wording:
    """The labels for a BCP 47 tag; English ones where the language has none yet."""
    return _WORDINGS.get(language.split("-")[0].lower(), _ENGLISH)


def direction(language: str) -> str:
    """`rtl` or `ltr`: the way a language is written, by its script where the BCP 47 tag names one."""
    primary, *subtags = language.lower().split("-")
    script = next((subtag for subtag in subtags if len(subtag) == 4 and subtag.isalpha()), None)
    rtl = primary in _RIGHT_TO_LEFT if script is None else script in _RIGHT_TO_LEFT_SCRIPTS
    return "rtl" if rtl else "ltr"
