"""The Solara app: each interactive page is one Channel, whose script builds the page.

Lessons' list, about, data and the teacher's page are plain documents (see `viz.view.documents`) and
need no kernel. Nothing here holds state between visitors: what they share is in the server's store.
"""

from __future__ import annotations

from typing import Any

import solara

from viz.view.channel import Channel
from viz.view.session import Session
from viz.view.settings import current

PAGES = {"lab": "Lab", "learn": "Lesson", "levers": "Levers", "luck": "Luck", "why": "Why"}


@solara.component
def Interactive(page: str) -> Any:
    """One page: a session of its own, closed with the tab."""
    session = solara.use_memo(lambda: Session(current()), [])
    solara.use_effect(lambda: session.close, [])
    return Channel.element(session=session, page=page)


def _component(page: str) -> Any:
    @solara.component
    def Named(first="", second=""):  # type: ignore[no-untyped-def]
        # What follows in the path; Solara casts by annotations and can't read postponed ones.
        return Interactive(page)

    return Named


@solara.component
def Layout(children: Any = ()) -> Any:
    """No frame of Solara's: the document around it has its own header and footer."""
    return solara.Column(children=list(children), classes=["peel-page"], gap="0px")


routes = [
    solara.Route(page, component=_component(page), layout=Layout, label=f"{title} · Peel")
    for page, title in PAGES.items()
]
