"""Style, shared pieces of drawing, and saving."""
