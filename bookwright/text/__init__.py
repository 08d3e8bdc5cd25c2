"""Text in, speakable parts out: decoding, chapters and pages, sentences, chunks, language. Pure functions."""
