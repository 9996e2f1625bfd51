"""Packages that only some commands need: imported when asked for, and named when missing."""

from importlib import import_module

__all__ = ["import_extra"]


def import_extra(module: str, extra: str):
    """Return a module of an optional package, or say how to install it.

    Parameters
    ----------
    module : str
        Such as ``"yaml"``.
    extra : str
        The extra of this package that brings it.

    Raises
    ------
    ValueError
        If it is not installed.

    Examples
    --------
    >>> import_extra("json", "sweep").__name__
    'json'
    >>> import_extra("no_such_module", "sweep")
    Traceback (most recent call last):
    ...
    ValueError: no_such_module is not installed; install it with: pip install 'lupuscart[sweep]'
    """
    try:
        return import_module(module)
    except ImportError:
        package = module.partition(".")[0]
        raise ValueError(
            f"{package} is not installed; install it with: pip install 'lupuscart[{extra}]'"
        ) from None
