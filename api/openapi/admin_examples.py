"""Examples of what operators see."""

from typing import Any

from api.openapi.examples import BOOK_ID, JOB

_BULK_ID = "7c9d2a64-1f3e-4b77-8a51-0d6e5f4c3b2a"
_STEP_ID = "3b1f8c52-9a7e-4d06-b1c4-2e5d7f8a9b0c"
_NOW = "2026-03-01T09:00:41Z"
_CAUSE = {
    "where": "narration",
    "cause": "Unspeakable",
    "message": "the voice refused this text",
    "count": 1,
    "pages": [2],
}
_BULK: dict[str, Any] = {
    "id": _BULK_ID,
    "action": "retry",
    "by": "local",
    "askedAt": _NOW,
    "jobs": 12,
    "open": 4,
    "done": 7,
    "refused": 1,
    "reasons": [{"reason": "job 31 is making the book: wait for its end, or cancel it", "count": 1}],
}
_TRACK = {
    "track": "narration",
    "status": "failed",
    "version": 1,
    "madeBy": None,
    "errorType": "Unspeakable",
    "error": "the voice refused this text",
}
_LETTER = {
    "id": _STEP_ID,
    "step": "transcribe",
    "user": "mira",
    "audiobookId": BOOK_ID,
    "title": "The Kite",
    "errorType": "BadAnswer",
    "error": "chapter 2: the transcript has no words",
    "failedAt": _NOW,
}
PATHS: dict[str, str] = {"bulk": _BULK_ID}
SCHEMAS: dict[str, Any] = {
    "JobHistory": {
        "span": "day",
        "step": "1h",
        "buckets": [
            {
                "at": "2026-03-01T09:00:00Z",
                "completed": 4,
                "failed": 1,
                "cancelled": 0,
                "p50": 41.2,
                "p95": 88.0,
                "cost": "0.42",
            }
        ],
    },
    "BulkCount": {"action": "retry", "count": 12},
    "BulkAnswer": _BULK,
    "BulkList": {"actions": [_BULK]},
    "AdminJob": {
        "job": JOB,
        "user": "mira",
        "workflowId": f"book/{BOOK_ID}/1",
        "temporalUrl": f"http://127.0.0.1:8233/namespaces/default/workflows/book%2F{BOOK_ID}%2F1",
        "generation": 1,
        "chapters": [{"number": 1, "title": "One", "pages": 2, "status": "processing", "done": 1, "failed": 0}],
        "causes": [_CAUSE],
        "calls": [
            {"provider": "sarvam", "operation": "speech", "state": "settled", "attempts": 2, "cost": "0.0012"},
        ],
    },
    "AdminPageList": {
        "pages": [{"page": 2, "chapter": 1, "tracks": [_TRACK], "attempts": 3, "lost": 3, "cost": "0"}],
        "next_cursor": None,
    },
    "AdminCallList": {
        "calls": [
            {
                "callId": "71",
                "attempt": 1,
                "provider": "sarvam",
                "model": "bulbul:v3",
                "operation": "speech",
                "unit": "page/1/narration/1",
                "state": "settled",
                "cost": "0.0012",
                "at": _NOW,
                "seconds": 1.4,
                "reason": None,
                "externalId": None,
            }
        ],
        "next_cursor": None,
    },
    "DeadLetterList": {"dead_letters": [_LETTER], "total": 1, "next_cursor": None},
    "HealthAnswer": {
        "status": "ok",
        "temporal": True,
        "queues": [
            {
                "queue": "bookwright-speech",
                "kind": "activity",
                "backlog": 3,
                "age": 1.2,
                "workers": [{"identity": "410@worker-speech-1", "seen": _NOW}],
            }
        ],
        "openCalls": 2,
        "ambiguousCalls": 0,
        "oldestWaiting": 4.2,
    },
}
