"""Deterministic orchestration: one workflow per file."""

from pydantic import ValidationError

from bookwright.contracts.errors import BookwrightError

WORKFLOW_FAILURES = (ValidationError, BookwrightError)
"""Errors that fail a workflow at once; any other one would be retried for ever as a bug in its code."""
