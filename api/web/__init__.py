"""The pages that people see: templates, and the files that they load."""

import importlib.util
from pathlib import Path

from fastapi import Request
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
TEMPLATES = Jinja2Templates(
    env=Environment(loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined)
)
THEME = "bookwright_theme"
"""The cookie with somebody's choice of colours, so that a page comes in them and does not flash."""


def theme(request: Request) -> str | None:
    """`light`, `dark` or `night`, where somebody has chosen; the system's otherwise."""
    chosen = request.cookies.get(THEME)
    return chosen if chosen in ("light", "dark", "night") else None


TEMPLATES.env.globals["theme"] = theme


def fonts() -> dict[str, Path]:
    """The Noto fonts that are installed with us, by name: `NotoSansTamil`. Browsers take them for scripts that their
    machine has no font for."""
    spec = importlib.util.find_spec("manimgx_fonts")
    if spec is None or spec.origin is None:
        return {}
    return {path.name.partition("[")[0]: path for path in Path(spec.origin).parent.glob("Noto*.ttf")}
