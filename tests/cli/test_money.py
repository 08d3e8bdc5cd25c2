"""`prices`, `costs` and `users budget`."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from bookwright.cli import keys, money, users
from bookwright.settings import Settings

OWN = """
[[price]]
provider = "gemini"
model = "gemini-test"
operation = "*"
usd = { input_token = 1.25, output_token = 10 }
per = 1_000_000
valid_from = 2026-01-01
source = "our contract"
"""


@dataclass(frozen=True)
class Home:
    """The commands of this module, run in this process: there are many, and each process begins with a second of
    imports."""

    folder: Path
    app: typer.Typer

    def run(self, *arguments: str, **environment: str) -> Result:
        unset: dict[str, str | None] = dict.fromkeys(Settings.variables())
        return CliRunner().invoke(self.app, arguments, env=unset | {"BOOKWRIGHT_HOME": str(self.folder)} | environment)

    def json(self, *arguments: str, **environment: str) -> Any:
        ended = self.run(*arguments, "--json", **environment)
        assert ended.exit_code == 0, ended.output
        return json.loads(ended.stdout)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    app = typer.Typer()
    money.register(app)
    keys.register(app)
    users.register(app)
    return Home(tmp_path_factory.mktemp("money") / "home", app)


def test_an_operators_prices_are_shown_beside_those_that_ship(home: Home, tmp_path: Path) -> None:
    (file := tmp_path / "prices.toml").write_text(OWN)
    shown = home.json("prices", BOOKWRIGHT_PRICES=str(file))
    [own] = [price for price in shown if price["model"] == "gemini-test"]
    assert own["usd_per_million"] == {"input_token": "1.25", "output_token": "10"}
    assert (own["source"], own["valid_from"]) == ("our contract", "2026-01-01")
    providers = {"sarvam", "gemini", "openai", "replicate", "elevenlabs", "espeak-ng"}
    assert providers <= {price["provider"] for price in shown}
    assert all(price["source"] for price in shown)


def test_a_bad_price_file_stops_commands_at_their_start(home: Home, tmp_path: Path) -> None:
    (file := tmp_path / "prices.toml").write_text(OWN.replace("1.25", "-1.25"))
    refused = home.run("costs", BOOKWRIGHT_PRICES=str(file))
    assert refused.exit_code == 2
    assert "BOOKWRIGHT_PRICES" in refused.stderr and "price.0.usd.input_token" in refused.stderr


def test_the_help_shows_the_form_of_a_price_file(home: Home) -> None:
    """Whose brackets are no markup."""
    shown = home.run("prices", "--help").output
    assert "[[price]]" in shown


def test_costs_as_json_and_csv(home: Home) -> None:
    report = home.json("costs", "--month", "2026-11", "--by", "provider")
    assert (report["by"], report["since"], report["until"]) == (
        "provider",
        "2026-11-01T00:00:00Z",
        "2026-12-01T00:00:00Z",
    )
    assert (report["lines"], report["total"]["cost_usd"], report["total"]["saved_usd"]) == ([], "0.00", "0.00")
    head = home.run("costs", "--csv", "--since", "2026-11-01").stdout.splitlines()
    assert head == [",".join(report["total"])]
    assert home.run("costs", "--since", "yesterday").exit_code == 2
    both = home.run("costs", "--csv", "--json")
    assert both.exit_code == 2 and json.loads(both.stdout)["field"] == "csv"


def test_a_users_budget_for_a_month(home: Home) -> None:
    home.json("keys", "create", "k", "--user", "mira")
    budget = ("users", "budget", "mira", "--month", "2026-12")
    found = {"user_id": "mira", "month": "2026-12", "committed": "0.00"}
    assert home.json(*budget, "25.00") == found | {"cap": "25.00", "own": True, "left": "25.00"}
    lifted = home.run(*budget, "--lift", BOOKWRIGHT_MONTH_BUDGET="5").stdout
    assert lifted.strip() == "mira, 2026-12: 0.00 of 5.00 USD (the default)"
    assert home.run(*budget, "much").exit_code == 2
