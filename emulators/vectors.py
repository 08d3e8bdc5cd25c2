"""Vectors in which texts that share words are near each other."""

import re
import zlib
from functools import lru_cache

import numpy as np
import numpy.typing as npt

ALL = 3_072
"""The most dimensions that a vector has."""
_WORD = re.compile(r"\w+")


def vector(text: str, dimensions: int) -> npt.NDArray[np.float64]:
    """Each word adds a direction of its own. Of length 1 with all dimensions; the first few of them have less."""
    words = _WORD.findall(text.lower()) or [text]
    whole = np.sum([_direction(word) for word in words], axis=0)
    found: npt.NDArray[np.float64] = (whole / np.linalg.norm(whole))[:dimensions]
    return found


@lru_cache(maxsize=4_096)
def _direction(word: str) -> npt.NDArray[np.float64]:
    return np.random.default_rng(zlib.crc32(word.encode())).standard_normal(ALL)
