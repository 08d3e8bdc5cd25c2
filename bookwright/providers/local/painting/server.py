"""The process that draws pictures: `python -m bookwright.providers.local.painting.server MEMORY`.

Requests are `{"depiction": …, "aspect": str, "seed": str}`; answers `{"placed": […]}` with the picture as WebP, or
`{"error": "memory"}`.
"""

import sys
from typing import Any

from bookwright.providers.local.answering import Answer, answer_requests


def load() -> Answer:
    """Load what draws."""
    from bookwright.contracts.depicting import Depiction
    from bookwright.providers.local.painting.picture import paint

    def answer(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        depiction = Depiction.model_validate(request["depiction"])
        data, placed = paint(depiction, request["aspect"], request["seed"])
        return {"placed": [thing.model_dump() for thing in placed]}, data

    return answer


if __name__ == "__main__":
    answer_requests(load, int(sys.argv[1]))
