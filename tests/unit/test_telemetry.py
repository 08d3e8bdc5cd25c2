"""What logs, metrics and traces cost where nobody wants them."""

import subprocess
import sys

from bookwright.contracts.calls import ProviderCall
from bookwright.telemetry import tracing

UNWANTED = {"opentelemetry", "prometheus_client", "rich"}


def test_a_worker_loads_nothing_that_it_was_not_asked_for() -> None:
    code = "import sys, worker; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "structlog" in loaded and not UNWANTED & set(loaded)


def test_without_an_endpoint_there_are_no_traces() -> None:
    tracing.start_tracing("", "a test")
    assert not tracing.tracing() and not tracing.interceptors()
    with tracing.span("request", parent="00-" + "a" * 32 + "-" + "b" * 16 + "-01") as opened:
        assert opened is None and tracing.current_trace() is None
    call = ProviderCall(provider="p", model="m", operation="o", input={}, max_cost_micros=0)
    with tracing.provider_call(call):
        tracing.stop_tracing()
