"""Reads and checks the tables; the only package that opens the files of a data folder."""
