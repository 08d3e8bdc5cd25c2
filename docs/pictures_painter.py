"""Makes `painter.webp` of the README, what the local painter composes, and the samples of styles that the order form
shows: `.venv/bin/python -m docs.pictures_painter`.

One row for each style; the same two figures are on all pages, the last of each row is to find things in.
"""

import io
from pathlib import Path

from PIL import Image

from api.web import STATIC
from bookwright.contracts.depicting import Depiction, Figure, PictureStyle
from bookwright.providers.local.painting.picture import paint

LUNA = Figure(
    name="Luna",
    kind="young dragon",
    looks="small, with a golden belly, teal wings and a red scarf",
    palette=("#7a5fd0", "#f6d98a", "#2f9a8f"),
)
MIRA = Figure(name="Mira", kind="girl", looks="brown skin, two black braids, a yellow dress, blue shoes")
OWL = Figure(name="Professor Hoot", kind="wise old owl", looks="round glasses")
DADI = Figure(name="Dadi", kind="grandmother", looks="grey bun, glasses, a green sari with a gold border")
FOX = Figure(name="Rusty", kind="fox", looks="a blue scarf")
THINGS = ("key", "teapot", "red balloon", "snail", "umbrella", "drum", "kite", "golden bell")
PAGES = {
    PictureStyle.ARTISTIC: (
        ("garden", "day", "clear", "calm", "Mira reads a map with Luna", (MIRA, LUNA)),
        ("forest", "night", "clear", "mysterious", "Luna meets a wise owl", (LUNA, OWL)),
        ("sea", "dusk", "clear", "calm", "They sail across the sea", (MIRA, LUNA)),
    ),
    PictureStyle.REALISTIC: (
        ("underwater", "day", "clear", "joyful", "Mira swims", (MIRA, Figure(name="Bubbles", kind="fish"))),
        ("snow", "night", "clear", "festive", "They dance in the snow", (LUNA, MIRA, FOX)),
        ("kitchen", "day", "rain", "warm", "Dadi brings a cake", (DADI, MIRA)),
    ),
    PictureStyle.MINIMALIST: (
        ("castle", "dusk", "clear", "joyful", "They wave a flag", (LUNA, MIRA)),
        ("desert", "day", "clear", "lonely", "Luna walks alone", (LUNA,)),
        ("meadow", "day", "clear", "joyful", "They cheer: a treasure chest", (MIRA, LUNA, FOX)),
    ),
}
SEARCHED = ("market", "room", "village")
WIDTH, HEIGHT, GAP = 400, 300, 6
TARGET = Path(__file__).parent / "images" / "painter.webp"
SAMPLES = STATIC / "styles"


def main() -> None:
    """Draw the sheet and the samples."""
    _samples()
    sheet = Image.new("RGB", (4 * (WIDTH + GAP) - GAP, len(PAGES) * (HEIGHT + GAP) - GAP), "white")
    for row, ((style, pages), searched) in enumerate(zip(PAGES.items(), SEARCHED, strict=True)):
        told = [
            Depiction(setting=setting, time=time, weather=weather, mood=mood, action=action, cast=cast, style=style)
            for setting, time, weather, mood, action, cast in pages
        ]
        told.append(Depiction(setting=searched, mood="joyful", cast=(MIRA, LUNA), things=THINGS, style=style))
        for column, depiction in enumerate(told):
            data, _ = paint(depiction, "4:3", f"{row}/{column}")
            with Image.open(io.BytesIO(data)) as picture:
                small = picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
            sheet.paste(small, (column * (WIDTH + GAP), row * (HEIGHT + GAP)))
    sheet.save(TARGET, "WEBP", quality=88, method=6)


def _samples() -> None:
    """The same scene in each style."""
    SAMPLES.mkdir(exist_ok=True)
    for style in PictureStyle:
        told = Depiction(
            setting="meadow",
            time="dusk",
            weather="clear",
            mood="joyful",
            action="They walk",
            cast=(MIRA, FOX),
            style=style,
        )
        data, _ = paint(told, "4:3", "a sample")
        with Image.open(io.BytesIO(data)) as picture:
            picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(
                SAMPLES / f"{style}.webp", quality=82, method=6
            )


if __name__ == "__main__":
    main()
