"""Pages that an emulated model can read: a picture of a page has a block of cells on it that says what is printed.

Whoever draws a page for a test draws its block (`block`) into the page's lower half; the emulator finds it in whatever
picture it is shown (`read_picture`), at any size. So an answer comes from what was rendered, and from nothing else.
"""

import json
import zlib
from typing import Any

from PIL import Image

COLUMNS, MOST_ROWS = 120, 84
LEFT, WIDTH, TOP = 0.05, 0.9, 0.5
"""Where the block is, in shares of the page's width, and of its height."""
_MAGIC = b"BW"
_HEAD = 8


def block(page: dict[str, Any]) -> Image.Image:
    """The block for a page that says this, one pixel a cell: to be drawn without smoothing, WIDTH of the page wide, its
    upper left corner at (LEFT, TOP). Raises ValueError for more than a block holds."""
    data = zlib.compress(json.dumps(page, ensure_ascii=False).encode(), 9)
    framed = _MAGIC + len(data).to_bytes(2, "big") + zlib.crc32(data).to_bytes(4, "big") + data
    bits = "".join(f"{byte:08b}" for byte in framed)
    rows = -(-len(bits) // COLUMNS)
    if rows > MOST_ROWS:
        raise ValueError("the page says more than a block holds")
    image = Image.new("1", (COLUMNS, rows), 1)
    image.putdata([0 if bit == "1" else 1 for bit in bits.ljust(rows * COLUMNS, "0")])
    return image


def read_picture(image: Image.Image) -> dict[str, Any] | None:
    """What the page says whose picture this is; None when there is no block on it."""
    grey = image.convert("L")
    cell = WIDTH * grey.width / COLUMNS
    left, top = LEFT * grey.width, TOP * grey.height
    pixels = grey.load()
    assert pixels is not None

    def bit(number: int) -> str:
        row, column = divmod(number, COLUMNS)
        x, y = int(left + (column + 0.5) * cell), int(top + (row + 0.5) * cell)
        dark = y < grey.height and pixels[min(x, grey.width - 1), y] < 128  # type: ignore[operator]
        return "1" if dark else "0"

    def taken(start: int, count: int) -> bytes:
        return bytes(int("".join(bit(number) for number in range(8 * place, 8 * place + 8)), 2)
                     for place in range(start, start + count))  # fmt: skip

    head = taken(0, _HEAD)
    if head[:2] != _MAGIC:
        return None
    length, check = int.from_bytes(head[2:4], "big"), int.from_bytes(head[4:8], "big")
    if length * 8 > COLUMNS * MOST_ROWS:
        return None
    data = taken(_HEAD, length)
    if zlib.crc32(data) != check:
        return None
    found: dict[str, Any] = json.loads(zlib.decompress(data))
    return found
