"""Makes the pictures and the tables of docs/soundscapes.md: `.venv/bin/python -m docs.soundscapes`.

The sample book is made in a temporary folder, without a key, as anybody makes it; what is measured is the finished
audiobook, decoded. Takes about a minute.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import groupby, pairwise
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from bookwright.contracts.depicting import Setting
from bookwright.contracts.ids import LOCAL_OWNER, BookId
from bookwright.contracts.orders import Edition, Track
from bookwright.contracts.spreads import Ambience
from bookwright.press import loudness
from bookwright.press.wav import Signal
from bookwright.providers.local.sounds.score import Score
from bookwright.providers.local.sounds.server import opus
from bookwright.providers.local.sounds.synthesis import synthesize
from bookwright.samples import read_sample
from bookwright.store import BookStore, Database, LocalAssets

HERE = Path(__file__).parent
SAMPLE = "the-borrowed-lantern.en.md"
FADE_S = 1.7
"""Around a scene's change, left out of its figures."""
FONT = ImageFont.load_default(15)


class Scene(NamedTuple):
    """Pages with one sound, and when they are heard, in seconds."""

    pages: str
    prompt: str
    begin: float
    end: float


class Book(NamedTuple):
    """The finished audiobook, stereo with ambience and dry, both at `rate`, and its scenes."""

    mixed: Signal
    dry: Signal
    rate: int
    scenes: Sequence[Scene]


def main() -> None:
    """Make, measure, draw, and put the tables into the page."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _make(folder)
        book = asyncio.run(_finished(folder))
    _draw(book, HERE / "images" / "soundscape-mix.png")
    tables = {"mix": _levels(book), "synthesis": _settings(HERE / "images" / "soundscapes.png")}
    page = HERE / "soundscapes.md"
    text = page.read_text("utf-8")
    for name, rows in tables.items():
        before, mark, rest = text.partition(f"<!-- {name} -->\n")
        text = before + mark + rows + rest[rest.index("<!-- end -->") :]
    page.write_text(text, "utf-8")


def _make(folder: Path) -> None:
    """The sample book with ambience. No setting and no key of whoever runs this: all of it is made here."""
    source = folder / "lantern.md"
    source.write_bytes(read_sample(SAMPLE))
    make = [str(Path(sys.executable).with_name("bookwright")), "make", str(source)]
    wishes = ["--tracks", "narration,soundscape", "--editions", "m4b,m4b-ambience", "--out", str(folder / "out")]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("BOOKWRIGHT_", "DATABASE_"))}
    subprocess.run([*make, *wishes], env={**clean, "BOOKWRIGHT_HOME": str(folder)}, check=True)


async def _finished(folder: Path) -> Book:
    assets = LocalAssets(folder / "assets")
    async with Database(f"sqlite:///{folder / 'bookwright.db'}") as database:
        books = BookStore(database, assets)
        book_id = BookId(await _only_book(database))
        files = {file.edition: file for file in await books.files(LOCAL_OWNER, book_id)}
        material = await books.binding_material(LOCAL_OWNER, book_id, None)
        heard = await books.made(LOCAL_OWNER, book_id, Track.SOUNDSCAPE, 1, 10_000)
        pages, at = [], 0.0
        for page in (page for chapter in material.chapters for page in chapter.pages if page.asset):
            sound = Ambience.model_validate_json(await assets.get(heard[page.number]))
            pages.append((page.number, sound, at, at := at + page.duration_ms / 1000))
    mixed, rate = _stereo(assets.path(files[Edition.M4B_AMBIENCE].asset))
    dry, _ = _stereo(assets.path(files[Edition.M4B].asset), rate)
    scenes = []
    for _, group in groupby(pages, key=lambda page: page[1].sound):
        run = list(group)
        name = f"{run[0][0]}–{run[-1][0]}" if len(run) > 1 else str(run[0][0])
        scenes.append(Scene(name, run[0][1].prompt, run[0][2], run[-1][3]))
    return Book(mixed, dry, rate, scenes)


async def _only_book(database: Database) -> str:
    import sqlalchemy as sa

    from bookwright.store import SERVICE
    from bookwright.store.tables import books

    return str(await database.read(SERVICE, lambda connection: connection.execute(sa.select(books.c.id)).scalar_one()))


def _stereo(path: Path, rate: int | None = None) -> tuple[Signal, int]:
    with av.open(str(path), "r") as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=rate or stream.rate)
        frames = [part for frame in [*container.decode(stream), None] for part in resampler.resample(frame)]
        return np.concatenate([frame.to_ndarray() for frame in frames], axis=1), rate or stream.rate


def _hops(rate: int, *sides: Signal) -> loudness.Energies:
    return np.asarray(sum(loudness.hops(np.ascontiguousarray(side), rate) for side in sides))


def _levels(book: Book) -> str:
    """Speech and ambience of each scene, measured on the encoded file. Under the speech, ambience is known by the
    difference of the two sides, in which there is no speech; the pauses say how much of it that difference is."""
    mixed, side, dry = (_hops(book.rate, *sides) for sides in (book.mixed, [book.mixed[0] - book.mixed[1]], book.dry))
    count = min(len(mixed), len(dry))
    quiet = dry[:count] < loudness.energies([-62])[0]
    pauses = quiet & np.roll(quiet, 1) & np.roll(quiet, -1)
    rows = [
        "| pages | ambience | speech | in the pauses | under the speech | below the speech by |",
        "|---|---|---|---|---|---|",
    ]
    for scene in book.scenes:
        inside = np.zeros(count, bool)
        inside[round(10 * (scene.begin + FADE_S)) : round(10 * (scene.end - FADE_S))] = True
        spoken = inside & (dry[:count] > loudness.energies([-45])[0])
        speech = loudness.integrated(mixed[:count][spoken])
        alone = loudness.lufs(float(mixed[:count][inside & pauses].mean()))
        share = alone - loudness.lufs(float(side[:count][inside & pauses].mean()))
        under = loudness.lufs(float(side[:count][spoken].mean())) + share
        figures = f"{speech:.1f} | {alone:.1f} | {under:.1f} | {speech - max(alone, under):.1f} dB"
        rows.append(f"| {scene.pages} | {scene.prompt} | {figures} |")
    return "\n".join(rows) + "\n"


def _settings(picture: Path) -> str:
    """Half a minute of each setting: what it measures, how fast it is made, and how it looks."""
    width, height, columns = 340, 150, 3
    sheet = Image.new("RGB", (width * columns, (height + 24) * (len(Setting) // columns)), "white")
    rows = ["| setting | loudness | centroid | made and encoded |", "|---|---|---|---|"]
    for place, setting in enumerate(Setting):
        began = time.process_time()
        sound = synthesize(Score(setting=setting), 30, seed=1)
        opus(sound)
        speed = 30 / (time.process_time() - began)
        power = np.square(np.abs(np.fft.rfft(sound.mean(axis=0))))
        centroid = float((power * np.fft.rfftfreq(sound.shape[1], 1 / 48_000)).sum() / power.sum())
        lufs = loudness.integrated(_hops(48_000, *sound))
        rows.append(f"| {setting} | {lufs:.1f} LUFS | {centroid:.0f} Hz | {speed:.0f} × |")
        x, y = place % columns * width, place // columns * (height + 24)
        sheet.paste(_spectrogram(sound, 48_000, width - 6, height), (x, y + 22))
        ImageDraw.Draw(sheet).text((x + 2, y + 2), setting, "black", FONT)
    _saved(sheet, picture)
    return "\n".join(rows) + "\n"


def _draw(book: Book, picture: Path) -> None:
    """The audiobook without and with ambience, and where its scenes begin."""
    width, height = 1_200, 210
    sheet = Image.new("RGB", (width, 2 * height + 72), "white")
    draw = ImageDraw.Draw(sheet)
    for name, sound, top in (("narration alone", book.dry, 0), ("with ambience", book.mixed, height + 28)):
        draw.text((2, top + 4), name, "black", FONT)
        sheet.paste(_spectrogram(sound, book.rate, width, height), (0, top + 24))
    whole = book.mixed.shape[1] / book.rate
    for scene in book.scenes:
        x = round(scene.begin / whole * width)
        draw.line((x, 24, x, 2 * height + 52), "white", 2)
        draw.text((x + 4, 2 * height + 53), f"page {scene.pages.replace(chr(8211), chr(45))}", "black", FONT)
    _saved(sheet, picture)


def _spectrogram(sound: Signal, rate: int, width: int, height: int) -> Image.Image:
    """40 Hz to 16 kHz upwards, on a scale of octaves; 90 dB from black to yellow."""
    mono, size = sound.mean(axis=0), 2_048
    starts = np.linspace(0, len(mono) - size, width).astype(int)
    power = np.square(np.abs(np.fft.rfft(mono[starts[:, None] + np.arange(size)] * np.hanning(size))))
    edges = np.geomspace(40, 16_000, height + 1) * size / rate
    bands = [power[:, int(low) : max(int(high), int(low) + 1)].mean(axis=1) for low, high in pairwise(edges)]
    level = np.clip((10 * np.log10(np.array(bands)[::-1] + 1e-9) + 60) / 90, 0, 1)
    colours = np.stack(
        (np.clip(2 * level - 0.3, 0, 1), level**1.5, np.minimum(4 * level, 1) * (0.3 + 0.5 * level - 0.6 * level**3)),
        axis=-1,
    )
    return Image.fromarray((colours.clip(0, 1) * 255).astype(np.uint8))


def _saved(sheet: Image.Image, path: Path) -> None:
    sheet.quantize(96, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
