"""Wording shared by error messages: the nearest valid name, and a list that fits on a line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LONGEST = 60  # characters of a user's value worth repeating in a message
_MOST = 16  # names listed in full; beyond that the nearest ones are enough


def nearest(got: str, valid: Iterable[str]) -> str:
    """A message's tail: "; did you mean 'x'?" and what is valid.

    >>> nearest("distrct", ["district", "village"])
    "; did you mean 'district'? valid: district, village"
    """
    names = list(valid)
    close = difflib.get_close_matches(got[:_LONGEST], names, n=1, cutoff=0.6)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    if len(names) > _MOST:
        return hint or f"; none of the {len(names)} valid names is near it"
    if not names:
        return f"{hint}; there are none yet"
    return f"{hint or ';'} valid: {', '.join(names)}"


def shown(value: object) -> str:
    """A user's value as a message repeats it: its repr, cut short where it is long.

    >>> shown("x" * 100).endswith("...")
    True
    """
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # integers beyond Python's limit of digits
        return f"a {type(value).__name__} too long to show"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
