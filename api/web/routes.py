"""The routes of all pages of the application."""

from fastapi import APIRouter

from api.web import account, adminjob, adminjobs, adminusers, book, bookpage, order, search, shelf, usage

router = APIRouter()
for part in (shelf, order, book, bookpage, usage, search, adminjobs, adminjob, account, adminusers):
    router.include_router(part.router)
