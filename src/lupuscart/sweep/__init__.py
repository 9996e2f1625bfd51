"""Many settings, into one table."""

from importlib import import_module

__all__ = ["Grid", "Sweep", "SweepError", "read_grid", "run_sweep"]

_MODULES = {"Grid": "grid", "read_grid": "grid"}


def __getattr__(name: str):
    """Return what this package shows: only then imported, since workers need none of it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES.get(name, 'run')}"), name)
