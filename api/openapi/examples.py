"""Examples for the OpenAPI document: one book on its way through all answers."""

from typing import Any

BOOK_ID = "0b8f0f6e-3d1c-4a57-9d0e-6f2b1f1f7a11"
_JOB_ID = "5e0d7f0a-93f4-4c0e-8c55-1d2f6a3b9c20"
_KEY_ID = "8c1e2d3f4a5b"
_FEED_ID = "4f5a6b7c8d9e0f1a"
_SHARE_ID = "7d1c0b9a8f6e5d4c"
_BEGAN, _NOW, _ENDED = "2026-03-01T09:00:00Z", "2026-03-01T09:00:41Z", "2026-03-01T09:01:30Z"
_SIGNED = f"signature={_KEY_ID}.1772359200.3f9a"
_TEXT = "The kite had other plans."
_PAGE: dict[str, Any] = {
    "number": 1,
    "state": "completed",
    "duration_ms": 2140,
    "audio_url": f"/api/books/{BOOK_ID}/pages/1/audio?v=9f2c1a&{_SIGNED}",
}
_FILE: dict[str, Any] = {
    "edition": "m4b",
    "name": "The Kite.m4b",
    "bytes": 48211,
    "missing_pages": [],
    "url": f"/api/books/1/editions/m4b?{_SIGNED}",
}
_BOOK: dict[str, Any] = {
    "book_id": BOOK_ID,
    "number": 1,
    "title": "The Kite",
    "author": "A. Writer",
    "language": "en",
    "voice": "en-gb",
    "status": "ready",
    "warning": None,
    "reason": None,
    "total_pages": 2,
    "chapters": 1,
    "words": 11,
    "created_at": _BEGAN,
    "last_updated": _ENDED,
    "job_id": _JOB_ID,
    "job_number": 1,
    "job_state": "done",
}
_STAGE: dict[str, Any] = {
    "name": "narration",
    "status": "processing",
    "progress": 50,
    "done": 1,
    "failed": 0,
    "total": 2,
    "cost": "0.0012",
    "reserved": "0.0004",
    "startedAt": _BEGAN,
    "completedAt": None,
}
JOB: dict[str, Any] = {
    "jobId": _JOB_ID,
    "number": 1,
    "type": "audio_generation",
    "storyId": BOOK_ID,
    "title": "The Kite",
    "status": "processing",
    "paused_reason": None,
    "warning": None,
    "progress": 45,
    "attempts": 1,
    "stages": [_STAGE],
    "result": None,
    "error": None,
    "cost": "0.0012",
    "saved": "0.0006",
    "reserved": "0.0004",
    "priority": 5,
    "createdAt": _BEGAN,
    "startedAt": _BEGAN,
    "finishedAt": None,
    "as_of": _NOW,
}
_COUNTS = {"waiting": 2, "active": 1, "delayed": 0, "paused": 0, "completed": 40, "failed": 1, "cancelled": 0}
_COSTS = {"today": "0.42", "month": "7.10"}
_SUMS: dict[str, Any] = {
    "cost": "0.42",
    "settled": 310,
    "settled_cost": "0.40",
    "rejected": 1,
    "rejected_cost": "0.01",
    "ambiguous": 1,
    "ambiguous_cost": "0.01",
    "reserved": 2,
    "reserved_cost": "0.02",
    "reused": 12,
    "saved": "0.05",
}
_KEY: dict[str, Any] = {
    "id": _KEY_ID,
    "user_id": "mira",
    "name": "my laptop",
    "role": "user",
    "scopes": ["read"],
    "created_at": _BEGAN,
    "expires_at": None,
    "revoked_at": None,
    "last_used_at": _NOW,
}
_FEED: dict[str, Any] = {
    "feed_id": _FEED_ID,
    "book_id": BOOK_ID,
    "created_at": _BEGAN,
    "expires_at": "2027-03-01T09:00:00Z",
}
_SHARE: dict[str, Any] = {
    "share_id": _SHARE_ID,
    "book_id": BOOK_ID,
    "note": "Grandma",
    "downloads": False,
    "created_at": _BEGAN,
    "expires_at": "2026-03-31T09:00:00Z",
}
_LIMITS = {"jobs_at_once": 2, "requests_per_minute": None, "month_usd": "20.00"}
_USER = {
    "user_id": "mira",
    "name": "Mira",
    "role": "user",
    "disabled": False,
    "disabled_at": None,
    "limits": _LIMITS,
    "created_at": _BEGAN,
}
_SESSION = {
    "id": "5d41402abc4b2a76",
    "key_id": _KEY_ID,
    "created_at": _BEGAN,
    "expires_at": "2026-03-21T09:00:00Z",
    "address": "203.0.113.0/24",
    "agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "current": True,
}
_AUDITED = {
    "number": 17,
    "at": _NOW,
    "user_id": "mira",
    "actor": "local",
    "key_id": _KEY_ID,
    "action": "user.changed",
    "subject": "mira",
    "facts": {"limits": {"jobs_at_once": 2}},
    "address": "203.0.113.0/24",
    "outcome": "ok",
}
_ESTIMATE: dict[str, Any] = {
    "pages": 2,
    "words": 11,
    "characters": 52,
    "audio_seconds": 3.7,
    "calls": 2,
    "cost_low_usd": "0.0016",
    "cost_high_usd": "0.0017",
    "seconds": 3.1,
    "seconds_low": 2.2,
    "seconds_high": 6.2,
    "stages": [
        {
            "name": "narration",
            "calls": 2,
            "cost_low_usd": "0.0016",
            "cost_high_usd": "0.0017",
            "seconds_low": 2.2,
            "seconds_high": 6.2,
        }
    ],
}
_UPLOADED: dict[str, Any] = {
    "book_id": 1,
    "title": "The Kite",
    "total_pages": 2,
    "status_url": "/api/books/1/status/",
    "message": "Upload completed! Audio generation is running in background.",
}
_STATUS: dict[str, Any] = {
    "book_id": 1,
    "title": "The Kite",
    "processing_status": "processing",
    "processing_progress": 50,
    "total_pages": 2,
    "pages_status": {"pending": 1, "processing": 0, "completed": 1, "failed": 0},
    "audio_ready": False,
    "pages_with_audio": 1,
    "estimated_time_remaining": "2 minutes",
    "created_at": _BEGAN,
    "last_updated": _NOW,
    "warning": None,
    "error": None,
}
_NARRATED: dict[str, Any] = {
    "id": 1000001,
    "page_number": 1,
    "text_content": _TEXT,
    "audio_url": f"/api/books/1/audio/page_0001.mp3?v=9f2c1a&{_SIGNED}",
    "audio_duration": 2,
    "processing_status": "completed",
    "error": None,
}
_BOOK_STAGE: dict[str, Any] = {
    "id": 4,
    "stage_name": "scene_creation",
    "status": "processing",
    "progress_percentage": 50,
    "started_at": _BEGAN,
    "completed_at": None,
    "error_message": None,
}
_BOOK_PROGRESS: dict[str, Any] = {
    "job_id": 1,
    "book_id": 1,
    "status": "processing",
    "paused_reason": None,
    "warning": None,
    "overall_progress": 45,
    "stages": [_BOOK_STAGE],
    "error_message": None,
    "result_data": None,
    "retry_count": 0,
    "child_profile_id": None,
    "created_at": _BEGAN,
    "as_of": _NOW,
}
_JOB_ESTIMATE = {"pages": 24, "calls": 65, "cost_low_usd": "0.00", "cost_high_usd": "0.00", "seconds": 55.0}
_VERSION: dict[str, Any] = {
    "version": 2,
    "current": True,
    "text": _TEXT,
    "spoken": True,
    "duration_ms": 2140,
    "replaced_at": None,
}
SCHEMAS: dict[str, Any] = {
    "AdminStats": {
        "queues": {"audio_generation": _COUNTS},
        "totals": _COUNTS,
        "throughput": {"last_hour": 3, "last_day": 40},
        "durations": {"p50": 81.5, "p95": 240.0},
        "cost": _COSTS,
        "alerts": [{"type": "failures", "message": "1 job failed in the last hour", "count": 1}],
    },
    "Alive": {"status": "ok"},
    "BookDetails": {**_BOOK, "editions": [_FILE], "reader_url": "/read/1"},
    "BookHistory": {"jobs": [_BOOK_PROGRESS], "next_cursor": None},
    "BookOrdered": {
        "success": True,
        "job_id": 1,
        "message": "Job 1 created successfully",
        "book_id": 1,
        "status_url": "/api/books/1/status",
        "estimate": _JOB_ESTIMATE,
    },
    "BookProgress": _BOOK_PROGRESS,
    "BookList": {"books": [_BOOK], "next_cursor": None},
    "BookPagesAnswer": {
        "data": {
            "book": {"id": 1, "title": "The Kite", "total_pages": 2, "processing_status": "processing"},
            "pages": [_NARRATED],
        },
        "status": "PASS",
        "message": "Book pages retrieved successfully",
    },
    "BookStatusAnswer": {
        "data": _STATUS,
        "status": "PASS",
        "message": "Book processing status retrieved successfully",
    },
    "AuditList": {"entries": [_AUDITED], "next_cursor": None},
    "CostAnswer": {
        "by": "book",
        "since": "2026-03-01T00:00:00Z",
        "until": "2026-04-01T00:00:00Z",
        "costs": [{"key": BOOK_ID, "title": "The Kite", **_SUMS}],
        "more": 0,
        "total": _SUMS,
    },
    "Estimate": _ESTIMATE,
    "Fail": {"data": None, "status": "FAIL", "message": "there is no such book"},
    "FeedList": {"feeds": [_FEED]},
    "JobAccepted": {"jobId": _JOB_ID, "storyId": BOOK_ID, "status": "pending", "estimate": None},
    "JobCosts": {
        "jobId": _JOB_ID,
        "cost": "0.0012",
        "reserved": "0.0004",
        "stages": [{"stage": "narration", "cost": "0.0012", "reserved": "0.0004", "calls": 3}],
        "pages": [{"page": 1, "cost": "0.0012", "reserved": "0.0004", "calls": 3}],
    },
    "JobList": {"jobs": [JOB], "next_cursor": None},
    "JobStatus": JOB,
    "KeyList": {"keys": [_KEY], "next_cursor": None},
    "LexiconAnswer": {
        "entries": [{"word": "kite", "respelling": "kyte", "ipa": "kaɪt", "match_case": False}],
        "changed_at": _NOW,
        "pages_to_speak": [1],
        "jobId": None,
    },
    "MadeKey": {**_KEY, "key": "the key itself, which is shown this once"},
    "MadeShare": {**_SHARE, "url": f"http://localhost:8000/shared/{_SHARE_ID}.the-token"},
    "PlaceAnswer": {"page": 3, "ms": 4200, "at": "2026-03-01T20:15:00Z"},
    "ShareList": {"shares": [_SHARE]},
    "MadeFeed": {**_FEED, "url": f"http://localhost:8000/api/books/1/feed.xml?feed={_FEED_ID}.the-token"},
    "MonthBudgetAnswer": {
        "user_id": "mira",
        "month": "2026-03",
        "cap": "25.00",
        "own": True,
        "committed": "7.10",
        "left": "17.90",
        "resumed": 1,
    },
    "PageVersionList": {"page": 1, "versions": [_VERSION]},
    "Problem": {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "the request is not valid",
        "errors": [{"field": "config.priority", "message": "Input should be less than or equal to 10"}],
    },
    "ReaderBook": {
        **{name: _BOOK[name] for name in ("book_id", "number", "title", "author", "language")},
        "direction": "ltr",
        "state": "done",
        "closed": True,
        "cover_url": f"/api/books/{BOOK_ID}/cover?{_SIGNED}",
        "chapters": [{"number": 1, "title": "Up", "first_page": 1, "last_page": 2}],
        "pages": [_PAGE],
        "files": [{**_FILE, "duration_ms": 4280}],
    },
    "ReaderPageText": {
        **_PAGE,
        "chapter": 1,
        "text": _TEXT,
        "paragraphs": [
            {
                "start": 0,
                "end": 25,
                "sentences": [
                    {
                        "start": 0,
                        "end": 25,
                        "begin_ms": 0,
                        "end_ms": 2140,
                        "words": [{"start": 0, "end": 3, "begin_ms": 0, "end_ms": 180}],
                    }
                ],
            }
        ],
    },
    "Readiness": {"status": "ready", "missing": []},
    "SessionList": {"sessions": [_SESSION]},
    "SignedLink": {"url": f"/api/books/1/cover?{_SIGNED}"},
    "Steered": {"success": True, "jobId": _JOB_ID, "status": "processing"},
    "Uploaded": _UPLOADED,
    "UploadedUnread": {**_UPLOADED, "total_pages": None, "estimate": None},
    "UsageAnswer": {
        "month": "2026-03",
        "cost": _COSTS,
        "cap": "20.00",
        "calls": 310,
        "jobs": _COUNTS,
        "books": 12,
        "pages": 480,
        "limits": _LIMITS,
    },
    "UserAnswer": _USER,
    "UserList": {"users": [_USER], "next_cursor": None},
    "VoiceList": {
        "provider": "espeak-ng",
        "voices": [
            {
                "id": "en-gb",
                "language": "en-GB",
                "name": "English (Great Britain)",
                "provider": "espeak-ng",
                "model": "espeak-ng",
                "sample_url": f"/api/voices/sample?language=en&voice=en-gb&{_SIGNED}",
            }
        ],
    },
}
"""By the name of the schema, for those that are whole answers."""
PATHS = {
    "batch": "1",
    "book": "1",
    "chapter": "1",
    "edition": "m4b",
    "episode": "chapter_0001.mp3",
    "feed_id": _FEED_ID,
    "file": "page_0001.mp3",
    "job": "1",
    "key_id": _KEY_ID,
    "number": "1",
    "schedule": "1",
    "session": "5d41402abc4b2a76",
    "share_id": _SHARE_ID,
    "token": "mZ2kz0C9v4q1H6sXb8TnQyRfJ3wEaLdU7oPgKiVxN5Y",
    "user": "mira",
    "version": "1",
}
"""By the name of what stands in a path."""
MEDIA: dict[str, Any] = {
    "application/rss+xml": '<rss version="2.0"><channel><title>The Kite</title></channel></rss>',
    "multipart/form-data": {"file": _TEXT, "title": "The Kite", "language": "en"},
    "text/event-stream": f'id: 2\nevent: started\ndata: {{"seq":2,"kind":"started","at":"{_BEGAN}","data":{{}}}}\n\n',
    "text/plain": 'bookwright_jobs{kind="audio",state="running"} 1.0\n',
}
"""By media type, for what has no schema of its own."""
