"""How many examples hypothesis tries: fewer where a test is to be quick."""

from hypothesis import settings

#: What a profile that is not quick has; hypothesis' own.
WHOLE = 100


def examples(most: int) -> settings:
    """Return the settings of a test that tries at most so many, a tenth if it is to be quick."""
    return settings(max_examples=max(1, most * settings.default.max_examples // WHOLE))
