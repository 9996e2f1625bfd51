"""How `make lab` starts JupyterLab; the settings of its windows are in overrides.json."""

from pathlib import Path

from jupyter_server.services.contents.filecheckpoints import AsyncFileCheckpoints

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent / "build" / "lab"


class CheckpointsAside(AsyncFileCheckpoints):
    """Keep the copies that "Revert to Checkpoint" needs under build/.

    JupyterLab makes one of every file it opens, beside that file; but to open a page is
    not to change a folder.
    """

    def checkpoint_path(self, checkpoint_id, path):
        copy = BUILD / "checkpoints" / f"{path.strip('/')}.{checkpoint_id}"
        copy.parent.mkdir(parents=True, exist_ok=True)
        return str(copy)


c = get_config()  # noqa: F821

# This machine only. The token is Jupyter's own, a new one at every start.
c.ServerApp.ip = "127.0.0.1"
# The front page: the figure, the cautions, and the pages to open.
c.LabApp.default_url = "/lab/tree/README.md"
c.LabApp.app_settings_dir = str(HERE)
# Which tabs are open is the collection's matter, not that of the reader's other work.
c.LabApp.workspaces_dir = str(BUILD / "workspaces")
c.ContentsManager.checkpoints_class = CheckpointsAside
