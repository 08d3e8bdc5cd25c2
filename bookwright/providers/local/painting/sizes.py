"""The sizes of pictures: for each aspect the units that a scene is composed in, and the pixels across."""

SIZES: dict[str, tuple[int, int, int]] = {
    "4:3": (1333, 1000, 1536),
    "3:2": (1440, 960, 1536),
    "1:1": (1100, 1100, 1280),
    "16:9": (1600, 900, 1536),
    "3:4": (960, 1280, 1152),
}
"""Width and height in units, and the width in pixels."""
