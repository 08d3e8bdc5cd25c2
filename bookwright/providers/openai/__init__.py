"""Every server that speaks OpenAI's protocol, by its base URL: Ollama, vLLM, LocalAI, Kokoro-FastAPI, Whisper servers.

Made with plain httpx, not with OpenAI's SDK. What is asked of such servers are five POSTs with a handful of fields, and
what differs from server to server has to be handled here in either case. The SDK (3.54) takes a second and 45 MB to
import, speaks through httpx2, so not through our client, and checks nothing of what is answered.
"""
