"""The findings as a PowerPoint deck."""
