"""Short stories written for tests, as a reader would get them: chapters of pages."""

from typing import NamedTuple


class Story(NamedTuple):
    """A book's text: chapters with their titles and their pages."""

    title: str
    author: str
    language: str
    chapters: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def pages(self) -> tuple[str, ...]:
        """All pages in order."""
        return tuple(page for _, pages in self.chapters for page in pages)


KITE = Story(
    "The Kite That Read Maps",
    "Asha Verel",
    "en",
    (
        (
            "A Tear in the Sky",
            (
                "Tomas had mended the kite with an old map of the coast. It was the only paper in the house that was "
                "strong enough.\n\nOn the first windy day it pulled to the left. On the second day it pulled to the "
                "left again, and hummed.",
                "“It wants to go somewhere,” said his sister Ines. She was six, and usually right.",
                "They followed the string over the dunes, past the boat that nobody owned, to the place where the map "
                "on the kite had a small blue cross.",
            ),
        ),
        (
            "What the Cross Meant",
            (
                "There was no treasure under the cross. There was a well, dry for forty years, with a lid of grey "
                "wood.\n\nInes lifted one corner. Far down, something moved, and it was the sky.",
                "The water had come back.",
            ),
        ),
        (
            "Home by the Long Way",
            (
                "They carried the first bucket home between them. Nobody believed it until they had drunk from it; "
                "then everybody had always known.\n\nThe kite hung on its nail and was, for once, quite still.",
                "But when the wind turned in the night, the paper rustled. There was another cross, very small, just "
                "where the map went over the edge.",
            ),
        ),
    ),
)

CLOUD = Story(
    "बादल की चिट्ठी",
    "नीरा सहाय",
    "hi",
    (
        (
            "खिड़की पर दस्तक",
            (
                "सुबह खिड़की पर एक छोटा-सा बादल बैठा था। उसने काँच पर तीन बार दस्तक दी।\n\nगौरी ने खिड़की खोली। बादल बोला, "
                '"मेरे पास तुम्हारे लिए एक चिट्ठी है।"',
                "चिट्ठी में कोई शब्द नहीं था, बस बारिश की गंध थी। दादी ने उसे सूँघा और मुस्कुराईं।",
            ),
        ),
        ("पहाड़ का जवाब", ("गौरी ने जवाब में एक सूखा पत्ता भेजा। शाम तक पूरा पहाड़ भीग गया।",)),
    ),
)

LAMP = Story(
    "چاند کی دکان",
    "سارہ نعیم",
    "ur",
    (
        (
            "روشنی بیچنے والا",
            (
                'پرانے بازار کے آخر میں ایک دکان تھی۔ وہ صرف رات کو کھلتی تھی۔\n\nدکان دار نے کہا، "یہاں چاند کی روشنی '
                'ملتی ہے۔ تمہیں کتنی چاہیے؟"',
                "مریم نے اپنی خالی بوتل آگے کر دی۔ وہ گھر تک اسے دونوں ہاتھوں میں تھامے رہی۔",
            ),
        ),
        ("بوتل کی صبح", ("صبح ہوئی تو بوتل خالی تھی، مگر کمرہ چمک رہا تھا۔",)),
    ),
)

HOSTILE = Story(
    "<script>alert(1)</script> “Bobby” & Søn’s</title>",
    "<img src=x onerror=alert(2)>",
    "en",
    (
        (
            "</h2><b onclick=alert(3)>Chapter</b>",
            (
                '<img src=x onerror="alert(4)"> he typed. {{ 7 * 7 }} was next. ${alert(5)} came last 🪁🏽 of all.',
                "A second & last <page>. It has javascript:alert(6) in it.",
            ),
        ),
    ),
)
