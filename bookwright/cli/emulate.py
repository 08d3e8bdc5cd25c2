"""`emulate`: the providers' APIs on this machine, for trying everything without a key."""

import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from typing import Annotated, NamedTuple

import typer

from bookwright.cli.app import AsJson, Exit, err, out, print_json, run
from bookwright.contracts.errors import BadInput, ServiceUnavailable
from bookwright.settings import OFFERS, Capability, Provider

KEY = "emulated-key"
START_S = 60.0


class Emulated(NamedTuple):
    """What to set so that an emulator is asked; `{url}` and `{key}` stand for its own."""

    name: str
    """As `python -m emulators` knows it."""
    settings: dict[str, str]
    provider: Provider | None = None
    """Whom a capability can name; None for a place of assets."""


_OPENAI_MODELS = ("TEXT", "VISION", "SPEECH", "IMAGE", "TRANSCRIPTION", "EMBEDDING")
EMULATED = {
    "sarvam": Emulated("sarvam", {"SARVAM_BASE_URL": "{url}", "SARVAM_API_KEY": "{key}"}, Provider.SARVAM),
    "edge": Emulated("edge", {"EDGE_BASE_URL": "{url}"}, Provider.EDGE),
    "gemini": Emulated("gemini", {"GEMINI_BASE_URL": "{url}", "GEMINI_API_KEY": "{key}"}, Provider.GEMINI),
    "replicate": Emulated(
        "replicate", {"REPLICATE_BASE_URL": "{url}", "REPLICATE_API_TOKEN": "{key}"}, Provider.REPLICATE
    ),
    "elevenlabs": Emulated(
        "elevenlabs", {"ELEVENLABS_BASE_URL": "{url}", "ELEVENLABS_API_KEY": "{key}"}, Provider.ELEVENLABS
    ),
    "revai": Emulated("rev_ai", {"REVAI_BASE_URL": "{url}", "REVAI_ACCESS_TOKEN": "{key}"}, Provider.REVAI),
    "openai": Emulated(
        "openai",
        {
            "OPENAI_BASE_URL": "{url}/v1",
            "OPENAI_API_KEY": "{key}",
            **{f"OPENAI_{kind}_MODEL": f"emulated-{kind.lower()}" for kind in _OPENAI_MODELS},
            "OPENAI_EMBEDDING_DIMENSIONS": "384",
        },
        Provider.OPENAI,
    ),
    "s3": Emulated(
        "s3",
        {
            "S3_ENDPOINT_URL": "{url}",
            "S3_BUCKET": "books",
            "S3_ACCESS_KEY_ID": "emulated",
            "S3_SECRET_ACCESS_KEY": "{key}",
        },
    ),
    "cloudinary": Emulated(
        "cloudinary",
        {
            "CLOUDINARY_BASE_URL": "{url}",
            "CLOUDINARY_DELIVERY_URL": "{url}",
            "CLOUDINARY_CLOUD_NAME": "books",
            "CLOUDINARY_API_KEY": "emulated",
            "CLOUDINARY_API_SECRET": "{key}",
        },
    ),
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(emulate)


def emulate(
    providers: Annotated[
        list[str] | None, typer.Argument(help=f"Which ones; all when left out: {', '.join(EMULATED)}.")
    ] = None,
    latency_ms: Annotated[int, typer.Option(min=0, help="How long a good answer takes.")] = 0,
    concurrency_cap: Annotated[int | None, typer.Option(min=1, help="429 for calls beyond so many at once.")] = None,
    as_json: AsJson = False,
) -> None:
    """Emulate providers on this machine until Ctrl-C, and print the settings by which Bookwright asks them."""

    async def work() -> Exit:
        names = list(dict.fromkeys(providers or EMULATED))
        if unknown := [name for name in names if name not in EMULATED]:
            raise BadInput(f"{', '.join(unknown)}: choose from {', '.join(EMULATED)}", field="providers")
        knobs = ["--latency-ms", str(latency_ms)]
        knobs += ["--concurrency-cap", str(concurrency_cap)] if concurrency_cap else []
        stop = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        processes: list[asyncio.subprocess.Process] = []
        try:
            starting = [asyncio.create_task(_started(name, knobs, processes)) for name in names]
            urls = dict(zip(names, await asyncio.gather(*starting), strict=True))
            settings = environment(urls)
            if as_json:
                print_json(settings)
            else:
                for variable, value in settings.items():
                    out.print(f"{variable}={value}", markup=False)
            sys.stdout.flush()
            err.print("Put these lines into bookwright.env, or export them. Ctrl-C stops the emulators.")
            ended = [asyncio.create_task(process.wait()) for process in processes]
            waiting = asyncio.create_task(stop.wait())
            await asyncio.wait([waiting, *ended], return_when=asyncio.FIRST_COMPLETED)
            return Exit.DONE if stop.is_set() else Exit.FAILED
        finally:
            for process in processes:
                if process.stdin is not None:
                    process.stdin.close()  # which ends it
                await process.wait()

    run(work, as_json=as_json)


def environment(urls: dict[str, str]) -> dict[str, str]:
    """The settings by which these emulators are asked, each for all that it can do."""
    settings = {
        variable: value.format(url=url, key=KEY)
        for name, url in urls.items()
        for variable, value in EMULATED[name].settings.items()
    }
    asked = [EMULATED[name].provider for name in urls]
    for capability in Capability:
        able = [provider for provider in asked if provider in OFFERS[capability]]
        if capability is Capability.EMBEDDINGS:
            able = able[:1]  # vectors of different models can't be compared
        if able:
            settings[capability.variable] = ",".join(str(provider) for provider in able)
    places = [name for name in urls if EMULATED[name].provider is None]
    return settings | ({"BOOKWRIGHT_ASSETS": ",".join(places)} if places else {})


async def _started(name: str, knobs: Sequence[str], processes: list[asyncio.subprocess.Process]) -> str:
    """The address of an emulator that listens; its process is added to `processes`, and ends with this one, however
    that ends."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "emulators", EMULATED[name].name, "--key", KEY, "--until-stdin-closes", *knobs),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is this process's, which then ends the others
    )
    processes.append(process)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_S):
            line = await process.stdout.readline()
        url: str = json.loads(line)["url"]
    except (TimeoutError, ValueError):
        raise ServiceUnavailable(f"the emulator of {name} did not start") from None
    return url
