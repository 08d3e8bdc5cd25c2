"""Small pictures of what the painter composes."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from bookwright.contracts.depicting import Depiction, PictureStyle
from bookwright.providers.local.painting.finish import rasterise
from bookwright.providers.local.painting.picture import compose
from bookwright.providers.local.painting.sizes import SIZES

Pixels = npt.NDArray[np.uint8]
Sketch = Callable[..., Pixels]


@pytest.fixture
def sketch() -> Sketch:
    """A picture 320 pixels wide, before it is finished: what it shows is the same."""

    def draw(setting: str, *, seed: str = "a", style: PictureStyle = PictureStyle.MINIMALIST, **more: object) -> Pixels:
        width, height, _ = SIZES["4:3"]
        depiction = Depiction.model_validate({"setting": setting, "style": style, **more})
        pen, _ = compose(depiction, width, height, seed)
        return np.asarray(rasterise(pen.svg(width, height, 320)))

    return draw
