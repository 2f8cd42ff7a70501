"""Settings of Solara that must stand before it is imported, and one run of the server."""

from __future__ import annotations

import importlib.util
import os
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from viz.view import assets
from viz.view.limits import Limits

if TYPE_CHECKING:
    from viz.view.jobs import Pool
    from viz.view.store import Store


def prepare() -> bool:
    """Set Solara's environment; whether every browser file is on this machine."""
    complete = not assets.lacking()
    cdn = assets.folder() if complete else assets.folder().parent / "cdn"
    given = {
        "SOLARA_ASSETS_PROXY_CACHE_DIR": str(cdn),
        "SOLARA_ASSETS_FONTAWESOME_ENABLED": "False",
        "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
        "SOLARA_MODE": "production",
        "SOLARA_THEME_SHOW_BANNER": "False",
        "SOLARA_THEME_LOADER": "plain",
        "SOLARA_THEME_TITLE": "Peel",
        "SOLARA_APP": "viz.view.app",
    }
    os.environ.update(given)
    # how long the place of a page that was lost (not closed) is kept for it; a closed one tells so,
    # unless its browser dies before the message is out
    os.environ.setdefault("SOLARA_KERNEL_CULL_TIMEOUT", "10m")
    _find_extensions()
    # on http Solara can't mark its session cookie as it would like, which is as it should be here
    warnings.filterwarnings("ignore", message="Cookies with samesite=none")
    return complete


def _find_extensions() -> None:
    """Name the folders of Solara's browser extensions where they are not under sys.prefix.

    That is so for packages installed for one user, or seen from another environment.
    """
    paths = {"JUPYTER_PATH": "share/jupyter", "JUPYTER_CONFIG_PATH": "etc/jupyter"}
    for name in ("ipyvue", "anywidget"):
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            continue
        for prefix in Path(spec.origin).parents:
            if (prefix / "share" / "jupyter" / "nbextensions").is_dir():
                for variable, below in paths.items():
                    known = os.environ.get(variable, "").split(os.pathsep)
                    more = str(prefix / below)
                    if more not in known:
                        joined = os.pathsep.join([*filter(None, known), more])
                        os.environ[variable] = joined
                break


@dataclass
class Server:
    """What one server's pages share: its caps, its workers, its recordings."""

    limits: Limits
    pool: Pool
    store: Store
    public: bool = False
    complete: bool = True
    first: str = ""
    """Preset or opened run that the lab begins with."""
    plugins: list[str] = field(default_factory=list)
    class_address: str = ""
    """Where a class joins, of a public server: not the loopback address its teacher may use."""
    reports: dict[str, Path] = field(default_factory=dict)
    """Comparison reports that were opened, by name."""


_current: list[Server] = []


def set_current(server: Server) -> None:
    """Called once, before the first page is served."""
    _current[:] = [server]


def current() -> Server:
    """The server under way. Raises RuntimeError where none was set up."""
    if not _current:
        raise RuntimeError("no server was set up: start the view with `peel view`")
    return _current[0]
