"""Alerts in the words of chats and mails, by templates that the operator can replace.

`subject.txt` and `alert.txt` say what has happened; `chat.json` and `mail.json` are what is posted. They know `alert`
(`contracts.deliveries.Alert`), `link` (the page of jobs, where it has an address) and `to`; the latter two `subject`
and `text` besides.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bookwright.contracts.deliveries import Alert, AlertKind, Outlet
from bookwright.contracts.errors import Misconfigured
from bookwright.providers.sending import Request
from bookwright.settings import NoticeSettings

SHIPPED = Path(__file__).parent / "templates"
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_SAMPLE = Alert(
    number=1,
    kind=AlertKind.JOB_FAILED,
    cause="sample",
    message='1 "audio" job has failed: <a sample>',
    count=1,
    user_id=None,
    first_at=_NOW,
    last_at=_NOW,
    acknowledged_at=None,
    acknowledged_by=None,
)


class Outlets:
    """Makes of an alert what is posted to the operator's outlets."""

    def __init__(self, notices: NoticeSettings, public_url: str = "") -> None:
        """`public_url` is where the pages are found. Raises Misconfigured when a template can't be used."""
        self._notices = notices
        self._link = f"{public_url.rstrip('/')}/admin/jobs" if public_url else ""
        self._environment = _environment(notices.templates) if notices.outlets else None
        for outlet in notices.outlets:
            self.request(outlet, _SAMPLE)

    @property
    def origins(self) -> list[str]:
        """Where the outlets are: addresses that the operator has named, and so may be anywhere."""
        urls = (self._notices.chat_url, self._notices.mail_url)
        parts = [urlsplit(url.get_secret_value()) for url in urls if url is not None]
        return [f"{each.scheme}://{each.netloc}" for each in parts]

    def request(self, outlet: Outlet, alert: Alert) -> Request | None:
        """What is posted, and where; None for an outlet that is not set. Raises Misconfigured."""
        if outlet not in self._notices.outlets:
            return None
        known: dict[str, Any] = {"alert": alert, "link": self._link, "to": self._notices.mail_to}
        known |= {"subject": self._text("subject.txt", known), "text": self._text("alert.txt", known)}
        body = self._json(f"{outlet}.json", known)
        headers = {}
        url = self._notices.chat_url
        if outlet is Outlet.MAIL:
            url = self._notices.mail_url
            if token := self._notices.mail_token:
                headers["authorization"] = f"Bearer {token.get_secret_value()}"
        assert url is not None
        return Request(url.get_secret_value(), body, headers)

    def _text(self, name: str, known: dict[str, Any]) -> str:
        return self._rendered(name, known).strip()

    def _json(self, name: str, known: dict[str, Any]) -> bytes:
        try:
            return json.dumps(json.loads(self._rendered(name, known)), ensure_ascii=False).encode()
        except ValueError:
            wrong = f"BOOKWRIGHT_ALERT_TEMPLATES: what {name} makes is no JSON; use the filter tojson"
            raise Misconfigured(wrong) from None

    def _rendered(self, name: str, known: dict[str, Any]) -> str:
        assert self._environment is not None
        try:
            made: str = self._environment.get_template(name).render(known)
        except Exception as error:  # a template may do anything
            raise Misconfigured(f"BOOKWRIGHT_ALERT_TEMPLATES: {name} can't be used ({type(error).__name__})") from None
        return made


def _environment(own: Path | None) -> Any:
    """Templates of the operator's own folder, and where it has none of a name those that are shipped."""
    from jinja2 import FileSystemLoader, StrictUndefined  # most workers tell nobody
    from jinja2.sandbox import SandboxedEnvironment

    folders = [own, SHIPPED] if own else [SHIPPED]
    # What is made is JSON or plain text: nothing of it is HTML.
    return SandboxedEnvironment(loader=FileSystemLoader(folders), undefined=StrictUndefined)
