"""What Whisper calls languages: some servers answer `english`, others `en`."""

_NAMES = """
af afrikaans am amharic ar arabic as assamese az azerbaijani ba bashkir be belarusian bg bulgarian bn bengali bo tibetan
br breton bs bosnian ca catalan cs czech cy welsh da danish de german el greek en english es spanish et estonian
eu basque fa persian fi finnish fo faroese fr french gl galician gu gujarati ha hausa haw hawaiian he hebrew hi hindi
hr croatian hu hungarian hy armenian id indonesian is icelandic it italian ja japanese jv javanese ka georgian
kk kazakh km khmer kn kannada ko korean la latin lb luxembourgish ln lingala lo lao lt lithuanian lv latvian
mg malagasy mi maori mk macedonian ml malayalam mn mongolian mr marathi ms malay mt maltese my myanmar ne nepali
nl dutch nn nynorsk no norwegian oc occitan pa punjabi pl polish ps pashto pt portuguese ro romanian ru russian
sa sanskrit sd sindhi si sinhala sk slovak sl slovenian sn shona so somali sq albanian sr serbian su sundanese
sv swedish sw swahili ta tamil te telugu tg tajik th thai tk turkmen tl tagalog tr turkish tt tatar uk ukrainian
ur urdu uz uzbek vi vietnamese yi yiddish yo yoruba yue cantonese zh chinese
""".split()
_BY_NAME = dict(zip(_NAMES[1::2], _NAMES[::2], strict=True)) | {"haitian creole": "ht"}
_TAGS = frozenset(_BY_NAME.values())


def language_tag(name: str) -> str:
    """The BCP 47 tag for a language as a Whisper server names it; `und` for what is none."""
    bare = name.strip().lower().replace("_", "-")
    return bare if bare.split("-")[0] in _TAGS else _BY_NAME.get(bare, "und")
