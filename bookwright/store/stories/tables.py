"""The table of what was written of stories."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from bookwright.store.database.columns import key, moment, owned


class WritingRow(SQLModel, table=True):
    """A part of a book's story (`contracts.ports.writings.Part`), as a JSON or text asset."""

    __tablename__ = "writings"
    __table_args__ = (
        owned("book_id", table="books", remote=("id",), cascade=True),
        owned("asset", table="assets", remote=("hash",)),
    )
    owner_id: str = key()
    book_id: str = key()
    part: str = Field(primary_key=True, max_length=64)
    asset: str = Field(max_length=64)
    made_by: str | None
    """Provider and model; None of what nobody has written."""
    changed_at: datetime = moment()


STORY_TABLES = ("writings",)
