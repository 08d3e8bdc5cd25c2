"""OpenAPI links: which answers name what other operations take, so that a reader and a tool can go on from them."""

from collections.abc import Mapping
from typing import Any

_BODY = "$response.body#"
_JOB = {"job": f"{_BODY}/jobId", "book": f"{_BODY}/storyId"}
_SAME_BOOK = {"book": "$request.path.book"}
_SAME_PAGE = {**_SAME_BOOK, "number": "$request.path.number"}
_GIVES: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("listBooks", "200"): {"book": f"{_BODY}/books/0/book_id", "job": f"{_BODY}/books/0/job_id"},
    ("uploadBook", "200"): {"book": f"{_BODY}/book_id"},
    ("uploadBook", "202"): {"book": f"{_BODY}/book_id"},
    ("generateBook", "202"): {"book": f"{_BODY}/book_id", "job": f"{_BODY}/job_id"},
    ("getBook", "200"): {**_SAME_BOOK, "job": f"{_BODY}/job_id", "edition": f"{_BODY}/editions/0/edition"},
    ("readBook", "200"): {
        **_SAME_BOOK,
        "number": f"{_BODY}/pages/0/number",
        "edition": f"{_BODY}/files/1/edition",
        "chapter": f"{_BODY}/files/1/chapter",
    },
    ("listPageVersions", "200"): {**_SAME_PAGE, "version": f"{_BODY}/versions/0/version"},
    ("listJobs", "200"): {"job": f"{_BODY}/jobs/0/jobId", "book": f"{_BODY}/jobs/0/storyId"},
    ("createJob", "202"): _JOB,
    ("retryJob", "202"): _JOB,
    ("redoPage", "202"): _JOB,
    ("generateSoundscapes", "202"): {"job": f"{_BODY}/jobId", "book": f"{_BODY}/bookId"},
    ("createBatch", "202"): {"batch": f"{_BODY}/batchId"},
    ("createSchedule", "201"): {"schedule": f"{_BODY}/scheduleId"},
    ("createFeed", "201"): {**_SAME_BOOK, "feed_id": f"{_BODY}/feed_id"},
    ("createShare", "201"): {**_SAME_BOOK, "share_id": f"{_BODY}/share_id"},
    ("createUpload", "201"): {"upload": f"{_BODY}/upload_id"},
    ("createAudiobook", "201"): {"book": f"{_BODY}/audiobook_id"},
    ("createKey", "201"): {"key_id": f"{_BODY}/id"},
}
"""Of an operation's answer: parameters of paths, and where their values are in it."""


def add_links(document: dict[str, Any]) -> None:
    """Link each of these answers with all operations whose path it can fill in."""
    operations = {
        operation["operationId"]: (path, operation)
        for path, methods in document["paths"].items()
        for operation in methods.values()
    }
    for (source, status), given in _GIVES.items():
        links = operations[source][1]["responses"][status].setdefault("links", {})
        for name, (_, operation) in operations.items():
            taken = [part["name"] for part in operation.get("parameters", ()) if part["in"] == "path"]
            if taken and name != source and given.keys() >= set(taken):
                links[name] = {"operationId": name, "parameters": {f"path.{part}": given[part] for part in taken}}
