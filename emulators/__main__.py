"""`python -m emulators sarvam --port 0`: run an emulator as a process; one JSON line `{"url": …}` says it is ready."""

import argparse
import asyncio
import json
import os
import signal
import socket
import sys
import threading
from importlib import import_module
from pathlib import Path
from types import FrameType

import uvicorn

from emulators.knobs import Knobs

APPS = ("cloudinary", "edge", "elevenlabs", "gemini", "openai", "replicate", "rev_ai", "s3", "sarvam")
"""The modules with a `create_app`; only the one that is asked for is imported."""


class _Server(uvicorn.Server):
    """Says when it listens, and ends at once on SIGTERM: a call that hangs on purpose must not hold it up."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        host, port = (sockets or [])[0].getsockname()[:2]
        sys.stdout.write(json.dumps({"url": f"http://{host}:{port}", "pid": os.getpid()}) + "\n")
        sys.stdout.flush()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.should_exit = self.force_exit = True


def _exit_with_stdin() -> None:
    while os.read(0, 4_096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Parse the command line and serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m emulators", description="A provider's HTTP API on this machine.")
    parser.add_argument("provider", choices=APPS)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--latency-ms", type=int, default=0, help="how long a good answer takes")
    parser.add_argument("--concurrency-cap", type=int, help="429 for calls beyond so many at once")
    parser.add_argument("--key", help="the key that is accepted (emulated-key)")
    parser.add_argument("--knobs", type=Path, help="a JSON file with any of the knobs, faults included")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end with the process that started it")
    options = parser.parse_args()

    given = json.loads(options.knobs.read_text()) if options.knobs else {}
    given.setdefault("latency_ms", options.latency_ms)
    if options.concurrency_cap is not None:
        given["concurrency_cap"] = options.concurrency_cap
    if options.key is not None:
        given["key"] = options.key
    app = import_module(f"emulators.{options.provider}").create_app(Knobs.model_validate(given))

    listener = socket.create_server((options.host, options.port), backlog=512)
    config = uvicorn.Config(
        app,
        http="h11",
        ws="websockets-sansio",
        lifespan="off",
        log_level="critical",
        access_log=False,
        timeout_keep_alive=75,
    )
    if options.until_stdin_closes:
        threading.Thread(target=_exit_with_stdin, daemon=True).start()
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(_Server(config).serve([listener]))


if __name__ == "__main__":
    main()
