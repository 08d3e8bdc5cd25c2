"""Gemini: text with schema and vision, pictures and vectors, through Google's own SDK (google-genai 3)."""

from bookwright.providers.gemini.embeddings import GeminiEmbedder
from bookwright.providers.gemini.pictures import GeminiPictures
from bookwright.providers.gemini.text import GeminiModel

__all__ = ["GeminiEmbedder", "GeminiModel", "GeminiPictures"]
