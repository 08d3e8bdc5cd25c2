"""What a text tells of: places, times, weathers, moods and sounds, by the words that stand in it."""

from bookwright.text.telling.names import as_mood, as_setting, as_time, as_weather
from bookwright.text.telling.words import LANGUAGES, Hit, Kind, words_of

__all__ = ["LANGUAGES", "Hit", "Kind", "as_mood", "as_setting", "as_time", "as_weather", "words_of"]
