"""The pages that people see: templates, and the files that they load."""

import importlib.util
from pathlib import Path

from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
TEMPLATES = Jinja2Templates(
    env=Environment(loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined)
)


def fonts() -> dict[str, Path]:
    """The Noto fonts that are installed with us, by name: `NotoSansTamil`. Browsers take them for scripts that their
    machine has no font for."""
    spec = importlib.util.find_spec("manimgx_fonts")
    if spec is None or spec.origin is None:
        return {}
    return {path.name.partition("[")[0]: path for path in Path(spec.origin).parent.glob("Noto*.ttf")}
