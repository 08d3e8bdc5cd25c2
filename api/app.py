"""The application: `uvicorn` runs what `create_app` makes."""

from collections.abc import Sequence
from functools import lru_cache

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware

from api.access.guard import Guard
from api.deps import Backend
from api.jobs.statuses import Statuses
from api.jobs.streams import Streams
from api.openapi.document import describe
from api.orders.taking import Taking
from api.routes import (
    adminjobs,
    alerts,
    audiobooks,
    audit,
    batches,
    books,
    bulk,
    costs,
    docs,
    feeds,
    health,
    hooks,
    jobs,
    jobsteering,
    keys,
    lexicons,
    narrated,
    operators,
    outside,
    pages,
    personal,
    places,
    reader,
    recordings,
    resumable,
    search,
    sessions,
    shares,
    shelf,
    signin,
    soundscapes,
    standing,
    uploads,
    users,
    versions,
    voices,
    webhooks,
)
from api.web import STATIC
from api.web import routes as web
from api.wire import problems
from api.wire.bodies import Bodies
from api.wire.headers import SafeHeaders
from api.wire.observing import Observing
from bookwright.store.access.shares import ShareStore

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
"""Names under which a browser on this machine asks. Any other is a page of somebody else's that had its own name
point here (DNS rebinding)."""
KEPT_COVERS = 32
"""Each took half a second of CPU to draw."""


def create_app(backend: Backend, *, hosts: Sequence[str] = LOOPBACK) -> FastAPI:
    """The API and the reader over an opened backend, which stays the caller's to close. `hosts` are the names that
    requests may be addressed to."""
    app = FastAPI(
        title="Bookwright", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json", redirect_slashes=False
    )
    app.state.backend = backend
    app.state.taking = Taking(backend)
    app.state.statuses = Statuses(backend)
    app.state.streams = Streams(backend)
    app.state.cover = lru_cache(maxsize=KEPT_COVERS)(backend.artist.cover)
    app.add_middleware(Bodies)
    app.add_middleware(
        Guard,
        credentials=backend.credentials,
        feeds=backend.feeds,
        shares=ShareStore(backend.database),
        limits=backend.limits,
    )
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    app.add_middleware(SafeHeaders)
    app.add_middleware(Observing, meter=backend.operations.metrics.requests)
    problems.register(app)
    for part in (
        jobs,
        jobsteering,
        operators,
        bulk,
        adminjobs,
        standing,
        costs,
        versions,
        uploads,
        recordings,
        resumable,
        audiobooks,
        search,
        outside,
        soundscapes,
        batches,
        personal,
        shelf,
        voices,
        feeds,
        shares,
        places,
        narrated,
        lexicons,
        books,
        pages,
        reader,
        keys,
        users,
        sessions,
        audit,
        signin,
        health,
        webhooks,
        hooks,
        alerts,
        docs,
        web,
    ):
        app.include_router(part.router)
    app.include_router(shares.page)
    describe(app)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app
