"""Examples of soundscapes, batches and schedules for the OpenAPI document."""

from typing import Any

_BOOK_ID = "0b8f0f6e-3d1c-4a57-9d0e-6f2b1f1f7a11"
_JOB_ID = "5e0d7f0a-93f4-4c0e-8c55-1d2f6a3b9c20"
_BATCH_ID = "7c1f7c52-5a0b-4f7c-8f0e-1b6a40b6a2d1"
_AT, _LATER = "2026-03-01T09:00:00Z", "2026-03-01T09:12:00Z"
_ERROR: dict[str, Any] = {
    "spreadIndex": 23,
    "pageNumbers": [47, 48],
    "errorMessage": "the provider holds it back",
    "errorType": "ContentAnalysisError",
}
_MADE: dict[str, Any] = {
    "success": True,
    "bookId": _BOOK_ID,
    "jobId": _JOB_ID,
    "status": "ready",
    "stats": {
        "totalSpreads": 150,
        "processedSpreads": 149,
        "scenesCreated": 45,
        "soundscapesGenerated": 41,
        "soundscapesReused": 4,
        "cost": "2.05",
        "saved": "0.20",
        "errorCount": 1,
        "processingTimeSeconds": 312.4,
    },
    "warning": "Some spreads failed to process",
    "errors": [_ERROR],
}
_BATCH: dict[str, Any] = {
    "batchId": _BATCH_ID,
    "number": 1,
    "name": "New arrivals",
    "status": "processing",
    "atOnce": 2,
    "items": {
        "total": 3,
        "waiting": 1,
        "pending": 0,
        "processing": 1,
        "paused": 0,
        "completed": 1,
        "incomplete": 0,
        "failed": 0,
        "cancelled": 0,
        "refused": 0,
    },
    "scheduleId": None,
    "createdAt": _AT,
    "finishedAt": None,
}
_ITEM: dict[str, Any] = {
    "item": 1,
    "kind": "soundscapes",
    "book": "1",
    "jobId": _JOB_ID,
    "status": "completed",
    "warning": None,
    "error": None,
}
_SCHEDULE: dict[str, Any] = {
    "scheduleId": _BATCH_ID,
    "number": 1,
    "name": "Soundscapes at night",
    "cron": "30 2 * * *",
    "timezone": "Europe/Berlin",
    "at": None,
    "atOnce": 2,
    "items": [{"kind": "soundscapes", "book": "*"}],
    "settled": True,
    "createdAt": _AT,
}
SCHEMAS: dict[str, Any] = {
    "SoundscapesAnswer": _MADE,
    "SoundscapesUnderWay": {
        "success": True,
        "bookId": _BOOK_ID,
        "jobId": _JOB_ID,
        "status": "processing",
        "jobStatus": "processing",
        "progress": 40,
    },
    "SoundscapesFailed": {
        "success": False,
        "bookId": _BOOK_ID,
        "jobId": _JOB_ID,
        "status": "failed",
        "error": "All spreads failed to process",
        "stats": {"totalSpreads": 1, "errorCount": 1, "processingTimeSeconds": 4.2},
        "errors": [_ERROR],
    },
    "ProcessingErrorList": {
        "errors": [
            {
                **_ERROR,
                "timestamp": _LATER,
                "stackTrace": 'File "activities/analysis.py", line 60, in _spread\nBlocked: the provider holds it back',
                "attempt": 1,
            }
        ]
    },
    "BatchAnswer": _BATCH,
    "BatchDetails": _BATCH | {"details": [_ITEM]},
    "BatchList": {"batches": [_BATCH], "next_cursor": None},
    "ScheduleAnswer": _SCHEDULE,
    "ScheduleList": {"schedules": [_SCHEDULE], "next_cursor": None},
}
"""By the name of the schema, for those that are whole answers."""
