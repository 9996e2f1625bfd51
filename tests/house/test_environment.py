"""The lock, pyproject.toml and environment.yml say the same."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from itertools import chain
from pathlib import Path

import pytest
import yaml
from conftest import ROOT
from rattler import MatchSpec, Version, VersionSpec

# What conda-forge calls some packages; the -base ones come without what the pages do not need.
CONDA_NAMES = {
    "jupyter-client": "jupyter_client",
    "jupyter-server": "jupyter_server",
    "matplotlib": "matplotlib-base",
    "seaborn": "seaborn-base",
}

# Conda has none; pip brings it with the collection itself, the last line of the environment.
BY_PIP = {"font-source-sans-pro"}


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def conda():
    lines = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    specs = [MatchSpec(line) for line in lines if isinstance(line, str)]
    return {spec.name.normalized: str(spec.version or "") for spec in specs}


@pytest.fixture(scope="module")
def lock():
    return (ROOT / "requirements.lock").read_text(encoding="utf-8")


def _needed(project):
    extras = project["optional-dependencies"]
    # Not the extra `browser`: conda has no package of the accessibility check.
    wanted = [extras[name] for name in ("docs", "explore", "sweep", "test")]
    for requirement in dict.fromkeys([*project["dependencies"], *chain(*wanted)]):
        name, version = re.fullmatch(r"([\w-]+)(.*)", requirement).groups()
        if name in BY_PIP:
            continue
        yield CONDA_NAMES.get(name, name), name, version


def test_conda_has_the_same_packages_in_the_same_ranges(project, conda):
    wanted = {conda_name: version for conda_name, _, version in _needed(project)}
    found = dict(conda)
    assert found.pop("pip") == ""
    assert found.pop("python") == project["requires-python"]
    assert found == wanted


def test_every_locked_version_lies_in_the_range_of_conda(project, conda, lock):
    for conda_name, name, _ in _needed(project):
        locked = re.findall(rf"^{name}==([\w.]+)", lock, re.M)
        assert locked, f"{name} is not in the lock"
        for version in locked:
            assert _contains(conda[conda_name], version), (name, version)


def test_what_conda_lacks_is_needed_by_the_collection_itself(project):
    needed = {re.match(r"[\w-]+", each)[0] for each in project["dependencies"]}
    assert needed >= BY_PIP


def test_the_environment_ends_in_the_collection_itself():
    lines = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    assert lines[-1] == {"pip": ["-e ."]}


def test_the_lock_names_versions_and_hashes_and_no_address(lock):
    pinned = re.findall(r"^[\w.-]+==.*$", lock, re.M)
    assert len(pinned) > 100
    assert all(line.rstrip().endswith("\\") for line in pinned)
    assert lock.count("--hash=sha256:") >= len(pinned)
    assert not re.search(r"://|--(extra-)?index-url|--find-links", lock)


def test_what_builds_the_package_is_locked(project, lock):
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]
    assert build["requires"] == project["optional-dependencies"]["build"]
    for requirement in build["requires"]:
        assert re.search(rf"^{re.match(r'[a-z]+', requirement)[0]}==", lock, re.M)


PIP_LINE = "pip install --no-deps --require-hashes -r requirements.lock"

# A dry run changes nothing, so neither a distribution that keeps its Python to itself nor the
# user's own rules need to be asked. A pip too old to know a variable passes over it.
MAY = {
    "PIP_BREAK_SYSTEM_PACKAGES": "1",
    "PIP_REQUIRE_VIRTUALENV": "0",
    "PIP_USER": "0",
    "PIP_RETRIES": "1",
}


def _dry_run(python, lock="requirements.lock", **environment):
    words = PIP_LINE.replace("requirements.lock", str(lock)).split()
    return subprocess.run(
        [python, "-m", *words[:2], "--dry-run", "--ignore-installed", "-q", *words[2:]],
        cwd=ROOT,
        env={**os.environ, **environment, **MAY},
        capture_output=True,
        text=True,
    )


def _reached_no_index(done):
    """Whether pip ended because it could ask nobody, rather than for what it was told."""
    words = ("Retrying (Retry(", "(from versions: none)")
    return done.returncode != 0 and any(word in done.stderr for word in words)


@pytest.fixture(scope="module")
def python():
    """A Python with pip: the environment's own has none, but the one it was made with may."""
    made_with = Path(sys.base_prefix, "bin", "python3")
    for name in (made_with, "python3.13", "python3.12", "python3.11", "python3"):
        if (found := shutil.which(name)) and _has_pip(found):
            return found
    _lacking("a Python of at least 3.11 with pip")


def _has_pip(python):
    code = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([python, "-c", code], capture_output=True).returncode == 0


def _lacking(what):
    """Skip and say why; in CI nothing may be missing."""
    if os.environ.get("CI"):
        pytest.fail(f"lacking: {what}")
    pytest.skip(f"lacking: {what}")


@pytest.fixture(scope="module")
def uv():
    """The uv that set this environment up, as the Makefile finds it."""
    return shutil.which("uv") or shutil.which("uv", path=ROOT / ".uv" / "bin")


def _install_by_uv(uv, lock, folder):
    """Do what the line says, in a folder: each package is a link, so that nothing is copied."""
    options = ["--link-mode", "symlink", "--python", sys.executable, "--target", str(folder)]
    words = PIP_LINE.replace("requirements.lock", str(lock)).split()
    done = subprocess.run([uv, *words[:2], *options, *words[2:]], cwd=ROOT, capture_output=True)
    return done.returncode, done.stderr.decode()


def test_the_pip_line_of_the_readme_resolves(python, uv, tmp_path):
    """The lock installs, with every hash, without looking for dependencies.

    By uv, which has the packages of this environment at hand: pip reads all of an index's files
    of each, a tenth of a second of work. That pip reads every line of the lock is tested below.
    """
    assert PIP_LINE in (ROOT / "README.md").read_text(encoding="utf-8")
    if uv:
        code, errors = _install_by_uv(uv, "requirements.lock", tmp_path / "here")
        assert code == 0 or _is_out_of_reach(errors), errors
        if code == 0:
            return
    done = _dry_run(python)
    if _reached_no_index(done):
        _lacking("a network, to ask an index for the packages of the lock")
    assert done.returncode == 0, done.stderr


def _is_out_of_reach(errors):
    return "Failed to fetch" in errors or "error sending request" in errors


@pytest.mark.parametrize("damage", ["a version", "a hash", "no hash"])
def test_uv_refuses_a_lock_that_is_wrong(uv, lock, damage, tmp_path):
    """The comparison above can fail, at the last of all packages."""
    if not uv:
        pytest.skip("lacking: uv, without which pip is asked")
    name, version = re.findall(r"^([\w.-]+)==(\S+)", lock, re.M)[-1]
    entry = lock[lock.rindex(f"\n{name}==") :]
    wrong = {
        "a version": entry.replace(version, "9999.0"),
        "a hash": re.sub(r"sha256:\w+", f"sha256:{'0' * 64}", entry),
        "no hash": f"\n{name}=={version}\n",
    }
    path = tmp_path / "requirements.lock"
    path.write_text(wrong[damage], encoding="utf-8")
    code, errors = _install_by_uv(uv, path, tmp_path / "here")
    if _is_out_of_reach(errors):
        _lacking("a network, to ask an index for a package of the lock")
    assert code != 0
    assert name in errors


def test_pip_reads_every_line_of_the_lock(python, lock, tmp_path):
    """It reads all of them before it asks for the first package."""
    path = tmp_path / "requirements.lock"
    for more, reads in (("", True), ("no==line==of a lock\n", False)):
        path.write_text(lock + more, encoding="utf-8")
        done = _dry_run(python, path, PIP_NO_INDEX="1")
        assert _reached_no_index(done) is reads, done.stderr


@pytest.mark.parametrize(
    "environment",
    [
        {"PIP_NO_INDEX": "1"},
        {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": os.devnull},
    ],
    ids=["no index", "nobody answers"],
)
def test_an_index_out_of_reach_is_known_for_what_it_is(python, environment):
    assert _reached_no_index(_dry_run(python, **environment))


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_a_lock_that_is_wrong_is_no_missing_network(python, tmp_path, version):
    """The comparison above can fail: here the file is another, or the version is not there."""
    with zipfile.ZipFile(tmp_path / "here-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("here-1.0.dist-info/METADATA", "Name: here\nVersion: 1.0\n")
    lock = tmp_path / "requirements.lock"
    lock.write_text(f"here=={version} --hash=sha256:{'0' * 64}\n")
    done = _dry_run(python, lock, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(tmp_path))
    assert done.returncode != 0
    assert ("DO NOT MATCH" if version == "1.0" else "No matching distribution") in done.stderr
    assert not _reached_no_index(done)


def test_a_range_refuses_what_lies_outside():
    """The comparison above can fail."""
    assert _contains(">=2.3", "3.1.1")
    assert not _contains(">=2.3", "2.2.9")


def _contains(version_range, version):
    return VersionSpec(version_range).matches(Version(version))
