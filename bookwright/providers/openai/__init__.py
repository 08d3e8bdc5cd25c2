"""Every server that speaks OpenAI's protocol, by its base URL: Ollama, vLLM, LocalAI, Kokoro-FastAPI, Whisper servers.

Made with plain httpx, not with OpenAI's SDK. What is asked of such servers are five POSTs with a handful of fields; the
SDK would cost a second and 40 MB to import, checks nothing that servers answer, and retries, logs and reads settings
from the environment by default. What differs from server to server has to be handled here in either case.
"""
