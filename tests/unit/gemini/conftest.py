"""The emulated Gemini."""

from tests.support.providers import emulator_of

emulator = emulator_of("gemini", autouse=True)
