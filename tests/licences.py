"""The licence of every package in the lock, from what the packages say of themselves.

`make licences` writes LICENSES.md with it. A package that one Python or system needs and another
does not cannot be asked everywhere: its licence stands in `ELSEWHERE`, as the package names it.
`SILENT` names a licence that a package gives as a text and not by name.
"""

import re
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

ELSEWHERE = {
    "aiohappyeyeballs": "Python Software Foundation License",
    "aiohttp": "Apache-2.0 AND MIT",
    "aiosignal": "Apache-2.0",
    "appnope": "BSD-2-Clause",
    "colorama": "BSD License",
    # Two versions, and only the newer one says which BSD licence.
    "contourpy": "BSD-3-Clause",
    "frozenlist": "Apache-2.0",
    "importlib-metadata": "Apache-2.0",
    "lark": "MIT License",
    "lazy-importer": "Apache-2.0",
    "multidict": "Apache-2.0",
    "overrides": "Apache License, Version 2.0",
    "propcache": "Apache-2.0",
    "pywinpty": "MIT",
    "rfc3987-syntax": "MIT",
    "yarl": "Apache-2.0",
    "zipp": "MIT",
}
SILENT = {"axe-playwright-python": "MIT"}

_HEAD = """\
# Licences of the packages in requirements.lock

lupuscart itself is under the [BSD 3-clause licence](LICENSE), its data under
[CC0](data/LICENSE). What it installs has licences of its own, listed here as each package
names them. Written by `make licences`.

| Package | Licence |
| --- | --- |
"""


def locked() -> list[str]:
    """Return the names of all packages in the lock, for every platform."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return sorted(set(re.findall(r"^([\w.-]+)==", lock, re.M)))


def licence_of(package: str) -> str | None:
    """Return the licence that an installed package names; None if it is not installed."""
    try:
        about = metadata.metadata(package)
    except metadata.PackageNotFoundError:
        return None
    named = [
        line.rpartition(" :: ")[2]
        for line in about.get_all("Classifier") or ()
        if line.startswith("License :: ") and line != "License :: OSI Approved"
    ]
    text = (about.get("License") or "").strip()
    short = text if "\n" not in text and "Copyright" not in text and text != "UNKNOWN" else ""
    return about.get("License-Expression") or " or ".join(named) or short or SILENT.get(package)


def listed() -> dict[str, str]:
    """Return the licence of each package as LICENSES.md has it."""
    text = (ROOT / "LICENSES.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| ([a-z][\w.-]+) \| (.+) \|$", text, re.M))


def write() -> None:
    """Write LICENSES.md."""
    rows = {package: ELSEWHERE.get(package) or licence_of(package) for package in locked()}
    lines = [f"| {package} | {licence} |\n" for package, licence in rows.items()]
    (ROOT / "LICENSES.md").write_text(_HEAD + "".join(lines), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write()
