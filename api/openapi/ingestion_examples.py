"""Examples of upload sessions and audiobooks for the OpenAPI document."""

from typing import Any

UPLOAD_ID = "f0b6c7de-6f0e-4b57-9d3d-1c2f7f6f8a01"
FILE_ID = "2f7d1c7c-4a38-4c1b-8f0a-5f5d8c1c9b02"
STEP_ID = "91c4a0b5-4f40-4df1-a4f7-7f6f3f1b5e03"
_BOOK_ID = "0b8f0f6e-3d1c-4a57-9d0e-6f2b1f1f7a11"
_AT, _LATER = "2026-03-01T09:00:00Z", "2026-03-02T09:00:00Z"
_PROGRESS: dict[str, Any] = {
    "upload_id": UPLOAD_ID,
    "status": "uploading",
    "total_files": 2,
    "uploaded_files": 1,
    "total_size_bytes": 9_000_000,
    "uploaded_bytes": 4_821_100,
    "progress": 0.5357,
    "error": None,
}
_STEP: dict[str, Any] = {
    "id": STEP_ID,
    "audiobook_id": _BOOK_ID,
    "job_type": "transcribe",
    "status": "processing",
    "started_at": _AT,
    "completed_at": None,
    "error_message": None,
}

SCHEMAS: dict[str, Any] = {
    "UploadCreated": {
        "upload_id": UPLOAD_ID,
        "status": "pending",
        "message": "Upload session created successfully",
        "expires_at": _LATER,
    },
    "FileUploaded": {
        "file_id": FILE_ID,
        "upload_id": UPLOAD_ID,
        "file_name": "01.mp3",
        "file_size_bytes": 4_821_100,
        "uploaded_at": _AT,
    },
    "UploadProgress": _PROGRESS,
    "UploadDetails": {
        **_PROGRESS,
        "upload_type": "multiple",
        "audiobook_id": None,
        "created_at": _AT,
        "expires_at": _LATER,
        "files": [
            {
                "file_id": FILE_ID,
                "file_name": "01.mp3",
                "file_size_bytes": 4_821_100,
                "uploaded_bytes": 4_821_100,
                "content_type": "audio/mpeg",
                "uploaded_at": _AT,
            }
        ],
    },
    "AudiobookCreated": {
        "audiobook_id": _BOOK_ID,
        "status": "processing",
        "message": "Audio book created successfully",
        "jobs_created": 4,
        "total_jobs": 4,
    },
    "AudiobookAnswer": {
        "audiobook_id": _BOOK_ID,
        "number": 1,
        "title": "The Lantern",
        "author": "A. Writer",
        "description": "A short tale.",
        "language": "en",
        "is_public": False,
        "status": "ready",
        "warning": None,
        "error_message": None,
        "summary": "Mira climbs the stair of the harbour house to light the lamp again.",
        "tags": ["sea"],
        "free_tags": ["Mira", "harbour"],
        "total_pages": 4,
        "chapters": [
            {
                "number": 1,
                "title": "01",
                "status": "completed",
                "begin_seconds": 0.0,
                "duration_seconds": 301.5,
                "language": "en",
                "words": 702,
                "confidence": 0.94,
                "summary": "The lamp goes out, and Mira climbs the stair.",
                "error_message": None,
            }
        ],
        "created_at": _AT,
        "updated_at": _AT,
    },
    "SearchAnswer": {
        "results": [
            {
                "book_id": _BOOK_ID,
                "book_number": 1,
                "book_title": "The Lantern",
                "language": "en",
                "own": True,
                "chapter": 1,
                "chapter_title": "01",
                "page": 3,
                "start_seconds": 12.4,
                "end_seconds": 31.9,
                "recording": 1,
                "recording_seconds": 161.2,
                "snippet": "She climbed the stair and lit the lamp again.",
                "marks": [{"start": 33, "end": 37}],
                "matched_by": ["text", "meaning"],
                "score": 0.032787,
                "reader_url": f"/read/{_BOOK_ID}#page=3&t=12.4",
                "audio_url": f"/api/books/{_BOOK_ID}/pages/3/audio",
            }
        ],
        "by_meaning": True,
        "notice": None,
    },
    "StepList": {
        "audiobook_id": _BOOK_ID,
        "jobs": [_STEP],
        "overall_status": "processing",
        "progress": 0.25,
        "total_jobs": 1,
        "completed_jobs": 0,
        "failed_jobs": 0,
    },
    "ClaimedJob": {
        "job_id": STEP_ID,
        "audiobook_id": _BOOK_ID,
        "job_type": "transcribe",
        "task_token": "kD2mZl0xkQ0W6m7dFv0bJq4bq0Yp6oXn3m8Jw2c1r5s",
        "lease_seconds": 300,
        "attempt": 1,
        "title": "The Lantern",
        "language": "en",
        "chapter": 1,
        "inputs": [
            {
                "kind": "recording",
                "url": f"https://books.example/api/v1/admin/jobs/{STEP_ID}/recordings/1?signature=…",
                "media_type": "audio/mpeg",
                "begin_seconds": 0.0,
                "duration_seconds": 301.5,
            }
        ],
    },
    "TextInput": {
        "title": "The Lantern",
        "language": "en",
        "chapters": [{"number": 1, "title": "01", "text": "The lamp went out, and Mira climbed the stair."}],
        "tags": ["adventure", "sea"],
    },
    "ReportTaken": {"job_id": STEP_ID, "status": "completed", "message": "the result is written down"},
}
"""By the name of the schema."""
PATHS = {"upload": "1", "file": FILE_ID, "step": STEP_ID}
"""By the name of the parameter."""
