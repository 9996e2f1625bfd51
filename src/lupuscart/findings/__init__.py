"""What is found, a figure each: how it is drawn and what is said of it."""
