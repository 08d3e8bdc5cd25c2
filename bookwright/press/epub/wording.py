"""The few words that the binding itself puts into a book."""

from dataclasses import dataclass

_DIGITS = {
    "٠": "ar ckb sd",
    "۰": "fa ks ps",
    "०": "mr ne sa",
    "০": "as bn mni",
}
"""Zeros of other digits than 0 to 9, and the languages whose books have them: the defaults of the Unicode CLDR."""
_MAGHREB = frozenset("dz eh ly ma mr tn".split())
"""Arabic with the digits 0 to 9."""


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
    "ar": Wording(
        language="ar", cover="الغلاف", title_page="صفحة العنوان", contents="المحتويات", landmarks="الأقسام الرئيسية",
        text="النص", page="صفحة", pages="صفحات", chapter="الفصل", untitled="بلا عنوان", narration="القراءة",
        missing="ما ينقص هذا الكتاب", absent="غير موجودة في هذه الطبعة.",
    ),
    "bn": Wording(
        language="bn", cover="প্রচ্ছদ", title_page="আখ্যাপত্র", contents="সূচিপত্র", landmarks="প্রধান অংশ", text="মূল পাঠ",
        page="পৃষ্ঠা", pages="পৃষ্ঠা", chapter="অধ্যায়", untitled="শিরোনামহীন", narration="পাঠ",
        missing="এই বইয়ে যা নেই", absent="এই সংস্করণে নেই।",
    ),
    "es": Wording(
        language="es", cover="Cubierta", title_page="Portada", contents="Índice", landmarks="Partes principales",
        text="Texto", page="Página", pages="Páginas", chapter="Capítulo", untitled="Sin título",
        narration="Narración", missing="Lo que falta en este libro", absent="No está en esta edición.",
    ),
    "hi": Wording(
        language="hi", cover="आवरण", title_page="शीर्षक पृष्ठ", contents="विषय-सूची", landmarks="मुख्य भाग", text="पाठ",
        page="पृष्ठ", pages="पृष्ठ", chapter="अध्याय", untitled="शीर्षकहीन", narration="वाचन",
        missing="इस पुस्तक में क्या नहीं है", absent="इस संस्करण में नहीं है।",
    ),
    "pa": Wording(
        language="pa", cover="ਸਰਵਰਕ", title_page="ਸਿਰਲੇਖ ਪੰਨਾ", contents="ਤਤਕਰਾ", landmarks="ਮੁੱਖ ਹਿੱਸੇ", text="ਪਾਠ",
        page="ਪੰਨਾ", pages="ਪੰਨੇ", chapter="ਅਧਿਆਇ", untitled="ਬਿਨਾਂ ਸਿਰਲੇਖ", narration="ਵਾਚਨ",
        missing="ਇਸ ਕਿਤਾਬ ਵਿੱਚ ਕੀ ਨਹੀਂ ਹੈ", absent="ਇਸ ਸੰਸਕਰਣ ਵਿੱਚ ਨਹੀਂ ਹੈ।",
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
    """The labels for a BCP 47 tag; English ones where the language has none yet, or not in the script it names."""
    primary, *subtags = language.lower().split("-")
    in_a_script = any(len(subtag) == 4 and subtag.isalpha() for subtag in subtags)
    return _ENGLISH if in_a_script else _WORDINGS.get(primary, _ENGLISH)


def digits(language: str) -> str:
    """The digits from zero to nine that page numbers have in a book of this language (a BCP 47 tag)."""
    primary, *subtags = language.lower().split("-")
    zero = next((zero for zero, languages in _DIGITS.items() if primary in languages.split()), "0")
    if primary == "ar" and _MAGHREB & set(subtags):
        zero = "0"
    return "".join(chr(ord(zero) + place) for place in range(10))


def numeral(number: int, language: str) -> str:
    """A page number in the digits of the language."""
    return str(number).translate(dict(zip(map(ord, "0123456789"), digits(language), strict=True)))
