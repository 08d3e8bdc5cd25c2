"""Parts of the composition root, by subject. `worker.py` alone puts them together."""
