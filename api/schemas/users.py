"""Users, their limits and sessions, and the audit log. Money is in US dollars."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from api.schemas.costs import Cap
from api.schemas.keys import Name, UserId
from bookwright.contracts.access import AuditEntry, Role, SessionFacts, User, UserChange, UserLimits
from bookwright.contracts.base import Payload
from bookwright.contracts.ids import OwnerId
from bookwright.money.usd import to_micros, to_usd

AtOnce = Annotated[int, Field(ge=1, le=1_000)]
PerMinute = Annotated[int, Field(ge=1, le=1_000_000)]


class LimitsOrder(Payload):
    """What a user may use. A limit that is null is everybody's; one that is left out stays as it is."""

    jobs_at_once: AtOnce | None = None
    """Jobs under way at the same time; others wait."""
    requests_per_minute: PerMinute | None = None
    month_usd: Cap | None = None
    """What calls may cost in a month, where no budget is set for that month itself."""

    def limits(self) -> UserLimits:
        """As the store has them, with those fields set that are set here."""
        given = self.model_dump(include=self.model_fields_set - {"month_usd"})
        if "month_usd" in self.model_fields_set:
            given["month_micros"] = None if self.month_usd is None else to_micros(self.month_usd)
        return UserLimits(**given)


class UserOrder(Payload):
    """A user to make."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"user_id": "mira", "name": "Mira", "limits": {"month_usd": "20.00"}}]}
    )
    user_id: UserId
    name: Name | None = None
    role: Role = Role.USER
    limits: LimitsOrder = LimitsOrder()


class UserPatch(Payload):
    """What is to be changed of a user; what is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"limits": {"jobs_at_once": 2}}]})
    name: Name | None = None
    role: Role = Role.USER
    disabled: bool = False
    """True deactivates: sessions end, keys open nothing, and open streams end within seconds."""
    limits: LimitsOrder = LimitsOrder()

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("name what is to be changed: name, role, disabled or limits")
        return self

    def change(self) -> UserChange:
        """As the store takes it."""
        given = self.model_dump(include=self.model_fields_set - {"limits"})
        if "limits" in self.model_fields_set:
            given["limits"] = self.limits.limits()
        return UserChange(**given)


class LimitsAnswer(Payload):
    """What a user may use; null is what everybody may."""

    jobs_at_once: int | None
    requests_per_minute: int | None
    month_usd: str | None


class UserAnswer(Payload):
    """Somebody who owns books."""

    user_id: OwnerId
    name: str | None
    role: Role
    """The most that their keys may do."""
    disabled: bool
    disabled_at: datetime | None
    """Since when nothing opens for them."""
    limits: LimitsAnswer
    created_at: datetime


class UserList(Payload):
    """Users, newest first."""

    users: tuple[UserAnswer, ...]
    next_cursor: str | None = None


class SessionList(Payload):
    """Browsers that are signed in, newest first."""

    sessions: tuple[SessionFacts, ...]


class AuditList(Payload):
    """Lines of the audit log, newest first."""

    entries: tuple[AuditEntry, ...]
    next_cursor: str | None = None


def limits_answer(limits: UserLimits) -> LimitsAnswer:
    """A user's limits as they are told."""
    month = None if limits.month_micros is None else to_usd(limits.month_micros)
    return LimitsAnswer(
        jobs_at_once=limits.jobs_at_once, requests_per_minute=limits.requests_per_minute, month_usd=month
    )


def user_answer(user: User) -> UserAnswer:
    """A user as they are told of."""
    facts = user.model_dump(exclude={"limits"})
    return UserAnswer(**facts, disabled=user.disabled_at is not None, limits=limits_answer(user.limits))
