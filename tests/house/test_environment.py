"""The lock, pyproject.toml and environment.yml say the same."""

import re
import shutil
import subprocess
import tomllib
from itertools import chain

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
    wanted = [extras[name] for name in ("explore", "sweep", "test")]
    for requirement in dict.fromkeys([*project["dependencies"], *chain(*wanted)]):
        name, version = re.fullmatch(r"([\w-]+)(.*)", requirement).groups()
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


def test_the_pip_line_of_the_readme_resolves():
    """Run dry: pip accepts the lock, with every hash, without looking for dependencies."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    line = "pip install --no-deps --require-hashes -r requirements.lock"
    assert line in readme
    python = next((p for p in ("python3.11", "python3") if shutil.which(p) and _has_pip(p)), None)
    if python is None:
        pytest.skip("no Python with pip beside the environment's own")
    words = line.split()
    command = [python, "-m", *words[:2], "--dry-run", "--ignore-installed", "-q", *words[2:]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def _has_pip(python):
    return subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode == 0


def test_a_range_refuses_what_lies_outside():
    """The comparison above can fail."""
    assert _contains(">=2.3", "3.1.1")
    assert not _contains(">=2.3", "2.2.9")


def _contains(version_range, version):
    return VersionSpec(version_range).matches(Version(version))
