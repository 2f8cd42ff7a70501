"""Channel: the widget through which a page's script asks and the server answers.

The script sends {id, ask, ...}; a handler returns (answer, buffers); the answer goes back with the
same id. Nothing is pushed: the script's next question is its acknowledgement, so a hidden tab costs
nothing and no session has a thread of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from sim.errors import RunFailed, UserError

Answer = tuple[dict[str, Any], list[bytes]]
_LOG = logging.getLogger("peel.view")

STUB = """
export default async () => {
  const at = new URL("/peel-static/js/page.js", location.origin).href;
  const page = await import(at);
  return page.default;
};
"""


class Channel(anywidget.AnyWidget):
    """`page` names the script that takes over."""

    _esm = STUB
    page = traitlets.Unicode("lab").tag(sync=True)

    def __init__(self, session: Any, **given: Any) -> None:
        super().__init__(**given)
        self._session = session
        self.on_msg(self._asked)

    def _asked(self, widget: Any, content: Any, buffers: Any) -> None:
        if not isinstance(content, dict) or "ask" not in content:
            return
        answer, parts = respond(self._session, content)
        self.send({"id": content.get("id"), **answer}, parts or None)


def respond(session: Any, content: dict[str, Any]) -> Answer:
    """The session's answer; whatever goes wrong is an answer too."""
    handler: Callable[..., Answer] | None = getattr(
        session, "on_" + str(content.get("ask", "")).replace("-", "_"), None
    )
    if handler is None:
        return {"error": f"this page can't answer {str(content.get('ask'))[:40]!r}"}, []
    try:
        return handler(content)
    except (UserError, RunFailed) as problem:
        return {"error": str(problem), "field": getattr(problem, "field", None)}, []
    except Exception as problem:
        _LOG.exception("a page's question failed: %s", content.get("ask"))
        return {"error": f"something went wrong here ({type(problem).__name__}); try again"}, []
