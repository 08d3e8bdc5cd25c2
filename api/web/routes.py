"""The routes of all pages of the application."""

from fastapi import APIRouter

from api.web import book, bookpage, order, search, shelf, usage

router = APIRouter()
for part in (shelf, order, book, bookpage, usage, search):
    router.include_router(part.router)
