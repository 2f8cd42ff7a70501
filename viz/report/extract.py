"""Scenarios taken out of a report, as files that run again.

The page holds each scenario whole, in an element that names its file; nothing else is needed, so a
report that was sent by post is enough.
"""

from __future__ import annotations

import html.parser
import os
from pathlib import Path, PurePosixPath

from sim.errors import UserError


class _Blocks(html.parser.HTMLParser):
    """The texts of elements with `data-scenario`, by its value."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, str] = {}
        self._name = ""
        self._tag = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = dict(attrs).get("data-scenario")
        if name:
            self._name, self._tag = name, tag
            self.found[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == self._tag:
            self._name = self._tag = ""

    def handle_data(self, data: str) -> None:
        if self._name:
            self.found[self._name] += data


def scenarios(report: Path) -> dict[str, str]:
    """File name -> TOML of every scenario in `report`, or in the report of the folder `report`.

    Raises UserError: no such file, no scenario in it, or one that can't be read as a scenario.
    """
    from sim.scenario import Scenario

    page = report / "report.html" if report.is_dir() else report
    try:
        text = page.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UserError(f"{page}: can't be read as a report ({error})") from None
    found = _Blocks(text).found
    if not found:
        raise UserError(f"{page}: holds no scenario; expected a report.html written by Peel")
    out = {}
    for name, toml in found.items():
        # a name from a file is not to be trusted with a path
        file = PurePosixPath(name).name
        Scenario.from_toml(toml, where=f"{page}, {file}")
        out[file] = toml
    return out


def write(report: Path, folder: Path) -> list[Path]:
    """Write the scenarios into `folder`; nothing that exists is touched.

    Raises UserError as `scenarios` does, and for a file that is there already.
    """
    found = scenarios(report)
    for name in found:
        if (folder / name).exists():
            raise UserError(f"{folder / name}: exists already; name another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder}: can't be made ({error.strerror})") from None
    paths = []
    for name, toml in found.items():
        temporary = folder / f".{name}"
        temporary.write_text(toml, encoding="utf-8")
        os.replace(temporary, folder / name)
        paths.append(folder / name)
    return paths
