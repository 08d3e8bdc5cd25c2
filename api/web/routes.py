"""The routes of all pages of the application."""

from fastapi import APIRouter

from api.web import shelf

router = APIRouter()
for part in (shelf,):
    router.include_router(part.router)
