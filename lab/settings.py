"""How `make lab` starts JupyterLab; the settings of its windows are in overrides.json."""

import os
import secrets
from pathlib import Path

from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpec, KernelSpecManager
from jupyter_server.auth.identity import PasswordIdentityProvider
from jupyter_server.services.contents.filecheckpoints import AsyncFileCheckpoints
from traitlets import Unicode, default, validate

from lupuscart.notebooks.project import build_folder

HERE = Path(__file__).resolve().parent
BUILD = build_folder(HERE.parent) / "lab"


class CheckpointsAside(AsyncFileCheckpoints):
    """Keep the copies that "Revert to Checkpoint" needs under build/.

    JupyterLab makes one of every file it opens, beside that file; but to open a page is
    not to change a folder.
    """

    def checkpoint_path(self, checkpoint_id, path):
        copy = BUILD / "checkpoints" / f"{path.strip('/')}.{checkpoint_id}"
        copy.parent.mkdir(parents=True, exist_ok=True)
        return str(copy)


class AlwaysAToken(PasswordIdentityProvider):
    """A new token at every start, or that of JUPYTER_TOKEN: no file of settings removes it."""

    token = Unicode()
    hashed_password = Unicode()

    @default("token")
    def _given_or_new(self):
        given = os.environ.get("JUPYTER_TOKEN")
        self.token_generated = not given
        return given or secrets.token_hex(24)

    @validate("token")
    def _never_empty(self, proposal):
        return proposal["value"] or secrets.token_hex(24)


class ThisPython(KernelSpecManager):
    """The kernel of the pages is the Python of this package, whatever else is installed."""

    def get_kernel_spec(self, kernel_name):
        if kernel_name == NATIVE_KERNEL_NAME:
            return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())
        return super().get_kernel_spec(kernel_name)


c = get_config()  # noqa: F821

# This machine only, and only who has the token. These go before files of the reader's own.
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.sock = ""
c.ServerApp.identity_provider_class = AlwaysAToken
c.ServerApp.disable_check_xsrf = False
c.ServerApp.allow_remote_access = False
c.ServerApp.allow_origin = ""
c.ServerApp.allow_origin_pat = ""
c.ServerApp.allow_credentials = False
c.ServerApp.kernel_spec_manager_class = ThisPython
# No other host is asked what could be installed.
c.LabApp.extension_manager = "readonly"
# The front page: the figure, the cautions, and the pages to open.
c.LabApp.default_url = "/lab/tree/README.md"
c.LabApp.app_settings_dir = str(HERE)
# Which tabs are open is the collection's matter, not that of the reader's other work.
c.LabApp.workspaces_dir = str(BUILD / "workspaces")
c.ContentsManager.checkpoints_class = CheckpointsAside
