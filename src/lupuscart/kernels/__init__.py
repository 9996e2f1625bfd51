"""Kernels that run a page: their surroundings, what they read, how they are started warm."""
