"""What Bookwright asks for speech, text, pictures, sounds and transcripts: services and engines on this machine."""

import sys

# httpx loads its command line along wherever rich and click are installed: 5 MB and 0.1 s. None says there is none.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
