"""The process that writes recordings down: `python -m bookwright.providers.local.whisper_server MODEL COMPUTE THREADS
MEMORY_BYTES`. Requests are `{"path", "language"}`; answers are `{"language", "words": [[text, start ms, end ms,
probability]]}` or `{"error": "audio" | "language" | "memory"}`.
"""

import sys
from typing import Any

from bookwright.providers.local.answering import Answer, answer_requests


def load(model: str, compute: str, threads: int) -> Answer:
    """Load the model (a folder, or a name that is fetched from its hub at first)."""
    import av
    from faster_whisper import WhisperModel

    whisper = WhisperModel(model, device="cpu", compute_type=compute, cpu_threads=threads)

    def answer(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        language = request["language"]
        if language is not None and language not in whisper.supported_languages:
            return {"error": "language"}, b""
        try:
            # Silence is left out: Whisper hears words in it. Without the text before it, a mistake is not gone on with.
            segments, info = whisper.transcribe(
                request["path"],
                language=language,
                word_timestamps=True,
                vad_filter=True,
                condition_on_previous_text=False,
            )
        except (av.FFmpegError, IndexError):
            return {"error": "audio"}, b""
        words = [
            [word.word, round(word.start * 1_000), round(word.end * 1_000), round(word.probability, 3)]
            for segment in segments
            for word in segment.words or ()
        ]
        return {"language": info.language, "words": words}, b""

    return answer


if __name__ == "__main__":
    answer_requests(lambda: load(sys.argv[1], sys.argv[2], int(sys.argv[3])), int(sys.argv[4]))
