"""What can be taken home by HTTP: series, events, frames, configuration, figures, replay, report.

Each file names the run (its hash), the model's version and the licence of what it holds.
"""

from __future__ import annotations

import html
import io
import json
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from sim.version import MODEL_VERSION
from viz.view import shell
from viz.view.recording import Recording
from viz.view.settings import Server

CSV, JSON, ZIP = "text/csv", "application/json", "application/zip"
TYPES = {"svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf"}


def table(recording: Recording, name: str) -> bytes:
    """`weekly` or `events` of both arms, with a column that says which; a comment line first."""
    import pandas as pd

    parts = []
    for arm in ("a", "b"):
        if recording.tables:
            rows = recording.tables[arm][name].copy()
        else:  # a run that was stopped: what charts have
            from viz.view.arm import SERIES

            rows = pd.DataFrame(recording.series(arm), columns=list(SERIES))
            rows.insert(0, "week", range(len(rows)))
        rows.insert(0, "arm", "without" if arm == "a" else "with")
        parts.append(rows)
    text = pd.concat(parts, ignore_index=True).to_csv(index=False)
    return f"# {recording.origin}\n{text}".encode()


def config(recording: Recording) -> bytes:
    """Everything needed to have the same pair again."""
    a, b = recording.spec.scenarios()
    whole = {
        "about": recording.origin, "identity": recording.identity,
        "model_version": MODEL_VERSION, "pair": recording.spec.as_json(),
        "without": {"hash": a.hash(recording.spec.seed), "scenario_toml": a.to_toml()},
        "with": {"hash": b.hash(recording.spec.seed), "scenario_toml": b.to_toml()},
        "event_log_hash": {
            arm: t["about"]["event_log_hash"] for arm, t in recording.tables.items()
        },
    }  # fmt: skip
    return json.dumps(whole, indent=1, default=float).encode()


def frames(recording: Recording) -> bytes:
    """Maps of both arms: trust (days, blocks) as bytes of 0 to 1, and weekly layers."""
    from viz.view.chunks import unpack

    parts: dict[str, Any] = {"about": np.asarray(recording.origin)}
    weeks = [(unpack(a), unpack(b)) for a, b in recording.chunks(0, recording.weeks)]
    for k, arm in enumerate(("without", "with")):
        parts[f"{arm}_trust"] = np.concatenate([w[k]["trust"] for w in weeks])
        for layer in ("calls", "unsolved", "patrol"):
            parts[f"{arm}_{layer}"] = np.stack([w[k][layer] for w in weeks])
    for name in ("x", "y", "area", "beat", "people"):
        parts[name] = np.frombuffer((recording.shape or {})[name], "<u2")
    out = io.BytesIO()
    np.savez_compressed(out, **parts)
    return out.getvalue()


def catalogue() -> bytes:
    """Every policy as forms are made from it: a page of JSON that takes half a second to make."""
    from experiments.lookup import policy_row
    from sim.policies import registry

    rows = [policy_row(kind) for kind in registry().values()]
    return json.dumps(rows, default=float).encode()


def routes(server: Server) -> list[Any]:
    """Their routes, and the catalogue of policies that forms are made from."""
    from starlette.requests import Request
    from starlette.responses import HTMLResponse, Response
    from starlette.routing import Route

    from viz.view import figure, replay

    known = cache(catalogue)  # plug-ins are loaded before anything is served
    threading.Thread(target=known, daemon=True, name="peel-catalogue").start()

    def policies(request: Request) -> Response:
        return Response(known(), media_type=JSON)

    def levers(request: Request) -> Response:
        from viz.view.levers import TEXTS

        if not (TEXTS / "levers.csv").is_file():
            return Response('{"rows": []}', media_type=JSON)
        about = json.loads((TEXTS / "levers.json").read_text(encoding="utf-8"))
        lines = (TEXTS / "levers.csv").read_text(encoding="utf-8").splitlines()[1:]
        about["table"] = [[float(v) for v in line.split(",")] for line in lines]
        return Response(json.dumps(about), media_type=JSON)

    def drawn(kind: str) -> Callable[[Recording], bytes]:
        return lambda recording: figure.make(recording, server.store, kind)

    makers: dict[str, tuple[str, Callable[[Recording], bytes]]] = {
        "series.csv": (CSV, lambda r: table(r, "weekly")),
        "events.csv": (CSV, lambda r: table(r, "events")),
        "frames.npz": (ZIP, frames),
        "config.json": (JSON, config),
        "replay.html": ("text/html", replay.page),
        **{f"figure.{kind}": (mime, drawn(kind)) for kind, mime in TYPES.items()},
    }

    def download(request: Request) -> Response:
        identity, name = request.path_params["identity"], request.path_params["name"]
        recording = server.store.get(identity)
        if recording is None or name not in (*makers, "report.html"):
            return HTMLResponse(shell.document("Not here any more", GONE), status_code=404)
        if recording.shape is None or (recording.ended is None and name != "config.json"):
            return HTMLResponse(shell.document("Still recording", WAIT, refresh=3), 503)
        if name == "report.html":
            return _report(server, recording)
        if name == "events.csv" and not recording.tables:
            return HTMLResponse(shell.document("Stopped early", PART), status_code=404)
        mime, make = makers[name]
        headers = {"Content-Disposition": f'attachment; filename="peel-{identity[:8]}-{name}"'}
        return Response(make(recording), media_type=mime, headers=headers)

    def _report(server: Server, recording: Recording) -> Response:
        report = server.store.report(recording)
        if report.answer is not None:
            return HTMLResponse(report.answer["html"])
        if report.problem:
            said = (
                f'<section class="message"><h1>No report</h1><p>{html.escape(report.problem)}</p>'
            )
            return HTMLResponse(shell.document("No report", said + "</section>"), status_code=500)
        return HTMLResponse(shell.document("Making the report", REPORT, refresh=3), 202)

    def kept(request: Request) -> Response:
        path = server.reports.get(request.path_params["name"])
        if path is None or not path.is_file():
            return HTMLResponse(shell.document("Not here", GONE), status_code=404)
        return HTMLResponse(path.read_text(encoding="utf-8"))

    return [
        Route("/report/{name}", kept),
        Route("/api/policies.json", policies),
        Route("/api/levers.json", levers),
        Route("/download/{identity}/{name}", download),
    ]


GONE = (
    '<section class="message"><p class="kicker">Not here any more</p><h1>This server has no such'
    " recording</h1><p>Recordings are kept while there is room. Open the link of the run in the"
    ' <a href="/lab">lab</a>: it is the same life again, and can then be downloaded.</p></section>'
)
WAIT = (
    '<section class="message"><p class="kicker">A moment</p><h1>The run is still being'
    " recorded</h1>"
    '<p role="status">This page asks again every few seconds.</p></section>'
)
PART = (
    '<section class="message"><p class="kicker">Stopped early</p><h1>This run has no complete event'
    " log</h1><p>It was stopped before its end. Run it again in the lab.</p></section>"
)
REPORT = (
    '<section class="message"><p class="kicker">A minute</p><h1>The report is being made</h1>'
    '<p role="status">Twenty pairs are run and compared, as <code>peel compare</code> does. This'
    " page"
    " asks again every few seconds.</p></section>"
)
