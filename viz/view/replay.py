"""A recording as one HTML file that plays by itself: the same scripts, the weeks inside, no
server.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from viz.view.recording import Recording
from viz.view.shell import STATIC

MODULES = ("ui", "colours", "map", "recording", "player", "stage")
MOST_BYTES = 60e6  # of weeks in one file


def page(recording: Recording) -> bytes:
    """The file; weeks beyond MOST_BYTES are left out, and it says so."""
    weeks, size = [], 0
    for a, b in recording.chunks(0, recording.weeks):
        size += len(a) + (0 if a == b else len(b))
        if size > MOST_BYTES:
            break
        weeks.append([_text(a), None if a == b else _text(b)])
    shape = recording.shape or {}
    width = len(weeks)
    data: dict[str, Any] = {
        "shape": {k: v for k, v in shape.items() if not isinstance(v, bytes)},
        "names": [k for k, v in shape.items() if isinstance(v, bytes)],
        "parts": [_text(v) for v in shape.values() if isinstance(v, bytes)],
        "weeks": weeks,
        "series": [_text(recording.series(x)[:width].tobytes()) for x in "ab"],
        "events": [_text(recording.events(x)) for x in "ab"],
        "parted": recording.parted, "spec": recording.spec.as_json(),
        "identity": recording.identity,
    }  # fmt: skip
    css = (STATIC / "view.css").read_text(encoding="utf-8")
    said = recording.origin
    if width < recording.weeks:
        said += f" The first {width} of {recording.weeks} weeks."
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Peel: a city, twice'
        '</title><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<style>{css}</style></head><body class="peel"><main id="main"><p class="kicker">A replay'
        f'</p><h1>A city, twice</h1><p class="small">{said}</p><div id="root"></div></main>'
        f'<script type="application/json" id="data">{json.dumps(data, default=float)}</script>'
        f"<script>{bundle()}{_script('replay')}</script></body></html>"
    )
    return text.encode()


def _script(name: str) -> str:
    return (STATIC / "js" / f"{name}.js").read_text(encoding="utf-8")


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def bundle() -> str:
    """The modules as one script: each a function of its own that returns what it exports."""
    out = []
    for name in MODULES:
        text = _script(name)
        exports = re.findall(r"^export (?:async )?(?:const|function|class) (\w+)", text, re.M)
        exports += [
            n for line in re.findall(r"^export const .*$", text, re.M)
            for n in re.findall(r", (\w+) = ", line) if "{" not in line
        ]  # fmt: skip

        def taken(match: re.Match[str]) -> str:
            names = re.sub(r"(\w+) as (\w+)", r"\1: \2", match[1])
            return f"const {{{names}}} = M_{match[2]};"

        text = re.sub(r'^import \{([^}]*)\} from "\./(\w+)\.js";', taken, text, flags=re.M)
        text = re.sub(r"^export ", "", text, flags=re.M)
        out.append(
            f"const M_{name} = (() => {{\n{text}\nreturn {{{', '.join(exports)}}};\n}})();\n"
        )
    return "".join(out).replace("</script", "<\\/script")
