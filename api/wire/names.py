"""Ids and numbers that paths name things by."""

from typing import Annotated, Any

from fastapi import Depends, Path

from bookwright.contracts.errors import NotFound

LONGEST = 64


def named(parameter: str, refusal: str) -> Any:
    """For a dependency: the id or number that a path's parameter holds. What can't be one is not found, as an unknown
    one is, and `refusal` says of what."""

    async def name(value: Annotated[str, Path(alias=parameter)]) -> str:
        if not value.isprintable() or len(value) > LONGEST:
            raise NotFound(refusal)
        return value

    return Depends(name)
