"""Task queue names. One queue per kind of work, so that each can be scaled and limited on its own."""

from enum import StrEnum


class Queue(StrEnum):
    """The task queues; `bookwright worker --queues` takes any of these values."""

    BOOKS = "bookwright-books"
    """Workflows and the short activities that read and write the store."""
    SPEECH = "bookwright-speech"
    """Narration: calls to the speech provider."""
    TEXT = "bookwright-text"
    """Analysis: calls to the provider of text."""
    IMAGES = "bookwright-images"
    """Illustration: calls to the provider of pictures."""
    SOUNDS = "bookwright-sounds"
    """Scoring: calls to the provider of ambient sounds."""
    TRANSCRIPTION = "bookwright-transcription"
    """Ingestion: calls to the provider of transcripts."""
    PRESS = "bookwright-press"
    """Binding: CPU-bound encoding of editions."""
    DELIVERY = "bookwright-delivery"
    """Webhooks and alerts: requests to strangers, who may take their time."""
