"""The document around every page: header, footer, style; and Solara's page made fit for ours.

Solara's own document has no language, forbids zooming and shows a bare spinner; `dress` mends that
and puts the page's skeleton in, so that something meaningful is there before any script has run.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from viz.view.admission import Door
from viz.view.settings import Server

STATIC = Path(__file__).parent / "static"
NAV = (("/", "Lessons"), ("/lab", "Lab"), ("/levers", "Levers"), ("/luck", "Luck"),
       ("/data", "Data"), ("/about", "About"))  # fmt: skip
TICKET = "peel-ticket"
SCRIPTS = ("page", "ui", "lab", "chart", "colours", "inspector", "luckview", "map", "policies",
           "recording", "player", "stage", "state", "whyview")  # fmt: skip
"""What the lab's page loads; asked for while Solara's own script is still being read."""


def header(here: str) -> str:
    """The top of every page, a skip link first."""
    links = "".join(
        f'<a href="{to}"{" aria-current=page" if to == here else ""}>{name}</a>' for to, name in NAV
    )
    return (
        '<a class="skip" href="#main">Skip to content</a>'
        '<header class="top"><a class="brand" href="/">Peel<small>a city, twice</small></a>'
        f'<nav aria-label="Pages">{links}</nav></header>'
    )


def footer() -> str:
    return (
        '<footer class="bottom"><p>A model, not a forecast. Every resident is invented.'
        ' <a href="/about">What it can’t tell you</a>'
        ' · <a href="/teach">For teachers</a></p></footer>'
    )


def document(title: str, body: str, here: str = "", refresh: int = 0) -> str:
    """A whole page of ours."""
    again = f'<meta http-equiv="refresh" content="{refresh}">' if refresh else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{again}'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)} · Peel</title>"
        '<link rel="icon" href="/peel-static/icon.svg" type="image/svg+xml">'
        '<link rel="stylesheet" href="/peel-static/view.css"></head>'
        f'<body class="peel">{header(here)}<main id="main" tabindex="-1">{body}</main>{footer()}'
        "</body></html>"
    )


SKELETON = (
    '<main id="main" tabindex="-1"><div id="peel-root" class="wait"><p class="kicker">Peel</p>'
    '<p class="opening" role="status">Opening the page …</p></div></main>'
)
FALLBACK = """
<noscript><p class="alert">This page needs JavaScript. The <a href="/about">about page</a> and the
<a href="/">lessons' texts</a> work without.</p></noscript>
<script>
if (!("WebSocket" in window)) document.getElementById("peel-root").innerHTML =
 '<p class="alert">This browser has no WebSocket, which the maps need. ' +
 'Try a current Firefox, Chrome, Edge or Safari.</p>';
else setTimeout(() => {
  const root = document.querySelector("#peel-root.wait");
  if (root) root.innerHTML = '<p class="alert">The page is taking long to start. If it stays so, ' +
    'load it again; where the browser files were never fetched, the internet is needed ' +
    '(<code>peel view --setup</code> fetches them once).</p>';
}, 15000);
</script>
"""


def dress(content: str, title: str, here: str) -> str:
    """Solara's document with our language, title, style, header, skeleton and footer."""
    content = re.sub(r"<html[^>]*>", '<html lang="en">', content, count=1)
    content = re.sub(
        r'<meta name="viewport"[^>]*>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">', content, count=1,
    )  # fmt: skip
    content = re.sub(r"<title>.*?</title>", f"<title>{html.escape(title)} · Peel</title>", content)
    content = re.sub(r'<link rel="icon"[^>]*>', "", content)
    head = (
        '<link rel="icon" href="/peel-static/icon.svg" type="image/svg+xml">'
        '<link rel="stylesheet" href="/peel-static/view.css">'
        + "".join(f'<link rel="modulepreload" href="/peel-static/js/{n}.js">' for n in SCRIPTS)
        + '<link rel="preload" href="/api/policies.json" as="fetch" crossorigin="anonymous"></head>'
    )
    content = content.replace("</head>", head, 1)
    content = re.sub(
        r"<body([^>]*)>",
        lambda m: f'<body{m[1]} class="peel">{header(here)}{SKELETON}{FALLBACK}{footer()}',
        content, count=1,
    )  # fmt: skip
    return content


def routes(server: Server, door: Door, root: Any) -> list[Any]:
    """Routes of the interactive pages, behind the door."""
    from starlette.requests import Request
    from starlette.responses import HTMLResponse, Response
    from starlette.routing import Route

    from viz.view.app import PAGES

    async def page(request: Request) -> Response:
        come_in, ticket, ahead = door.knock(request.cookies.get(TICKET))
        if not come_in:
            full: Response = HTMLResponse(room_full(server, ahead), status_code=503)
            full.headers["Retry-After"] = "4"
            full.set_cookie(TICKET, ticket, samesite="lax", httponly=True)
            return full
        name = request.url.path.strip("/").split("/")[0]
        answer = await root(request)
        if answer.media_type == "text/html":
            text = dress(bytes(answer.body).decode(), PAGES[name], f"/{name}")
            dressed = HTMLResponse(text)
            for key, value in answer.raw_headers:
                if key == b"set-cookie":
                    dressed.raw_headers.append((key, value))
            dressed.headers["Cache-Control"] = "no-store"
            return dressed
        return answer  # type: ignore[no-any-return]

    out = []
    for name in PAGES:
        out += [Route(f"/{name}", page), Route(f"/{name}/{{rest:path}}", page)]
    return out


def room_full(server: Server, ahead: int) -> str:
    """The page of somebody for whom there is no place yet."""
    many = "person is" if server.limits.sessions == 1 else "people are"
    said = "You are next." if ahead == 0 else f"{ahead} waiting before you."
    body = (
        '<section class="message"><p class="kicker">The room is full</p>'
        f"<h1>{server.limits.sessions} {many} in the lab</h1>"
        f'<p role="status">{said} This page asks again every few seconds and lets you in when'
        " somebody leaves; keep it open.</p>"
        '<p>Meanwhile, the <a href="/">lessons</a> and <a href="/about">what the model is</a>'
        " can be read.</p></section>"
    )
    return document("The room is full", body, refresh=4)
