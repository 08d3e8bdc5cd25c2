"""What Schemathesis does before each request."""

import re
from itertools import count
from typing import Any

import schemathesis

KEY = "Idempotency-Key"
SOUNDSCAPES = "/api/generate-soundscapes"
LONGEST_WISH = 200
_VALID = re.compile(r"[!-~]{1,255}")
_numbers = count(1)


@schemathesis.serializer("application/offset+octet-stream")
def as_it_is(context: schemathesis.SerializationContext, value: Any) -> bytes:
    """The bytes of a resumable upload."""
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]) -> None:
    """Give each request its own Idempotency-Key: by the same one most would be refused as another one's repetition."""
    if case.headers and KEY in case.headers and _VALID.fullmatch(str(case.headers[KEY])):
        case.headers[KEY] = f"key-{next(_numbers)}"
    if case.path == SOUNDSCAPES and len(str(case.headers.get("Prefer", ""))) <= LONGEST_WISH:
        case.headers["Prefer"] = "respond-async"  # who does not say so waits for a worker, and here is none
