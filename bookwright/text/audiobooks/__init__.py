"""What is asked of language models about an audiobook, and how their answers are read. Pure."""
