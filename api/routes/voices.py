"""Voices to choose from, and what they sound like."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from api.access.links import link
from api.deps import TheBackend, TheCaller
from api.schemas.problems import Problem
from api.schemas.shelf import VoiceAnswer, VoiceList
from api.wire.answers import LOOK_AGAIN, RANGES, file_answer
from bookwright.text.language import normalise_language
from bookwright.text.voicesamples import sentence
from bookwright.voices import offered

SAMPLE = "/api/voices/sample"
Language = Annotated[str, Query(max_length=35, description="BCP 47.", examples=["en"])]
router = APIRouter(prefix="/api/voices", tags=["narration"], responses={422: {"model": Problem}})


@router.get("", operation_id="listVoices")
async def voices(backend: TheBackend, caller: TheCaller, language: Language) -> VoiceList:
    """The voices for a language, of all providers that are chosen, best first; the first is taken when an order names
    none."""
    tag = normalise_language(language)
    tried = sentence(tag) is not None
    return VoiceList(
        provider=backend.engine.provider,
        voices=tuple(
            VoiceAnswer(
                id=each.voice.id,
                language=each.voice.language,
                name=each.voice.name,
                provider=each.engine.provider,
                model=each.engine.model,
                sample_url=link(caller, f"{SAMPLE}?{urlencode({'language': tag, 'voice': each.voice.id})}")
                if tried
                else None,
            )
            for each in offered(backend.engine, tag)
        ),
    )


@router.get(
    "/sample",
    operation_id="hearVoice",
    response_class=Response,
    responses={
        200: {"description": "The sound.", "content": {"audio/wav": {}, "audio/mpeg": {}}},
        409: {"model": Problem, "description": "The month's budget is used up."},
        503: {"model": Problem, "description": "The voice's provider can't be had."},
        **RANGES,
    },
)
@router.head("/sample", include_in_schema=False)
async def sample(
    request: Request,
    backend: TheBackend,
    caller: TheCaller,
    language: Language,
    voice: Annotated[str | None, Query(max_length=200, description="Its id; the best when left out.")] = None,
) -> Response:
    """A voice saying a sentence in a language, whole or in ranges. What it costs is charged to the month once, when it
    is first asked for."""
    made = await backend.samples.sample(caller.owner, normalise_language(language), voice)
    return file_answer(request, made.path, media_type=made.media_type, etag=f'"{made.asset}"', cache=LOOK_AGAIN)
