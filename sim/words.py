"""Wording shared by error messages: the nearest valid name, and a list that fits on a line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

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
        if not hint and (alike := sharing_a_word(got, {name: name for name in names})):
            return f"; did you mean one of: {', '.join(alike)}?"
        return hint or f"; none of the {len(names)} valid names is near it"
    if not names:
        return f"{hint}; there are none yet"
    return f"{hint or ';'} valid: {', '.join(names)}"


def sharing_a_word(got: str, texts: Mapping[str, str]) -> list[str]:
    """Up to six names whose texts have most words of `got` in them (of four letters or more).

    >>> sharing_a_word("budget", {"programme_budget": "programme_budget", "dose": "dose"})
    ['programme_budget']
    """
    words = [word for word in re.split(r"[\W_]+", got[:_LONGEST].lower()) if len(word) >= 4]
    shared = {name: sum(word in text.lower() for word in words) for name, text in texts.items()}
    most = max(shared.values(), default=0)
    return [name for name, count in shared.items() if 0 < count == most][:6]


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
