"""The surroundings of every kernel: the same for every user, on every machine.

Vocabulary
----------
settings
    What a user or an administrator may have set for matplotlib, IPython, Jupyter, Python,
    pandas or the locale, in files and in variables. They are for other work: what a page
    shows depends on the page, its parameters, its tables, this package and the versions of
    the libraries.
home
    A folder of this package's own where matplotlib, IPython and Jupyter keep theirs: the
    list of fonts, one IPython profile, the files by which kernels are found. It lies with
    the user's caches, or where that cannot be written, in the temporary folder for as long
    as this process lives.

Whoever starts kernels gives them `kernel_environment`; a program whose libraries start them
(the command line, pytest with nbval, JupyterLab) calls `pin` first. In the kernel, IPython
loads this module as its extension, as the profile says.
"""

import atexit
import logging
import os
import sys
import tempfile
from collections.abc import Mapping, MutableMapping
from contextlib import ExitStack
from functools import cache
from importlib import import_module
from pathlib import Path

import lupuscart
from lupuscart.atomic import try_folder, write_whole
from lupuscart.kernels.files_read import READ_VARIABLE, keep_list
from lupuscart.locks import scratch_folder

__all__ = [
    "CELL_SECONDS",
    "as_given",
    "check_open_files",
    "file_size_is_limited",
    "jupyter_settings_of_the_user",
    "kernel_environment",
    "load_ipython_extension",
    "own_home",
    "pin",
    "pinned",
    "processors",
    "runtime_folder",
    "share_processors",
]

#: How long a cell may run before its kernel is taken to hang.
CELL_SECONDS = 300

#: How many files a process that runs notebooks, or a kernel, has open at most, and some more.
OPEN_FILES = 256

#: Variables that are settings, by how their names begin.
SETTINGS = (
    *("PYTHON", "IPYTHON", "IPY_", "JUPYTER", "JPY_", "PYDEVD_", "DEBUGPY_", "PAPERMILL_"),
    *("MPL", "MATPLOTLIB", "SEABORN_", "FREETYPE_", "PANDAS_", "NPY_", "NUMPY_", "SCIPY_"),
    *("LC_", "LANG", "TZ", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CLICOLOR"),
    *("SOURCE_DATE_EPOCH", "VOILA_"),
)
#: Those among them that say which Python this is and where its packages are: a kernel has
#: the same. The last says where compiled modules are kept.
SAME_PYTHON = frozenset(
    {
        *("PYTHONHOME", "PYTHONPATH", "PYTHONPLATLIBDIR", "PYTHONUSERBASE", "PYTHONNOUSERSITE"),
        "PYTHONPYCACHEPREFIX",
    }
)

#: The profile of IPython. An administrator's may lie under /etc: what changes an output is set
#: here, which goes before it.
PROFILE = f"""\
c = get_config()
c.InteractiveShellApp.extensions = ["{__name__}"]
c.InteractiveShellApp.exec_PYTHONSTARTUP = False
c.InteractiveShellApp.exec_lines = []
c.InteractiveShellApp.exec_files = []
c.InteractiveShellApp.matplotlib = None
c.InteractiveShellApp.pylab = None
c.InteractiveShell.ast_node_interactivity = "last_expr"
c.InteractiveShell.logappend = c.InteractiveShell.logfile = ""
c.InteractiveShell.logstart = False
c.InlineBackend.close_figures = True
c.InlineBackend.figure_formats = {{"png"}}
c.InlineBackend.print_figure_kwargs = {{"bbox_inches": "tight"}}
c.InlineBackend.rc = {{}}
c.PlainTextFormatter.float_precision = ""
c.PlainTextFormatter.max_seq_length = 1000
c.PlainTextFormatter.max_width = 79
c.PlainTextFormatter.pprint = True
# No history: it is a database that every kernel would write to.
c.HistoryManager.enabled = False
"""

#: The environment as the user has it, once `pin` has changed it.
_before: dict[str, str] = {}

#: How many threads each linear algebra library may start.
_THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def kernel_environment() -> dict[str, str]:
    """Return the environment of a kernel: this one without settings, and what it needs."""
    environment = pinned(os.environ)
    if file_size_is_limited():
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
    share_processors(environment)
    # Run from its source tree, this package is found by a path that may be relative, and
    # the kernel starts in another folder.
    source = str(Path(lupuscart.__file__).resolve().parents[1])
    paths = environment.get("PYTHONPATH", "").split(os.pathsep)
    paths = [os.path.abspath(path) for path in paths if path]
    if Path(source).name == "src" and source not in paths:
        paths.insert(0, source)
    if paths:
        environment["PYTHONPATH"] = os.pathsep.join(paths)
    return environment


def pin() -> None:
    """Give this process, and with it all that it starts, surroundings without settings."""
    environment = pinned(os.environ)
    _before.update(_before or os.environ)
    for name in [name for name in os.environ if name not in environment]:
        del os.environ[name]
    os.environ.update(environment)


def pinned(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without settings, and with this package's own.

    Examples
    --------
    >>> own = pinned({"PATH": "/bin", "MPLBACKEND": "TkAgg", "IPYTHONDIR": "/mine", "TZ": "UTC+3"})
    >>> own["PATH"], own["TZ"], "MPLBACKEND" in own, own["IPYTHONDIR"] == "/mine"
    ('/bin', 'UTC', False, False)
    """
    own = {name: value for name, value in environment.items() if not _is_setting(name)}
    return own | _own_settings()


def as_given(name: str) -> str:
    """Return a variable as the user has it, before `pin`; empty if it is not set."""
    return (_before or os.environ).get(name, "")


def jupyter_settings_of_the_user() -> list[Path]:
    """Return the user's files of settings for Jupyter's servers, those that set anything.

    They would decide who may reach a server that this package starts, which has its own
    settings instead.
    """
    folders = [*as_given("JUPYTER_CONFIG_PATH").split(os.pathsep)]
    folders += [as_given("JUPYTER_CONFIG_DIR") or _in_home(".jupyter")]
    folders += [_in_home(".local", "etc", "jupyter")]
    found = []
    for folder in dict.fromkeys(filter(None, folders)):
        for pattern in ("jupyter*config.py", "jupyter*config.json", "voila.py", "voila.json"):
            found += filter(_sets_anything, sorted(Path(folder).glob(pattern)))
    return found


def _sets_anything(path: Path) -> bool:
    """Whether a file of settings holds more than comments, as those that Jupyter writes do."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    code = "".join(line.partition("#")[0].strip() for line in lines)
    return code not in ("", "{}", "c = get_config()")


def _in_home(*parts: str) -> str:
    return str(Path.home().joinpath(*parts)) if _has_home() else ""


def _is_setting(name: str) -> bool:
    return name.upper().startswith(SETTINGS) and name not in SAME_PYTHON


def _own_settings() -> dict[str, str]:
    home = own_home()
    own = {
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "jupyter" / "config"),
        "JUPYTER_DATA_DIR": str(home / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(runtime_folder()),
        # The kernels that were installed with this Python go before all others.
        "JUPYTER_PREFER_ENV_PATH": "1",
        "MPLCONFIGDIR": str(home / "matplotlib"),
        "LC_ALL": "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
    }
    # Without one, and without a name in the list of users, libraries stop with an error.
    return own if _has_home() else {**own, "HOME": str(home)}


def _has_home() -> bool:
    try:
        return bool(Path.home())
    except RuntimeError:
        return False


def runtime_folder() -> Path:
    """Return the folder for files of programs that run, and of no use afterwards."""
    return own_home() / "jupyter" / "runtime"


@cache
def own_home() -> Path:
    """Return the folder for what matplotlib, IPython and Jupyter keep, with the profile in it."""
    try:
        home = _caches() / "lupuscart"
        _furnish(home)
    except (OSError, RuntimeError):
        # Removed with this process; by the next one if this is killed.
        stay = ExitStack()
        home = stay.enter_context(scratch_folder(tempfile.gettempdir(), "lupuscart-home-"))
        atexit.register(stay.close)
        _furnish(home)
    return home


def _caches() -> Path:
    """Return where this user's programs keep what can be made again."""
    if os.environ.get("XDG_CACHE_HOME"):
        return Path(os.environ["XDG_CACHE_HOME"]).absolute()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")


def _furnish(home: Path) -> None:
    """Make the folders and the profile; raise if something cannot be written."""
    profile = home / "ipython" / "profile_default" / "ipython_kernel_config.py"
    jupyter = home / "jupyter"
    for folder in (home, jupyter, jupyter / "config", jupyter / "runtime", home / "matplotlib"):
        # Kernels are reached by the keys that lie here.
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try_folder(folder)
    profile.parent.mkdir(parents=True, exist_ok=True)
    try_folder(profile.parent)
    if not profile.is_file() or profile.read_text(encoding="utf-8") != PROFILE:
        write_whole(profile, lambda draft: draft.write_text(PROFILE, encoding="utf-8"))


def load_ipython_extension(shell) -> None:
    """Load matplotlib before the first cell, from a folder without a ``matplotlibrc``.

    One that lies beside the page goes before all others; and what matplotlib has to say of a
    list of fonts that it makes is then no output of a page.

    Parameters
    ----------
    shell : InteractiveShell
        The kernel's.
    """
    if log := os.environ.get(READ_VARIABLE):
        keep_list(log, but=own_home())
    folder = os.getcwd()
    logging.getLogger("matplotlib").addHandler(quiet := logging.NullHandler())
    os.chdir(os.environ["MPLCONFIGDIR"])
    try:
        import_module("matplotlib.font_manager")
    finally:
        os.chdir(folder)
        logging.getLogger("matplotlib").removeHandler(quiet)


def check_open_files() -> None:
    """Refuse to start kernels where a process may open too few files for one.

    The limit is raised first, if the system allows it.

    Raises
    ------
    ValueError
        If it is too low; libraries would break off at any place, some with the whole process.
    """
    try:
        import resource
    except ImportError:  # Windows
        return
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= now < OPEN_FILES and not 0 <= most < OPEN_FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, most))
    elif 0 <= now < OPEN_FILES:
        raise ValueError(
            f"a process may open {now} files here; allowed: at least {OPEN_FILES}, as "
            f"`ulimit -n {OPEN_FILES}` sets it"
        )


def file_size_is_limited() -> bool:
    """Return whether files may grow to a limit only (``ulimit -f``).

    Python then stores compiled modules cut off at the limit, without an error, and every
    later import of them fails.
    """
    try:
        import resource
    except ImportError:  # Windows
        return False
    return resource.getrlimit(resource.RLIMIT_FSIZE)[0] != resource.RLIM_INFINITY


def processors() -> int:
    """Return how many processors this process may use.

    A container or a batch system may leave fewer than the machine has.
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def share_processors(environment: MutableMapping[str, str]) -> None:
    """Ask for one thread of linear algebra a process, unless the environment asks for more.

    Several processes share the processors already. A library that starts a thread for each of
    them spends, on matrices as small as ours, most of its time waiting.

    Examples
    --------
    >>> environment = {"MKL_NUM_THREADS": "4"}
    >>> share_processors(environment)
    >>> environment["MKL_NUM_THREADS"], environment["OPENBLAS_NUM_THREADS"]
    ('4', '1')
    """
    for name in _THREADS:
        environment.setdefault(name, "1")
