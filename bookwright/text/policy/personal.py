"""Personal data by its shape: e-mail addresses, telephone numbers, postal addresses."""

import re

_AT = r"(?:@|\s?[\[(]\s?at\s?[\])]\s?)"
_DOT = r"(?:\.|\s?[\[(]\s?dot\s?[\])]\s?)"
# What stands before the sign is looked back at: looking ahead for it from each letter takes a second for a long text.
_EMAIL = re.compile(
    rf"(?<=[\w.+-]{{2}}){_AT}[\w-]{{2,63}}(?:{_DOT}[\w-]{{2,63}})+"
    r"|(?<=[\w.+-]{2})\sat\s[\w-]{2,63}\sdot\s(?:com|org|net|info|edu|co|in|uk|us|de|fr|es|pt|br|ke|tz|eg)\b"
)
_PHONE = re.compile(r"(?<![\w.,:/-])(?:\+|00)?\(?\d(?:[\s().\-]{0,2}\d){7,14}(?![\w%])")
_DATE = re.compile(r"\d{1,4}[.\-/ ]\d{1,2}[.\-/ ]\d{1,4}|(?:1[0-9]|20)\d\d\s?[-–]\s?(?:1[0-9]|20)\d\d")
_NO_PHONE = re.compile(r"\d+\.\d+|97[89][- ]?(?:\d[- ]?){10}")
"""A number with decimals; an ISBN."""
_GROUPED = re.compile(r"\d{1,3}(?:[ .]\d{2,3})*[ .]000|\d{1,3}(?:[ .]\d{3})+")
"""A large number in groups of digits."""
_STREET_AFTER = (
    r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|close|crescent|boulevard|blvd|nagar|marg|gali|chowk|"
    r"मार्ग|रोड|नगर|गली|सड़क|रास्ता|रोड़)"
)
_STREET_BEFORE = r"(?:calle|avenida|avda|rue|avenue|rua|travessa|via|शारع|شارع|barabara ya)"
_HOUSE = rf"(?:\d{{1,5}}\s?[a-z]?,?\s(?:[^\W\d_]+[\s,]+){{1,4}}{_STREET_AFTER}\b)"
_HOUSE_LATER = rf"(?:\b{_STREET_BEFORE}(?:\s+[^\W\d_]+){{1,4}},?\s+(?:n[.º°]*\s?)?\d{{1,5}}\b)"
_HOUSE_GERMAN = r"(?:\b[^\W\d_]+(?:strasse|str\.|weg|gasse|allee|platz)\s\d{1,4}\s?[a-z]?\b)"
_HOUSE_INDIAN = r"(?:(?:flat|house|plot|मकान|फ्लैट|प्लॉट|घर)\s(?:no\.?|number|नंबर|संख्या|न\.?)\s?\d{1,5})"
_HOUSE_ANY = rf"(?:{_HOUSE}|{_HOUSE_LATER}|{_HOUSE_GERMAN}|{_HOUSE_INDIAN})"
_POSTCODE = r"(?:\b\d{5,6}\b|\b\d{3}\s\d{3}\b|\b[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}\b)"
_OWN = (
    r"(?:(?:my|our|her|his|their) (?:home )?address|\bi live (?:at|in)|address:|मेरा पता|पता:|घर का पता|mi direccion|"
    r"vivo en|mon adresse|j'habite(?: au)?|meine adresse|ich wohne|meu endereco|moro n[ao]|عنواني)"
)
_ADDRESS = re.compile(rf"{_HOUSE_ANY}[^\n]{{0,60}}?{_POSTCODE}|{_OWN}[^\n]{{0,30}}?{_HOUSE_ANY}")


def has_personal_data(folded: str) -> bool:
    """Whether a folded text seems to tell how somebody can be reached."""
    return bool(_EMAIL.search(folded) or _ADDRESS.search(folded)) or any(
        _is_phone(found.group()) for found in _PHONE.finditer(folded)
    )


def _is_phone(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    if _DATE.match(text) or _NO_PHONE.fullmatch(text) or _GROUPED.fullmatch(text) or len(set(digits)) <= 2:
        return False
    marked = text[0] in "+(0" or re.search(r"\d[\s).-]+\d", text) is not None
    return len(digits) >= 10 or (marked and len(digits) >= 8)
