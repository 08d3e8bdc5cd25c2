"""The API as it describes itself: the OpenAPI document and its reference."""
