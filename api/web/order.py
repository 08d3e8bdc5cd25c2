"""The order form: a brief, notes or a file, and how the book is to be made."""

from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from api.deps import TheBackend, TheCaller
from api.web.pages import page
from api.web.words import EDITIONS, STAGES
from bookwright.contracts.depicting import PictureStyle
from bookwright.contracts.orders import DEFAULT_EDITIONS, TRACKS

router = APIRouter(include_in_schema=False)


class Choice(NamedTuple):
    """One of several, with what it means."""

    value: str
    text: str
    hint: str = ""


LANGUAGES = (
    Choice("en", "English"),
    Choice("hi", "हिन्दी · Hindi"),
    Choice("bn", "বাংলা · Bengali"),
    Choice("ta", "தமிழ் · Tamil"),
    Choice("te", "తెలుగు · Telugu"),
    Choice("mr", "मराठी · Marathi"),
    Choice("gu", "ગુજરાતી · Gujarati"),
    Choice("kn", "ಕನ್ನಡ · Kannada"),
    Choice("ml", "മലയാളം · Malayalam"),
    Choice("pa", "ਪੰਜਾਬੀ · Punjabi"),
    Choice("or", "ଓଡ଼ିଆ · Odia"),
    Choice("ur", "اردو · Urdu"),
    Choice("es", "Español · Spanish"),
    Choice("fr", "Français · French"),
    Choice("de", "Deutsch · German"),
    Choice("pt", "Português · Portuguese"),
    Choice("ar", "العربية · Arabic"),
    Choice("sw", "Kiswahili · Swahili"),
)
"""Those that books are made for (`text.voicesamples`), by the names that their readers know."""
STYLES = (
    Choice(PictureStyle.ARTISTIC, "Artistic", "Painted, warm"),
    Choice(PictureStyle.REALISTIC, "Realistic", "Light and depth"),
    Choice(PictureStyle.MINIMALIST, "Minimalist", "Few, calm shapes"),
)
AGES = (
    Choice("2-4", "2 to 4 years"),
    Choice("4-7", "4 to 7 years"),
    Choice("7-10", "7 to 10 years"),
    Choice("10-13", "10 to 13 years"),
)
TONES = ("warm", "funny", "exciting", "calm", "thoughtful")


@router.get("/order")
async def order(request: Request, backend: TheBackend, caller: TheCaller) -> Response:
    """The form. Scripts send what it says to the API; a draft of it stays in the browser."""
    context = {
        "languages": LANGUAGES,
        "styles": STYLES,
        "ages": AGES,
        "tones": TONES,
        "editions": [Choice(edition, *said) for edition, said in EDITIONS.items()],
        "usual": DEFAULT_EDITIONS,
        "lacking": {str(track): backend.lacking[track] for track in TRACKS if track in backend.lacking},
        "writes": backend.makers.text is not None,
        "stages": STAGES,
    }
    return page(request, caller, "order.html", "order", context)
