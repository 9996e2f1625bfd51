"""The pages as a small site."""
