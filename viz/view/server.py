"""One process: our own pages and downloads, and Solara's, behind one uvicorn.

Websocket messages are not compressed on the loopback interface (frames are deflated already).
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

from sim.errors import UserError
from viz.view import settings
from viz.view.admission import Door, people_inside
from viz.view.jobs import Pool
from viz.view.limits import limits
from viz.view.settings import Server
from viz.view.store import Store

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def make_server(
    public: bool = False, plugins: list[str] | None = None, people: int | None = None
) -> Server:
    """The shared parts of one server, workers warming up."""
    caps = limits(public, people)
    pool = Pool(caps, plugins)
    server = Server(caps, pool, Store(caps, pool), public=public, plugins=plugins or [])
    settings.set_current(server)
    return server


def make_app(server: Server) -> Any:
    """The ASGI application. `settings.prepare` must have been called before Solara's import."""
    # Reacton looks for pandas among what is imported; a page drawn while another thread is still
    # importing it finds half a module and fails, so it is whole before the first page.
    import pandas  # noqa: F401
    import solara.server.starlette as solara_server
    from starlette.applications import Starlette
    from starlette.routing import Mount
    from starlette.staticfiles import StaticFiles

    from viz.view import documents, downloads, shell

    door = Door(server.limits.sessions, people_inside)

    @contextlib.asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        server.pool.warm()
        async with solara_server.lifespan(app):
            yield
        server.pool.close()

    static = StaticFiles(directory=shell.STATIC)
    ours = [
        Mount("/peel-static", app=static),
        *documents.routes(server),
        *downloads.routes(server),
        *shell.routes(server, door, solara_server.root),
    ]
    return Starlette(
        routes=[*ours, *(r for r in solara_server.routes)],
        lifespan=lifespan,
        middleware=solara_server.middleware,
        exception_handlers={404: documents.not_found, 500: documents.broken},
    )


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises UserError where it can't be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as problem:
        sock.close()
        raise UserError(
            f"--host {host} --port {port}: {problem.strerror or problem}; another"
            " `peel view` may be running there: name another port, or 0 for any free one"
        ) from None
    return sock


def serve(server: Server, sock: socket.socket, ready: Callable[[str], None]) -> None:
    """Serve until interrupted; `ready` is told the address once pages are served."""
    import uvicorn

    app = make_app(server)
    host, port = sock.getsockname()[:2]
    config = uvicorn.Config(
        app, host=host, port=port, log_level="warning", access_log=False,
        ws_per_message_deflate=host not in LOOPBACK, timeout_graceful_shutdown=2,
        ws_ping_interval=None,
    )  # fmt: skip

    class Announcing(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets=sockets)
            shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
            ready(f"http://{shown}:{port}/")

    Announcing(config).run(sockets=[sock])
