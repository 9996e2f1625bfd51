"""How many examples a generator draws: a few at every run, many under `make fuzz`."""

from hypothesis import Phase, settings

#: Whether this is the long run.
LONG = settings.get_current_profile_name() == "fuzz"


def examples(few, *, times=60):
    """A few examples, always the same; in the long run so many times as many, drawn anew."""
    # A failure is reported as it was drawn: to search for a smaller one takes minutes.
    phases = [Phase.explicit, Phase.reuse, Phase.generate]
    return settings(max_examples=few * times if LONG else few, deadline=None, phases=phases)
