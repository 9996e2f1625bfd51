"""Many settings, into one table."""
