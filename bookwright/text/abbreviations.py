"""Abbreviations after whose full stop a sentence goes on, per language (BCP 47 primary subtags)."""

_EN = """mr mrs ms dr prof rev fr hon st mt gen col maj capt cmdr lt sgt adm gov sen rep pres messrs mmes mx vs cf viz
ca approx al e.g i.e ave blvd rd esq"""
_ES = "sr sra srta sres dr dra d dña ud uds vd vds prof profa lic ing gral cnel p.ej pág págs ej av avda sto sta fr cf"
_FR = "m mm mme mmes mlle mlles dr pr me mgr st ste cf p.ex ex env av bd"
_DE = """hr fr frl dr prof dipl ing st bzw ca vgl z.b d.h u.a o.ä v.a i.d.r u.u s.o s.u z.t evtl ggf inkl exkl sog str
jh nr geb gest ehem"""
_PT = "sr sra srta dr dra d dom prof profa eng exmo exma ilmo v.ex p.ex pág págs av sto sta cf"
_IT = "sig sigg sig.ra sig.na dott dott.ssa prof ing avv on ecc s p.es cfr pag"
_NL = "dhr mevr mr dr drs ir prof ds st bijv d.w.z m.a.w o.a nl ca"
_SW = "bw bi dk dkt mh mhe mw prof n.k k.m k.v"
_RU = "г гг ул им др проф акад т.е т.к т.д см стр руб тыс"
_PL = "p dr prof inż mgr ul np tzn tj m.in św hab"
_INDIC = "डॉ डा प्रो पं श्री कु सौ मि मो स्व ड ডা ড প্রো মো মি ਡਾ ਪ੍ਰੋ ਸ ડૉ ડો પ્રો டாக்டர் திரு டா డా ప్రొ శ్రీ ಡಾ ಪ್ರೊ ಶ್ರೀ ഡോ പ്രൊ ശ്രീ ଡ଼ ଡା"

ABBREVIATIONS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": _EN,
        "es": _ES,
        "fr": _FR,
        "de": _DE,
        "pt": _PT,
        "it": _IT,
        "nl": _NL,
        "ru": _RU,
        "sw": _SW,
        "pl": _PL,
    }.items()
}
INDIC = frozenset(_INDIC.split())
"""They can't be taken for words of another language, so they hold whatever the language is said to be."""
ANY = frozenset().union(*(ABBREVIATIONS[language] for language in ("en", "es", "fr", "de", "pt"))) - {"d", "m", "me"}
"""For languages without a list of their own."""
BEFORE_NUMBERS = frozenset("no nos nr p pp vol fig ch chap art sec par núm n nº cap bd abb s kap tab т п".split())
"""Abbreviations only when a digit follows: `No. 5`, but `No. He stayed.`"""
MAY_END = frozenset({"a.m", "p.m", "a.d", "b.c", "b.c.e"})
"""Dotted abbreviations that often end a sentence: what follows decides."""
ORDINAL_DOT = frozenset("de da nb nn no fi cs sk hu et lv pl sl hr sr bs tr is fo".split())
"""Languages that write `3. Mai` for "the third of May"."""


def abbreviations(language: str) -> frozenset[str]:
    """The lower-case abbreviations (without the last full stop) for a primary subtag."""
    return ABBREVIATIONS.get(language, ANY) | INDIC
