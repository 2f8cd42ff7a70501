"""Numbers and findings in plain words, never saying more than the interval does.

"fewer", "more", "higher", "lower" are said only where the 95 % interval excludes zero; else it is
"no clear difference", with the range that the runs leave open. Digits follow the interval's
width.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from experiments.comparison import Row
from experiments.outcomes import Outcome

MINUS, THIN = "\u2212", "\u202f"


@dataclass(frozen=True)
class Finding:
    """One sentence about one arm and outcome. `tone`: better, worse, changed, unclear, same,
    unknown."""

    tone: str
    lead: str
    """The words that carry it, set in bold."""
    rest: str


def number(x: float, width: float | None = None, *, sign: bool = False) -> str:
    """`x` with the digits that an interval of that width supports; a dash for NaN.

    >>> number(1234.56, 300), number(-0.01234, 0.004, sign=True)
    ('1,235', '−0.0123')
    """
    if not math.isfinite(x):
        return "–"
    # two digits of half the interval's width, or of the number itself
    scale = abs(width) / 2.0 if width and math.isfinite(width) else abs(x)
    digits = 0 if scale == 0.0 else max(0, 1 - math.floor(math.log10(scale)))
    # counts read badly with many decimals once they are above a few
    digits = min(digits, 1 if abs(x) >= 5 else 2 if abs(x) >= 1 else 6)
    if abs(x) >= 100:
        digits = 0
    text = f"{abs(x):,.{digits}f}"
    if not text.strip("0.,"):
        return "0"
    return (MINUS if x < 0 else "+" if sign else "") + text


def percent(x: float, *, sign: bool = True) -> str:
    """A fraction as a percentage.

    >>> percent(-0.123), percent(0.004), percent(0.00137)
    ('−12\u202f%', '+0.40\u202f%', '+0.14\u202f%')
    """
    if not math.isfinite(x):
        return "–"
    value = abs(100.0 * x)
    text = f"{value:.0f}" if value >= 9.5 else f"{value:.1f}" if value >= 0.95 else f"{value:.2f}"
    if not text.strip("0."):
        return f"0{THIN}%"
    return f"{MINUS if x < 0 else '+' if sign else ''}{text}{THIN}%"


def dollars(x: float) -> str:
    """An amount of money, rounded to three figures.

    >>> dollars(1234567), dollars(-950)
    ('$1.23 million', '−$950')
    """
    if not math.isfinite(x):
        return "–"
    size = abs(x)
    for limit, name in ((1e9, " billion"), (1e6, " million")):
        if size >= limit:
            text = f"${size / limit:.3g}{name}"
            break
    else:
        text = f"${size:,.0f}" if size < 1000 else f"${float(f'{size:.3g}'):,.0f}"
    return (MINUS if x < 0 else "") + text


def signed_dollars(x: float) -> str:
    """A difference in money.

    >>> signed_dollars(1234567)
    '+$1.23 million'
    """
    return f"+{dollars(x)}" if x > 0 else dollars(x)


def level(outcome: Outcome, x: float, width: float | None = None) -> str:
    """A value of the outcome in its own unit."""
    if outcome.kind == "share":
        return percent(x, sign=False)
    if outcome.kind == "money":
        return dollars(x)
    if width is not None and math.isfinite(width):
        width = max(width, 0.004 * abs(x))  # a level needs no more digits than its size
    return number(x, width)


def change(outcome: Outcome, x: float, width: float | None = None) -> str:
    """A signed difference in the outcome's own unit (shares in percentage points)."""
    if outcome.kind == "share":
        points = number(100.0 * x, None if width is None else 100.0 * width, sign=True)
        return points if points == "–" else f"{points} pts"
    if outcome.kind == "money":
        return signed_dollars(x)
    return number(x, width, sign=True)


def interval(outcome: Outcome, row: Row) -> str:
    """The interval of a difference: "−12 to −3"; "none" where there is none."""
    r = row.result
    if not math.isfinite(r.low):
        return "no interval"
    width = r.high - r.low
    low, high = (change(outcome, x, fine(row, width)) for x in (r.low, r.high))
    return f"{low} to {high}"


def fine(row: Row, width: float) -> float:
    """A width whose digits tell a clear interval's nearer end from zero."""
    near = min(abs(row.result.low), abs(row.result.high))
    return min(width, 20.0 * near) if row.result.clear and near > 0.0 else width


def finding(row: Row, span: str) -> Finding:
    """The sentence for one row; `span` says over how long counts are summed ("2 years")."""
    o, r = row.outcome, row.result
    title = o.title[0].upper() + o.title[1:]
    if row.verdict == "same":
        rest = f"in each of the {r.n} pairs of runs; what this arm changes did not reach it."
        return Finding("same", f"{title}: identical", rest)
    if row.verdict == "unknown":
        rest = f"{change(o, r.difference)} in the one pair that was run."
        return Finding("unknown", f"{title}: one pair says nothing sure;", rest)
    if row.verdict == "unclear":
        return Finding(
            "unclear", f"{title}: no clear difference.", f"{_range(row, span)}{_needed(row)}"
        )
    return Finding(row.verdict, _lead(row), f"{_amount(row, span)}{_share(row)}.")


def years(days: int) -> str:
    """A run's length in words.

    >>> years(730), years(365), years(200)
    ('2 years', '1 year', '200 days')
    """
    whole = days / 365.0
    if abs(whole - round(whole)) > 0.02:
        return f"{days} days"
    return f"{round(whole)} year{'' if round(whole) == 1 else 's'}"


def joined(words: list[str]) -> str:
    """Words as a list in running text.

    >>> joined(["a", "b", "c"])
    'a, b and c'
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


# --- inside -----------------------------------------------------------------------------------


def _lead(row: Row) -> str:
    less = row.result.difference < 0
    hardly = " (by less than 1 %)" if row.trifling else ""
    if row.outcome.count:
        return f"{'Fewer' if less else 'More'} {row.outcome.title}{hardly}:"
    title = row.outcome.title[0].upper() + row.outcome.title[1:]
    return f"{title}: {'lower' if less else 'higher'}{hardly},"


def _amount(row: Row, span: str) -> str:
    o, r = row.outcome, row.result
    width = r.high - r.low
    small, large = sorted((abs(r.low), abs(r.high)))
    near = fine(row, width)
    if o.count:
        word = "fewer" if r.difference < 0 else "more"
        return (
            f"about {number(abs(r.difference), width)} {word} over {span} in the whole city "
            f"(between {number(small, near)} and {number(large, width)})"
        )
    if o.kind == "share":
        by = [number(100 * x, 100 * w) for x, w in
              ((abs(r.difference), width), (small, near), (large, width))]  # fmt: skip
        return f"by {by[0]} percentage points (between {by[1]} and {by[2]})"
    if o.kind == "money":
        return f"by {dollars(abs(r.difference))} (between {dollars(small)} and {dollars(large)})"
    scale = " on a scale from 0 to 1" if o.unit == "0 to 1" else f" {o.unit}" if o.unit else ""
    return (
        f"by {number(abs(r.difference), width)}{scale} "
        f"(between {number(small, near)} and {number(large, width)})"
    )


def _share(row: Row) -> str:
    r = row.result
    if row.outcome.kind in ("share", "money") or not math.isfinite(r.relative):
        return ""
    if not math.isfinite(r.relative_low):
        return f", {percent(r.relative)}"
    return f", {percent(r.relative)} ({percent(r.relative_low)} to {percent(r.relative_high)})"


def _range(row: Row, span: str) -> str:
    o, r = row.outcome, row.result
    width = r.high - r.low
    if o.count:
        text = f"{_side(r.low, width, True)} to {_side(r.high, width, False)} over {span}"
    else:
        scale = " on a scale from 0 to 1" if o.unit == "0 to 1" else ""
        text = f"{change(o, r.low, width)} to {change(o, r.high, width)}{scale}"
        text += ", less than 1 % either way" if row.trifling else ""
    return f"The runs leave open anything from {text}"


def _side(x: float, width: float, low: bool) -> str:
    if number(x, width) == "0":
        return "none fewer" if low else "none more"
    return f"{number(abs(x), width)} {'fewer' if x < 0 else 'more'}"


def _needed(row: Row) -> str:
    needed = row.result.replicates_needed
    if not math.isfinite(needed) or needed > 2000:
        return "."
    return f"; about {needed:.0f} pairs would settle it if it is as large as it looks."
