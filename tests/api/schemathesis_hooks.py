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


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]) -> None:
    """Give each request its own Idempotency-Key: by the same one most would be refused as another one's repetition."""
    if case.headers and KEY in case.headers and _VALID.fullmatch(str(case.headers[KEY])):
        case.headers[KEY] = f"key-{next(_numbers)}"
    if case.path == SOUNDSCAPES and len(str(case.headers.get("Prefer", ""))) <= LONGEST_WISH:
        case.headers["Prefer"] = "respond-async"  # who does not say so waits for a worker, and here is none
