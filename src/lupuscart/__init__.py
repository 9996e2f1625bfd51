"""What the first CAR-T trials in lupus can and cannot tell us."""

__version__ = "0.1.0"
