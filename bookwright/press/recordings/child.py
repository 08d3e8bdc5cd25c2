"""The process that surveys a recording: `python -m bookwright.press.recordings.child`.

It takes one request as a JSON line on standard input, tells on standard output how far it is, then what it found or why
it refuses, a JSON line each, and ends. Whatever a recording does to its decoder ends this process only. It opens no
other file than the recording, and writes none.
"""

import json
import os
from pathlib import Path
from typing import Any

from bookwright.press.bounded.bounds import answer_only, end_with_parent, limit


def main() -> None:
    """Answer the one request."""
    if not end_with_parent():
        return
    requests = os.fdopen(os.dup(0), "rb")
    line = requests.readline()
    if not line:
        return
    request = json.loads(line)
    answer = answer_only()
    limit(request["memory_bytes"], request["cpu_seconds"])

    def tell(**said: Any) -> None:
        answer.write(json.dumps(said).encode() + b"\n")
        answer.flush()

    from bookwright.contracts.errors import BadInput
    from bookwright.press.recordings.surveying import survey

    try:
        facts = survey(Path(request["path"]), lambda done_ms: tell(done_ms=done_ms))
        tell(facts=facts.model_dump(mode="json"))
    except BadInput as refusal:
        tell(refusal=str(refusal))
    # No destructors: they can only crash on what the recording broke.
    os._exit(0)


if __name__ == "__main__":
    main()
