"""The tests in a real browser; what they share is in conftest.py of this folder."""
