"""Findings that a run leaves, to be drawn again in another theme or on another canvas.

python -P -m lupuscart.reporting.kept_findings

Reads a request a line from its input, and `draw_again` takes each.

Vocabulary
----------
kept
    A file that a page leaves when it is run: a record a call of ``save``, in their order. A record
    has what is drawn and said, and what this process knew by then: the language, the outcomes in
    use, the table that was loaded. What depends on the style by then is not kept, nor is what
    cannot be pickled, such as a drawing of a notebook's own.

To read a kept file is to trust it as much as the page, since a pickle can run any code. It is
written by the page's own kernel under the collection's ``build/``, found by the name of the page
and not by what a file says, and read only if it has the digest that the ledger there noted when
the page ended (`lupuscart.notebooks.up_to_date`). Who can change both can change the notebooks,
and this package, that are run there anyway.
"""

import hashlib
import io
import json
import os
import pickle
import sys
from collections.abc import Iterable
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

from lupuscart.atomic import KEEP_VARIABLE
from lupuscart.data import dictionary, outcomes
from lupuscart.figures.style import is_asked_early, use_style
from lupuscart.words.lexicon import current_language

__all__ = ["draw_again", "keep"]


def keep(found, how: str, name: str, names: Iterable[str]) -> None:
    """Append a saved finding to the file that ``LUPUSCART_KEEP`` names, if it does.

    Whatever prevents it, the page goes on: it only has to run again for another style.

    Parameters
    ----------
    found : Finding or Parts
        What was saved.
    how, name : str
        By which method, and under which name.
    names : iterable of str
        The figures that this made.
    """
    path = os.environ.get(KEEP_VARIABLE)
    if not path or is_asked_early():
        return
    try:
        record = {
            "language": current_language(),
            "outcomes": outcomes.current(),
            "trials": dictionary.current_trials(),
            "names": list(names),
            # Read after the style has been set, on which the number of figures depends.
            "call": pickle.dumps((found, how, name)),
        }
        with open(path, "ab") as kept:
            kept.write(pickle.dumps(record))
    except Exception:
        # One record too few, and `draw_again` refuses the file.
        return


def draw_again(
    path, digest: str, names: Iterable[str], figures_dir: str, *, context: str, theme: str
) -> None:
    """Draw and save all figures of a page as a run in this style would.

    Parameters
    ----------
    path : path
        The kept file.
    digest : str
        SHA-256 of its content.
    names : iterable of str
        Every figure that the run made.
    figures_dir : str
        An existing folder.
    context, theme : str
        As for `lupuscart.figures.style.use_style`.

    Raises
    ------
    ValueError
        If the file is another one, or holds not all figures.
    Exception
        Whatever reading or drawing raises; some figures may be there then.
    """
    content = Path(path).read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise ValueError(f"{path} is not what the page left; allowed: a file as it was kept")
    records = list(_records(content))
    if {name for record in records for name in record["names"]} != set(names):
        raise ValueError(f"{path} holds other figures; allowed: all of {', '.join(names)}")
    for record in records:
        use_style(context=context, theme=theme, language=record["language"])
        outcomes.use(record["outcomes"])
        if record["trials"] is not None:
            dictionary.use_folder_of(record["trials"])
        found, how, name = pickle.loads(record["call"])
        getattr(found, how)(name, figures_dir)


def _records(content: bytes):
    stream = io.BytesIO(content)
    while stream.tell() < len(content):
        yield pickle.load(stream)


def main() -> None:
    """Answer each request with whether its figures were drawn, until the input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    requests: SimpleQueue = SimpleQueue()

    def listen() -> None:
        for line in sys.stdin.buffer:
            requests.put(json.loads(line))
        os._exit(0)  # in the middle of a drawing too: nobody waits for it any more

    Thread(target=listen, daemon=True).start()
    while request := requests.get():
        try:
            draw_again(**request)
            drawn = True
        except Exception:
            drawn = False
        print(json.dumps(drawn), file=answers, flush=True)


if __name__ == "__main__":
    main()
