"""`bookwright webhooks`, without a service: what is asked for is written down."""

from pathlib import Path

from bookwright.contracts.deliveries import WebhookEvent
from tests.cli.conftest import Home

RECEIVER = "http://127.0.0.1:9"


def test_webhooks_from_being_added_to_being_removed(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", (("BOOKWRIGHT_WEBHOOK_ORIGINS", RECEIVER),))
    made = home.json("webhooks", "add", f"{RECEIVER}/a", "--event", "job.failed", "--description", "the shop")
    assert made["secret"].startswith("whsec_") and made["events"] == [WebhookEvent.FAILED]
    sent = home.json("webhooks", "test", "1")
    assert (sent["event"], sent["state"]) == ("webhook.test", "pending")
    assert home.json("webhooks", "deliveries", "1") == [sent]
    assert home.json("webhooks", "remove", "1") == {"webhook": 1, "removed": True}
    refused = home.json("webhooks", "add", f"{RECEIVER}/a", code=2, BOOKWRIGHT_WEBHOOK_ORIGINS="")
    assert refused["field"] == "url" and "BOOKWRIGHT_WEBHOOK_ORIGINS" in refused["message"]
