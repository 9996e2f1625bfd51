"""The commands of ``lupuscart``, a file each: `add` tells the parser, `run` does the work."""
