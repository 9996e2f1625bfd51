"""Pages for which the data have no rows: said before they run, in place of what they would show."""

import json
from collections.abc import Iterable, Mapping, Sequence

from lupuscart.data.dictionary import table_files
from lupuscart.kept import Kept
from lupuscart.notebooks.parameters import trials_path
from lupuscart.notebooks.project import Notebook
from lupuscart.words.lexicon import LANGUAGES, using

__all__ = ["SENTENCE", "sentences", "short_copy"]

#: In the metadata of a short copy: why the page was not run.
SENTENCE = "nothing_to_show"


def sentences(
    notebooks: Sequence[Notebook],
    settings: Mapping[str, Mapping[str, object]],
    kept: Kept | None = None,
) -> dict[str, str]:
    """Return what each page lacks that has nothing to show, in the language of the page.

    A parameter that leaves rows out counts as long as it has its default: whoever asks for
    something is answered by the page itself, which says what there is.

    Parameters
    ----------
    notebooks : iterable of Notebook
        Pages that are about to run.
    settings : mapping
        What each is given, by file name; checked.
    kept : Kept, optional
        What was said of tables that are as they were then; of others it is found anew.

    Returns
    -------
    dict
        File name to sentence; without the pages that have something to show.
    """
    tables = {book.path: trials_path(book, settings[book.name]) for book in notebooks}
    reading = [book for book in notebooks if tables[book.path] is not None]
    if kept is None:
        return _found(reading, settings)
    asked = [
        [book.path.stem, str(tables[book.path]), dict(book.defaults), settings[book.name]]
        for book in reading
    ]
    files = {file for book in reading for file in table_files(tables[book.path]).values()}
    return kept.ask(["nothing to show", asked], files, lambda: _found(reading, settings))


def _found(
    notebooks: Iterable[Notebook], settings: Mapping[str, Mapping[str, object]]
) -> dict[str, str]:
    from lupuscart.evidence import needs  # and pandas with it

    found = {}
    for notebook in notebooks:
        given = settings[notebook.name]
        trials = trials_path(notebook, given)
        choices = {name: notebook.defaults[name] for name in _defaults_kept(notebook, given)}
        language = {**notebook.defaults, **given}.get("language", LANGUAGES[0])
        with using(language):
            found[notebook.name] = needs.nothing_to_show(notebook.path.stem, trials, **choices)
    return {name: sentence for name, sentence in found.items() if sentence}


def short_copy(notebook: Notebook, sentence: str) -> str:
    """Return the text of a notebook that has the title of a page, and why it was not run."""
    content = json.loads(notebook.text)
    said = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"text/markdown": sentence, "text/plain": sentence},
    }
    asked = {
        "cell_type": "code",
        "id": "nothing-to-show",
        "execution_count": None,
        "metadata": {},
        "source": f'needs.require("{notebook.path.stem}", trials_csv)',
        "outputs": [said],
    }
    cells = [*content["cells"][:1], asked]
    metadata = {**content["metadata"], SENTENCE: sentence}
    return json.dumps({**content, "cells": cells, "metadata": metadata}, indent=1)


def _defaults_kept(notebook: Notebook, given: Mapping[str, object]) -> list[str]:
    from lupuscart.evidence.needs import CHOICES

    kept = [name for name in CHOICES if name in notebook.defaults and name not in given]
    # A week means nothing without its window.
    return [name for name in kept if name == "role" or {"week", "window"} <= set(kept)]
