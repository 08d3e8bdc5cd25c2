"""Vectors as providers answer them, made ready to be compared."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bookwright.contracts.errors import BadAnswer


def of_length_one(
    provider: str, rows: Sequence[npt.ArrayLike], texts: int, dimensions: int
) -> tuple[tuple[float, ...], ...]:
    """One vector for each text, each of length 1. Raises BadAnswer for more or fewer, for other dimensions, and for one
    that is no number or has no direction."""
    if len(rows) != texts:
        raise BadAnswer(f"{provider} answered {len(rows)} vectors for {texts} texts")
    try:
        matrix = np.array(rows, dtype=np.float64)
    except (ValueError, TypeError):
        raise BadAnswer(f"{provider}'s vectors can't be read, or are not of one length") from None
    if matrix.shape != (texts, dimensions):
        raise BadAnswer(f"{provider}'s vectors do not have the {dimensions} dimensions that are wanted")
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not (lengths > 0).all():
        raise BadAnswer(f"{provider} answered a vector without a direction")
    return tuple(map(tuple, (matrix / lengths).tolist()))
