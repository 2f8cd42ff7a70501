"""The data page: recordings that can be downloaded, and how to open a run of one's own."""

from __future__ import annotations

import html
from typing import Any

from viz.view.settings import Server

E = html.escape
FILES = (
    ("series.csv", "series"), ("events.csv", "events"), ("frames.npz", "maps"),
    ("config.json", "configuration"), ("figure.svg", "SVG"), ("figure.png", "PNG"),
    ("figure.pdf", "PDF"), ("replay.html", "replay"), ("report.html", "report"),
)  # fmt: skip


def data(server: Server, request: Any) -> str:
    """Every recording that this server keeps, with its files."""
    rows = "".join(_row(r) for r in server.store.recordings())
    table = (
        '<div class="scroll" tabindex="0" role="region" aria-label="Recordings"><table'
        ' class="levers recordings">'
        "<thead><tr><th scope=col>Pair</th><th scope=col>Seed</th><th scope=col>Days</th>"
        f"<th scope=col>Files</th></tr></thead><tbody>{rows}</tbody></table></div>"
        if rows and not server.public
        else "<p>Nothing is recorded yet. Every run in the <a href='/lab'>lab</a> has its files"
        " below"
        " it, and while the server keeps it, here.</p>" if not server.public
        else "<p>The files of a run are below it in the <a href='/lab'>lab</a>; on a server for a"
        " class runs are not listed to others.</p>"
    )  # fmt: skip
    opened = "".join(
        f'<li><a href="/report/{E(name)}">{E(name)}</a></li>' for name in server.reports
    )
    reports = f"<h2>Comparisons that were opened</h2><ul>{opened}</ul>" if opened else ""
    return (
        '<p class="kicker">Data</p><h1>Take it with you</h1><p class="lede">Each file names the run'
        f" that it is from, and the run’s configuration gives the same lives again.</p>{table}"
        f'{reports}<div class="prose"><h2>What is in them</h2><ul><li><b>Series</b>: one row a week'
        " and city, counts and levels, a comment line first.</li><li><b>Events</b>: every logged"
        " event with its cause, rule, probability and draw.</li><li><b>Maps</b>: trust by day and"
        " block, other layers by week, as NumPy arrays.</li><li><b>Replay</b>: the two maps in one"
        " HTML file that needs neither server nor network.</li><li><b>Report</b>: twenty pairs by"
        " <code>peel compare</code>, one file.</li></ul><h2>Open a run of your"
        " own</h2><p><code>peel"
        " view FOLDER</code> opens what <code>peel run --out FOLDER</code> wrote: the same life"
        " again,"
        " now with its twin without policies beside it. <code>peel view SCENARIO.toml</code>"
        " opens a"
        " scenario, and the folder of a comparison its report. <code>peel view SWEEP --row"
        " N</code> opens one run of a sweep, by its number or its id.</p></div>"
    )


def _row(recording: Any) -> str:
    from sim.policies import registry

    spec = recording.spec
    known = registry()
    names = ", ".join(known[c.name].title if c.name in known else c.name for c in spec.b)
    edits = ", ".join(f"{verb} 0x{key:x}" for verb, key in spec.edits)
    state = "" if recording.ended == "" else f" ({recording.ended or 'recording'})"
    files = " · ".join(
        f'<a href="/download/{recording.identity}/{file}">{label}</a>' for file, label in FILES
    )
    what = "; ".join(filter(None, (names, edits))) or "nothing changed"
    return (
        f"<tr><th scope=row>{E(spec.preset)}: {E(what)}{E(state)}</th>"
        f"<td data-name=seed>{spec.seed}</td><td data-name=days>{spec.days}</td>"
        f"<td>{files}</td></tr>"
    )
