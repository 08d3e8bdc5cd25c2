"""What is sent to webhooks and to the operator's outlets, and what never is."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bookwright.alerting.outlets import Outlets
from bookwright.contracts.deliveries import Alert, AlertKind, Outlet
from bookwright.contracts.errors import Misconfigured
from bookwright.contracts.ports.deliveries import Parcel
from bookwright.providers.guarded import GuardedClient
from bookwright.providers.sending import LONGEST_WAIT_S, HttpMessenger
from bookwright.settings import NoticeSettings
from bookwright.signatures import MARK, make_secret
from tests.support.serving import served

BODY = '{"type":"job.completed","data":{"job_number":1}}'
ALERT = Alert(
    number=3,
    kind=AlertKind.JOB_FAILED,
    cause="c",
    message='2 audio jobs have failed: "<!channel>" & more',
    count=2,
    user_id=None,
    first_at=datetime(2026, 3, 1, 9, tzinfo=UTC),
    last_at=datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
    acknowledged_at=None,
    acknowledged_by=None,
)


class Receiver:
    """Somebody's server: keeps what comes, and answers as it is told by the path."""

    def __init__(self) -> None:
        self.came: list[tuple[dict[str, str], bytes]] = []
        self.url = ""
        paths = [Route("/{status:int}", self._answer, methods=["POST"])]
        self.app = Starlette(routes=paths)

    async def _answer(self, request: Request) -> Response:
        self.came.append((dict(request.headers), await request.body()))
        status = request.path_params["status"]
        headers = {"location": f"{self.url}/200"} if status in (302, 307) else {}
        if asked := request.query_params.get("after"):
            headers["retry-after"] = asked
        return Response(status_code=status, headers=headers)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    async with served(made.app) as url:
        made.url = url
        yield made


def nothing(_outlet: Outlet, _alert: Alert) -> None:
    raise AssertionError("no alert is sent")


def parcel(url: str, *secrets: str) -> Parcel:
    return Parcel(
        delivery_id="msg-1", outlet=Outlet.WEBHOOK, event="job.completed", url=url, body=BODY, secrets=secrets
    )


async def sent(receiver: Receiver, path: str, *secrets: str, allowed: bool = True) -> Any:
    messenger = HttpMessenger(nothing, allowed=[receiver.url] if allowed else [])
    try:
        return await messenger.send(parcel(f"{receiver.url}{path}", *secrets))
    finally:
        await messenger.close()


async def test_a_message_is_signed_by_each_secret_as_standard_webhooks_has_it(receiver: Receiver) -> None:
    new, old = make_secret(), make_secret()
    answer = await sent(receiver, "/204", new, old)
    assert (answer.taken, answer.status, answer.error) == (True, 204, None)
    [(headers, body)] = receiver.came
    assert (body, headers["content-type"], headers["webhook-id"]) == (BODY.encode(), "application/json", "msg-1")
    marks = headers["webhook-signature"].split(" ")
    for mark, secret in zip(marks, (new, old), strict=True):
        key = base64.b64decode(secret.removeprefix(MARK))
        signed = f"msg-1.{headers['webhook-timestamp']}.{BODY}".encode()
        assert mark == "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert "cookie" not in headers and "authorization" not in headers


@pytest.mark.parametrize("status", [302, 307])
async def test_a_redirect_is_an_answer_and_not_followed(receiver: Receiver, status: int) -> None:
    answer = await sent(receiver, f"/{status}", make_secret())
    assert (answer.taken, answer.status) == (False, status)
    assert len(receiver.came) == 1


@pytest.mark.parametrize(
    ("path", "wait_s"),
    [("/429?after=120", 120), ("/503?after=99999999", 0), ("/503?after=999999", LONGEST_WAIT_S), ("/500?after=9", 0)],
)
async def test_a_receiver_may_ask_to_be_left_alone(receiver: Receiver, path: str, wait_s: float) -> None:
    answer = await sent(receiver, path, make_secret())
    assert (answer.taken, answer.wait_s) == (False, wait_s)


async def test_nothing_is_sent_to_this_machine_or_its_network(receiver: Receiver) -> None:
    answer = await sent(receiver, "/200", make_secret(), allowed=False)
    assert (answer.status, answer.taken) == (None, False)
    assert "this machine or its network" in answer.error
    assert receiver.came == []


async def test_nobody_there_is_said_in_words(receiver: Receiver) -> None:
    messenger = HttpMessenger(nothing, allowed=["http://127.0.0.1:9"], deadline_s=5)
    answer = await messenger.send(parcel("http://127.0.0.1:9/x", make_secret()))
    await messenger.close()
    assert answer.error == "there was no answer (ConnectError)"


async def test_what_cant_be_sent_to_is_found_before() -> None:
    async def resolve(host: str, _port: int) -> list[str]:
        if host == "unknown.example":
            raise OSError
        return ["93.184.215.14", "10.0.0.1"] if host == "two.example" else ["93.184.215.14"]

    async with GuardedClient(resolve=resolve, allowed=["http://127.0.0.1:9"]) as client:
        for url in ("https://one.example/a", "https://unknown.example/a", "http://127.0.0.1:9/b"):
            await client.check(url)
        for url in ("https://two.example/a", "ftp://one.example/a", "https://me:secret@one.example/a", "nonsense"):
            with pytest.raises(Exception, match="address"):
                await client.check(url)


# -- alerts ----------------------------------------------------------------------------------------------------------


def notices(receiver: Receiver, **more: Any) -> NoticeSettings:
    return NoticeSettings.model_validate(
        {
            "BOOKWRIGHT_ALERT_CHAT_URL": f"{receiver.url}/200",
            "BOOKWRIGHT_ALERT_MAIL_URL": f"{receiver.url}/202",
            "BOOKWRIGHT_ALERT_MAIL_TO": "ops@example.com",
            "BOOKWRIGHT_ALERT_MAIL_TOKEN": "t0ken",
            **more,
        }
    )


async def told(outlets: Outlets, outlet: Outlet) -> Any:
    messenger = HttpMessenger(outlets.request, outlets=outlets.origins)
    try:
        return await messenger.send(Parcel(delivery_id="a", outlet=outlet, event="alert.job_failed", alert=ALERT))
    finally:
        await messenger.close()


async def test_an_alert_reaches_chat_and_mail_each_in_its_words(receiver: Receiver) -> None:
    outlets = Outlets(notices(receiver), "https://books.example")
    for outlet in (Outlet.CHAT, Outlet.MAIL):
        assert (await told(outlets, outlet)).taken
    (chat_headers, chat), (mail_headers, mail) = receiver.came
    text = json.loads(chat)["text"]
    assert text.startswith("2 audio jobs have failed:") and "https://books.example/admin/jobs" in text
    assert "<!channel>" not in text and "&lt;!channel&gt;" in text, "a text can't call a whole channel"
    assert "authorization" not in chat_headers
    written = json.loads(mail)
    assert (written["to"], mail_headers["authorization"]) == ("ops@example.com", "Bearer t0ken")
    assert written["subject"].startswith("Bookwright: 2 audio jobs") and '"<!channel>" & more' in written["text"]
    assert set(written) == {"to", "subject", "text"}


async def test_the_operators_templates_come_first(receiver: Receiver, tmp_path: Path) -> None:
    (tmp_path / "chat.json").write_text('{"blocks": [{{ subject | tojson }}], "level": "{{ alert.kind }}"}')
    (tmp_path / "subject.txt").write_text("{{ alert.count }} × {{ alert.kind }}\n")
    outlets = Outlets(notices(receiver, BOOKWRIGHT_ALERT_TEMPLATES=tmp_path))
    await told(outlets, Outlet.CHAT)
    await told(outlets, Outlet.MAIL)
    assert json.loads(receiver.came[0][1]) == {"blocks": ["2 × job_failed"], "level": "job_failed"}
    assert json.loads(receiver.came[1][1])["subject"] == "2 × job_failed"


@pytest.mark.parametrize("template", ["{{ alert.nothing }}", "{% if %}", '{"text": {{ text }}}', "{{ 1 / 0 }}"])
async def test_a_template_that_cant_be_used_is_refused_at_start(
    receiver: Receiver, tmp_path: Path, template: str
) -> None:
    (tmp_path / "chat.json").write_text(template)
    with pytest.raises(Misconfigured, match=r"BOOKWRIGHT_ALERT_TEMPLATES: .*chat\.json"):
        Outlets(notices(receiver, BOOKWRIGHT_ALERT_TEMPLATES=tmp_path))


async def test_an_outlet_that_is_not_set_any_more_is_told_nothing(receiver: Receiver) -> None:
    unset = Outlets(NoticeSettings.model_validate({}))
    assert "nobody is set" in (await told(unset, Outlet.CHAT)).error
    assert receiver.came == []


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"BOOKWRIGHT_ALERT_CHAT_URL": "chat.example"}, "BOOKWRIGHT_ALERT_CHAT_URL"),
        ({"BOOKWRIGHT_ALERT_MAIL_URL": "https://mail.example"}, "BOOKWRIGHT_ALERT_MAIL_TO"),
        ({"BOOKWRIGHT_WEBHOOK_ORIGINS": "http://127.0.0.1:9/path"}, "BOOKWRIGHT_WEBHOOK_ORIGINS"),
        ({"BOOKWRIGHT_WEBHOOK_DAYS": "0"}, "BOOKWRIGHT_WEBHOOK_DAYS"),
        ({"BOOKWRIGHT_ALERT_TEMPLATES": "/no/such/folder"}, "BOOKWRIGHT_ALERT_TEMPLATES"),
    ],
)
def test_wrong_settings_are_named(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], says: str) -> None:
    for name in NoticeSettings.variables():
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=says):
        NoticeSettings.load()
