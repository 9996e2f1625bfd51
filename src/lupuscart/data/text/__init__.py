"""From the bytes of a file to its cells, and what a cell's characters are."""
