"""Language tags as MP4 files want them."""

_CODES = (
    "af afr am amh ar ara as asm az aze be bel bg bul bn ben bs bos ca cat cs ces cy cym da dan de deu el ell en eng "
    "eo epo es spa et est eu eus fa fas fi fin fo fao fr fra ga gle gd gla gl glg gu guj he heb hi hin hr hrv ht hat "
    "hu hun hy hye ia ina id ind is isl it ita ja jpn ka kat kk kaz kn kan ko kor ku kur ky kir la lat lb ltz lt lit "
    "lv lav mi mri mk mkd ml mal mr mar ms msa mt mlt my mya nb nob ne nep nl nld no nor om orm or ori pa pan pl pol "
    "pt por qu que ro ron ru rus sd snd si sin sk slk sl slv sq sqi sr srp sv swe sw swa ta tam te tel th tha ti tir "
    "tk tuk tn tsn tr tur tt tat ug uig uk ukr ur urd uz uzb vi vie zh zho"
).split()
_ISO_639_2 = dict(zip(_CODES[::2], _CODES[1::2], strict=True))


def iso_639_2(tag: str) -> str:
    """The three-letter code for a BCP 47 tag; `und` when there is none."""
    primary = tag.split("-")[0].split("_")[0].lower()
    return _ISO_639_2.get(primary, primary if len(primary) == 3 else "und")
