"""Traces: OpenTelemetry spans from a request over its workflow and activities to the provider calls made for it.

Off unless there is somewhere to send them; nothing of OpenTelemetry is loaded then.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bookwright.contracts.calls import ProviderCall

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer
    from temporalio.contrib.opentelemetry import TracingInterceptor

_tracer: "Tracer | None" = None
_end: Callable[[], None] | None = None


def start_tracing(endpoint: str, service: str) -> None:
    """Send this process's spans to `endpoint` (OTLP over HTTP), under the name `service`. Empty: no tracing."""
    global _tracer, _end
    if not endpoint:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")))
    _tracer, _end = provider.get_tracer("bookwright"), provider.shutdown


def stop_tracing() -> None:
    """Send what is left. Spans that end later are lost."""
    global _tracer, _end
    if _end is not None:
        _end()
    _tracer = _end = None


def tracing() -> bool:
    """Whether spans are sent anywhere."""
    return _tracer is not None


def interceptors() -> "Sequence[TracingInterceptor]":
    """What carries traces through Temporal, for clients and so for their workers."""
    if _tracer is None:
        return ()
    from temporalio.contrib.opentelemetry import TracingInterceptor

    return (TracingInterceptor(_tracer),)


def current_trace() -> str | None:
    """The span that this task is in, as a W3C `traceparent`, to be gone on with elsewhere or later."""
    if _tracer is None:
        return None
    carrier: dict[str, str] = {}
    _propagator().inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def span(
    name: str, *, parent: str | None = None, server: bool = False, attributes: Mapping[str, str | int] | None = None
) -> "Iterator[Span | None]":
    """A span around the block: within `parent` (a `traceparent`) or else within the task's own. None without tracing.
    Attributes are ids and names, never text."""
    if _tracer is None:
        yield None
        return
    from opentelemetry.trace import SpanKind

    context = _propagator().extract({"traceparent": parent}) if parent else None
    kind = SpanKind.SERVER if server else SpanKind.CLIENT
    with _tracer.start_as_current_span(name, context, kind=kind, attributes=attributes) as opened:
        yield opened


def _propagator() -> Any:
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator()


@contextmanager
def provider_call(call: ProviderCall) -> Iterator[None]:
    """A span around one call of a provider."""
    named: dict[str, str | int] = {
        "provider": call.provider,
        "model": call.model,
        "operation": call.operation,
        "take": call.take,
    }
    with span(f"{call.provider} {call.operation}", attributes=named):
        yield
