"""What can be taken home by HTTP: series, events, frames, configuration, figures, report."""

from __future__ import annotations

import json
from typing import Any

from viz.view.settings import Server


def routes(server: Server) -> list[Any]:
    """Their routes, and the catalogue of policies that forms are made from."""
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    def policies(request: Request) -> Response:
        from experiments.lookup import policy_row
        from sim.policies import registry

        rows = [policy_row(kind) for kind in registry().values()]
        return Response(json.dumps(rows, default=float), media_type="application/json")

    return [Route("/api/policies.json", policies)]
