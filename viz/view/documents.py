"""Pages that are plain documents: lessons, about, data, for teachers; and what says that none is
here.
"""

from __future__ import annotations

import html
from typing import Any

from viz.view import shell
from viz.view.settings import Server


def routes(server: Server) -> list[Any]:
    """Their routes."""
    from starlette.requests import Request
    from starlette.responses import HTMLResponse, JSONResponse
    from starlette.routing import Route

    from viz.view import documents_about, documents_data, lessons

    def page(title: str, here: str, body: Any) -> Any:
        def endpoint(request: Request) -> HTMLResponse:
            return HTMLResponse(shell.document(title, body(server, request), here))

        return endpoint

    def alive(request: Request) -> JSONResponse:
        from viz.view.admission import people_inside

        counts = server.store.counts()
        return JSONResponse({"alive": True, "people": people_inside(), **counts})

    return [
        Route("/", page("Lessons", "/", lessons.home)),
        Route("/about", page("About", "/about", documents_about.about)),
        Route("/data", page("Data", "/data", documents_data.data)),
        Route("/teach", page("For teachers", "", documents_about.teach)),
        Route("/api/alive", alive),
    ]


async def not_found(request: Any, problem: Any) -> Any:
    """No page of that address."""
    from starlette.responses import HTMLResponse

    where = html.escape(request.url.path[:80])
    body = (
        '<section class="message"><p class="kicker">Nothing here</p>'
        f"<h1>There is no page {where}</h1><p>The <a href='/lab'>lab</a>, the"
        " <a href='/'>lessons</a> and the <a href='/data'>data</a> are there.</p></section>"
    )
    return HTMLResponse(shell.document("Nothing here", body), status_code=404)


async def broken(request: Any, problem: Any) -> Any:
    """Something of ours failed."""
    from starlette.responses import HTMLResponse

    body = (
        '<section class="message"><p class="kicker">Something went wrong</p>'
        "<h1>This page failed</h1>"
        f"<p>{html.escape(type(problem).__name__)}. Load it again, or go back to the"
        ' <a href="/lab">lab</a>; the address you came from still opens what you saw.</p></section>'
    )
    return HTMLResponse(shell.document("Something went wrong", body), status_code=500)
