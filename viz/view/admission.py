"""Who may come in: a visitor more than the server carries waits on a page that says so.

A place is a live kernel. A visitor who finds none gets a ticket (a cookie) and a page that asks
again every few seconds; places go to tickets in order, and a ticket not seen for a while is
dropped.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable

SEEN_SECONDS = 20.0


def people_inside() -> int:
    """Kernels with a page that is connected; those whose page is lost are kept, but not counted."""
    from solara.server.kernel_context import PageStatus, contexts

    return sum(
        PageStatus.CONNECTED in context.page_status.values() for context in list(contexts.values())
    )


class Door:
    """Tickets of those who wait; `inside` counts who is in."""

    def __init__(self, places: int, inside: Callable[[], int]) -> None:
        self.places, self.inside = places, inside
        self._lock = threading.Lock()
        self._seen: OrderedDict[str, float] = OrderedDict()
        self._let_in: OrderedDict[str, float] = OrderedDict()

    def knock(self, ticket: str | None, now: float | None = None) -> tuple[bool, str, int]:
        """(come in, ticket, how many wait before this one)."""
        now = time.monotonic() if now is None else now
        with self._lock:
            for table in (self._seen, self._let_in):
                for key in [k for k, at in table.items() if now - at > SEEN_SECONDS]:
                    del table[key]
            ticket = ticket if ticket and len(ticket) <= 40 else uuid.uuid4().hex
            # those let in whose page has not opened its kernel yet still hold their place
            free = self.places - self.inside() - len(self._let_in)
            ahead = list(self._seen).index(ticket) if ticket in self._seen else len(self._seen)
            if free > ahead:
                self._seen.pop(ticket, None)
                if free <= 2:  # only when it is close does a promise matter
                    self._let_in[ticket] = now - SEEN_SECONDS + 5.0
                return True, ticket, 0
            self._seen[ticket] = now
            return False, ticket, ahead

    def waiting(self) -> int:
        with self._lock:
            return len(self._seen)
