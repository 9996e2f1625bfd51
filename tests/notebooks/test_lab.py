"""JupyterLab and the page of sliders keep their locks whatever the reader's settings say."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from conftest import ROOT

import lupuscart
from lupuscart.cli import main

SOURCE = str(Path(lupuscart.__file__).resolve().parents[1])

# What people are told to write into these files, and what opens a server in other ways.
OPEN = {
    "IdentityProvider.token": "",
    "ServerApp.token": "",
    "NotebookApp.token": "",
    "LabApp.token": "",
    "ServerApp.password": "",
    "PasswordIdentityProvider.hashed_password": "argon2:x",
    "ServerApp.disable_check_xsrf": True,
    "ServerApp.allow_origin": "*",
    "ServerApp.allow_remote_access": True,
    "ServerApp.ip": "0.0.0.0",
    "ServerApp.sock": "/tmp/open.sock",
    "ServerApp.allow_unauthenticated_access": True,
    "LabApp.extension_manager": "pypi",
    "Voila.auto_token": False,
    "Voila.token": "",
    "Voila.ip": "0.0.0.0",
}
FILES = ("jupyter_config", "jupyter_server_config", "jupyter_lab_config", "voila")


def settings_of_ones_own(folder, seed):
    """Write files that open a server, in both forms that Jupyter reads."""
    draw = random.Random(seed)
    folder.mkdir(parents=True)
    for name in FILES:
        chosen = [key for key in OPEN if draw.random() < 0.7]
        if draw.random() < 0.5:
            lines = ["c = get_config()", *(f"c.{key} = {OPEN[key]!r}" for key in chosen)]
            (folder / f"{name}.py").write_text("\n".join(lines))
        else:
            nested = {}
            for key in chosen:
                section, trait = key.split(".")
                nested.setdefault(section, {})[trait] = OPEN[key]
            (folder / f"{name}.json").write_text(json.dumps(nested))


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Server:
    """A server in a group of its own, and what it printed."""

    def __init__(self, arguments, port, log, own):
        self.address, self.log = f"http://127.0.0.1:{port}", log
        environment = {**os.environ, "PYTHONPATH": SOURCE, **own}
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def __enter__(self):
        end = time.monotonic() + 90
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.status("/")
                return self
            except OSError:
                time.sleep(0.2)
        raise AssertionError(self.log.read_text())

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def status(self, path, **options):
        request = urllib.request.Request(f"{self.address}{path}", **options)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return 302 if "login" in answer.url else answer.status
        except urllib.error.HTTPError as error:
            return error.code


def listens_where(port):
    sockets = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    local = [fields[1].split(":") for fields in sockets if fields[3] == "0A"]
    return {host for host, own in local if int(own, 16) == port}


pytestmark = pytest.mark.skipif(
    not Path("/proc/net/tcp").exists(), reason="only Linux tells who listens where, in a file"
)

JUPYTERLAB = ["-m", "jupyterlab", "--config", "lab/settings.py", "--no-browser", "--allow-root"]
LAB = ["-m", "lupuscart.cli", "lab", "--no-browser", "--allow-root"]


@pytest.mark.parametrize(
    ("command", "place"),
    [(LAB, "HOME"), (JUPYTERLAB, "JUPYTER_CONFIG_DIR"), (JUPYTERLAB, "JUPYTER_CONFIG_PATH")],
)
@pytest.mark.parametrize("seed", [0, 5])
def test_lab_keeps_token_check_and_loopback(tmp_path, command, place, seed):
    folder = tmp_path / ".jupyter" if place == "HOME" else tmp_path / "own"
    settings_of_ones_own(folder, seed)
    port = free_port()
    own = {place: str(tmp_path if place == "HOME" else folder), "JUPYTER_TOKEN": ""}
    if place == "HOME":
        # As if this test's own process had no settings: those of HOME are to be found.
        own |= {name: "" for name in os.environ if name.startswith("JUPYTER")}
    option = "--port" if command is LAB else "--ServerApp.port"
    with Server([*command, f"{option}={port}"], port, tmp_path / "log", own) as lab:
        assert lab.status("/api/contents") == 403
        assert lab.status("/api/kernels", method="POST", data=b"{}") == 403
        token = lab.log.read_text().partition("token=")[2].split()[0]
        assert len(token) >= 40
        known = {"Authorization": f"token {token}"}
        assert lab.status("/api/contents", headers=known) == 200
        # The cookie of a reader who is logged in, sent by another site's page.
        with urllib.request.urlopen(f"{lab.address}/api?token={token}", timeout=60) as answer:
            cookies = "; ".join(c.partition(";")[0] for c in answer.headers.get_all("Set-Cookie"))
        assert lab.status("/api/contents", headers={"Cookie": cookies}) == 200
        post = {"method": "POST", "data": b"{}"}
        assert lab.status("/api/kernels", headers={"Cookie": cookies}, **post) == 403
        assert listens_where(port) == {"0100007F"}
        with urllib.request.urlopen(f"{lab.address}/lab?token={token}", timeout=60) as page:
            assert '"name": "read-only"' in page.read().decode()
        if command is LAB:
            assert lab.log.read_text().startswith("lupuscart: settings of yours are not used here")


def test_a_token_of_the_readers_own_is_one(tmp_path):
    port = free_port()
    own = {"JUPYTER_TOKEN": "of-my-own"}
    with Server([*LAB, f"--port={port}"], port, tmp_path / "log", own) as lab:
        assert lab.status("/api/contents") == 403
        assert lab.status("/api/contents", headers={"Authorization": "token of-my-own"}) == 200


@pytest.mark.parametrize("seed", [1])
def test_the_page_of_sliders_keeps_its_token_and_loopback(tmp_path, seed):
    pytest.importorskip("voila")
    settings_of_ones_own(tmp_path / ".jupyter", seed)
    (tmp_path / "voila.py").write_text("raise SystemExit('the one of the working folder ran')")
    own = {"HOME": str(tmp_path)}
    own |= {name: "" for name in os.environ if name.startswith("JUPYTER")}
    port = free_port()
    command = ["-m", "lupuscart.cli", "explore", "--no-browser", f"--port={port}"]
    with Server(command, port, tmp_path / "log", own) as page:
        assert page.status("/api/kernels") in (302, 403)
        assert page.status("/") == 302
        assert listens_where(port) == {"0100007F"}
        assert "settings of yours are not used here" in page.log.read_text()


def test_a_file_of_comments_is_no_setting(tmp_path, monkeypatch):
    from lupuscart.kernels import environment

    monkeypatch.setattr(environment, "_before", {"JUPYTER_CONFIG_DIR": str(tmp_path)})
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "jupyter_lab_config.py").write_text("# Configuration\nc = get_config()  #noqa\n")
    (tmp_path / "jupyter_server_config.json").write_text("{}\n")
    assert environment.jupyter_settings_of_the_user() == []
    own = tmp_path / "jupyter_lab_config.py"
    own.write_text("c = get_config()\nc.ServerApp.token = ''\n")
    assert environment.jupyter_settings_of_the_user() == [own]


def test_as_root_lab_says_how(capsys, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    monkeypatch.setattr(os, "execve", lambda *_: pytest.fail("it started"))
    assert main(["lab"]) == 1
    assert "OPTIONS=--allow-root" in capsys.readouterr().err
