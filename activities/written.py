"""What a language model has written as JSON: read, and found good."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from bookwright.contracts.errors import BadAnswer
from bookwright.contracts.media import WrittenText
from bookwright.contracts.ports.calls import Material


async def examine_written(read: Callable[[Mapping[str, Any]], object], written: WrittenText) -> Material:
    """The answer as it is stored. Raises BadAnswer when `read`, which takes it apart, raises ValueError."""
    data = written.data or {}
    try:
        read(data)
    except ValueError as error:
        raise BadAnswer(str(error)) from None
    return Material(
        data=json.dumps(data, ensure_ascii=False).encode(),
        media_type="application/json",
        facts={"input_tokens": written.input_tokens, "output_tokens": written.output_tokens},
        cost_micros=written.cost_micros,
    )
