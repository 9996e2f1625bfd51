"""Which reports enter a question, which overlap, and which benchmarks stand beside them."""
