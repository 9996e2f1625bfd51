"""The style is ours alone: whatever a user has set before, and nothing is set on import."""

import contextlib
import os
import subprocess
import sys

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
import seaborn as sns

from lupuscart.figures import style

# What style sheets may not touch either: how this process shows figures.
OWN = {"backend", "interactive", "savefig.directory"}

DRAW = """\
import sys

from lupuscart.figures import style

style.use_style(theme=sys.argv[1])
figure = style.new_figure()
ax = figure.subplots()
ax.plot([0, 1], [1, 0], label="12 of 15")
ax.set_title("Counts")
figure.legend(loc="outside lower left")
for kind in ("png", "svg"):
    figure.savefig(f"{sys.argv[2]}.{kind}", metadata={"Date": None} if kind == "svg" else None)
"""

MATPLOTLIBRC = """\
axes.xmargin: 0.3
font.weight: bold
grid.linestyle: --
lines.solid_capstyle: projecting
lines.linestyle: --
savefig.bbox: tight
savefig.dpi: 30
savefig.pad_inches: 0.5
savefig.transparent: True
xtick.direction: in
xtick.minor.visible: True
"""


def settings():
    return {name: mpl.rcParams[name] for name in mpl.rcParams if name not in OWN}


def another(value):
    """Some other value of the kind of this one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return 2 * value + 1
    if isinstance(value, list | tuple):
        return [*value][::-1]
    return {"black": "red", "white": "pink", "solid": "dashed", "-": "--"}.get(value, "auto")


def _set_all_else():
    changed = set()
    for name, value in settings().items():
        with contextlib.suppress(Exception):  # a kind that has no such value
            mpl.rcParams[name] = another(value)
            changed.add(name)
    return changed


@pytest.mark.parametrize("theme", style.THEMES)
def test_no_setting_of_a_user_is_left(theme):
    style.use_style(theme=theme)
    wanted = settings()
    changed = _set_all_else()
    assert len(changed) > 100
    style.use_style(theme=theme)
    left = {name for name, value in settings().items() if value != wanted[name]}
    # How many figures pyplot warns of and a window's tools are no matter of style.
    assert left <= set(mpl.style.core.STYLE_BLACKLIST)


@pytest.mark.parametrize("theme", style.THEMES)
def test_a_figure_is_the_same_under_a_users_matplotlibrc(theme, tmp_path):
    (tmp_path / "matplotlibrc").write_text(MATPLOTLIBRC, encoding="utf-8")
    pictures = []
    for name, rc in {"plain": "", "mine": str(tmp_path / "matplotlibrc")}.items():
        environment = {**os.environ, "MATPLOTLIBRC": rc}
        command = [sys.executable, "-c", DRAW, theme, str(tmp_path / name)]
        subprocess.run(command, check=True, env=environment, cwd=tmp_path.parent)
        pictures.append([(tmp_path / f"{name}.{kind}").read_bytes() for kind in ("png", "svg")])
    assert pictures[0] == pictures[1]


def test_an_import_sets_nothing():
    code = """
import matplotlib as mpl
before = {name: mpl.rcParams[name] for name in mpl.rcParams}
from lupuscart.figures import fonts, panels, save, style
assert {name: mpl.rcParams[name] for name in mpl.rcParams} == before
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("theme", style.THEMES)
def test_the_sheets_load_by_name_and_are_the_style(theme):
    sheets = {"light": ["light"], "dark": ["light", "dark"]}[theme]
    plt.style.use(["default", *(f"lupuscart.figures.{sheet}" for sheet in sheets)])
    by_name = settings()
    style.use_style(context="notebook", theme=theme)
    # In code: what depends on the language, and on where the figure is looked at.
    apart = {name for name, value in settings().items() if value != by_name[name]}
    assert apart <= {"font.family", "figure.figsize", "figure.dpi", "pdf.fonttype"}


def test_the_dark_sheet_has_colours_alone():
    path = style.resources.files("lupuscart.figures") / "dark.mplstyle"
    sheet = mpl.rc_params_from_file(path, use_default_template=False)
    assert all("color" in name or name == "axes.prop_cycle" for name in sheet)


# What a figure of rows needs otherwise than seaborn's "whitegrid" has it.
NOT_SEABORNS = {
    "axes.spines.left": "only what is read along",
    "axes.spines.right": "only what is read along",
    "axes.spines.top": "only what is read along",
    "font.family": "one face for each language",
    "font.sans-serif": "one face for each language",
    "image.cmap": "named by seaborn, unknown where it is not loaded",
    "lines.solid_capstyle": "a line ends where its number is",
    "patch.edgecolor": "a bar has an edge",
    "patch.force_edgecolor": "a bar has an edge",
    "xtick.bottom": "short ticks at the numbers of the scale",
    "xtick.color": "the quiet colour",
    "ytick.color": "the quiet colour",
    "ytick.left": "short ticks at the numbers of the scale",
}


def test_the_light_sheet_is_seaborns_theme_but_for_what_is_listed():
    style.use_style()
    ours = settings()
    theirs = sns.axes_style("whitegrid")
    same = {
        name
        for name, value in theirs.items()
        if ours[name] == value or _colour(ours[name]) == _colour(value) is not None
    }
    assert set(theirs) - same == set(NOT_SEABORNS)
    assert len(same) > 10


def _colour(value):
    try:
        return mpl.colors.to_hex(value)
    except (ValueError, TypeError):
        return None


@pytest.mark.parametrize("theme", style.THEMES)
def test_a_theme_has_a_colour_for_each_role(theme):
    style.use_style(theme=theme)
    assert {role: style.theme_colour(role) for role in style.THEMES[theme]} == style.THEMES[theme]
    assert set(style.THEMES[theme]) == {"paper", "ink", "quiet", "line", "strong"}
