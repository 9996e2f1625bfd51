"""Every word a reader sees, in each language."""
