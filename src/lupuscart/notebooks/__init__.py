"""Runs pages whole, and knows which of their figures are up to date."""
