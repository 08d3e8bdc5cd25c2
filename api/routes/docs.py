"""The API's reference as a page."""

import re

from fastapi import APIRouter, Request, Response
from markupsafe import Markup, escape

from api.deps import TheCaller
from api.openapi.reference import everywhere, sections
from api.web import TEMPLATES

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def docs(request: Request, _caller: TheCaller) -> Response:
    """Every route and every shape, from the OpenAPI document."""
    context = {"everywhere": everywhere(), "sections": sections(request.app.openapi()), "inline": inline}
    return TEMPLATES.TemplateResponse(request, "docs.html", context)


def inline(text: str) -> Markup:
    """Text with `code` and [links](#to-a-shape) as HTML."""
    shown = re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text)))
    return Markup(re.sub(r"\[(\w+)\]\(#([\w-]+)\)", r'<a href="#\2">\1</a>', shown))  # noqa: S704 - escaped above
