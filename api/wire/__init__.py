"""HTTP as the API speaks it: answers, errors, lists, idempotency, its own description."""
