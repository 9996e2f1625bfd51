"""What `make bench` runs: the package beside other programs, in the same run."""
