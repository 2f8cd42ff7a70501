"""Files of others that browsers need: fetched once with npm, kept outside the project.

Solara's page loads one application bundle and RequireJS. `peel view --setup` (or `make view-
setup`) packs them with npm into the user's data folder, from which the server sends them; nothing
then leaves the machine. Without them Solara passes on what its own content network sends, and
`peel view` says so.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from sim.errors import UserError

PACKAGES = {
    "@widgetti/solara-vuetify-app@10.1.1": ("dist/main8.css", "dist/fonts.css",
                                            "dist/solara-vuetify-app8.min.js", "dist/*.woff2"),
    "requirejs@2.3.6": ("require.js",),
}  # fmt: skip
"""Package -> what is kept of it, besides its licence."""
TEST_PACKAGES = {"axe-core@4.10.3": ("axe.min.js",)}
"""For the tests of accessibility alone."""


def folder() -> Path:
    """Where they are kept: PEEL_VIEW_FILES, or the user's data folder."""
    if given := os.environ.get("PEEL_VIEW_FILES"):
        return Path(given)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share"))
    return base / "peel" / "browser"


def lacking(packages: dict[str, tuple[str, ...]] = PACKAGES) -> list[str]:
    """Packages of which a named file is not there."""
    here = folder()
    return [
        package
        for package, wanted in packages.items()
        if not all(any((here / package).glob(pattern)) for pattern in wanted)
    ]


def set_up(tests: bool = False) -> list[str]:
    """Fetch what is lacking; the names of what was fetched.

    Raises UserError without npm or network.
    """
    known = {**PACKAGES, **(TEST_PACKAGES if tests else {})}
    wanted = lacking(known)
    npm = shutil.which("npm")
    if wanted and npm is None:
        raise UserError(
            "npm is not installed; it fetches the browser files once (Debian: apt install npm)."
            " Without it `peel view` works too, but the browser needs the internet"
        )
    for package in wanted:
        _fetch(str(npm), package, known[package])
    return wanted


def _fetch(npm: str, package: str, wanted: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(
            [npm, "pack", "--silent", package], cwd=scratch, capture_output=True, text=True
        )
        archives = list(Path(scratch).glob("*.tgz"))
        if done.returncode or not archives:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise UserError(f"npm could not fetch {package}: {last}")
        target = folder() / package
        target.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=target.parent, prefix=".part-"))
        try:
            _unpack(archives[0], part, wanted)
            shutil.rmtree(target, ignore_errors=True)
            part.chmod(0o755)
            part.rename(target)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise


def _unpack(archive: Path, target: Path, wanted: tuple[str, ...]) -> None:
    with tarfile.open(archive) as tar:
        for member in tar:
            name = Path(*Path(member.name).parts[1:]) if "/" in member.name else Path(member.name)
            licence = name.name.lower().startswith(("licen", "ofl", "copying"))
            if not member.isfile() or ".." in name.parts:
                continue
            if licence or any(
                name.match(p) and len(name.parts) == p.count("/") + 1 for p in wanted
            ):
                data = tar.extractfile(member)
                assert data is not None
                place = target / name
                place.parent.mkdir(parents=True, exist_ok=True)
                with io.BytesIO(data.read()) as whole:
                    place.write_bytes(whole.getvalue())
