"""The first page: what changes, how sure we are, and what would change our mind."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from experiments.comparison import Comparison, Row
from experiments.plan import AS_GIVEN
from viz.figures import Picture, Whisker, whiskers
from viz.report.arm_words import described
from viz.report.doubt import Doubt, assumption
from viz.report.grounds import PolicyGrounds
from viz.report.words import (
    Finding,
    change,
    finding,
    fine,
    interval,
    joined,
    level,
    percent,
    years,
)

_ORDER = ("better", "worse", "changed", "unclear", "same", "unknown")


@dataclass(frozen=True)
class ArmFindings:
    """What is said of one arm on the first page."""

    arm: str
    about: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class TableRow:
    """One printed row: words only, so that the template decides nothing."""

    title: str
    unit: str
    arm: str
    baseline: str
    mean: str
    difference: str
    interval: str
    relative: str
    relative_interval: str
    rate: str
    rate_interval: str
    chance: str
    pairs: str
    needed: str
    variance_ratio: str
    method: str
    tone: str
    verdict: str
    recorded: bool
    span: int
    """Rows of this outcome that follow, itself included; 0 for those after the first."""


_VERDICT = {
    "better": "better",
    "worse": "worse",
    "changed": "changed",
    "unclear": "not clear",
    "same": "identical",
    "unknown": "one pair",
}


def arms(comparison: Comparison, rows: Sequence[Row]) -> list[ArmFindings]:
    """The findings of each arm, clear ones first."""
    span = years(int(comparison.runs["days"].iloc[0]))
    out = []
    for arm in comparison.plan.arms:
        mine = [finding(row, span) for row in rows if row.arm == arm.name and row.headline]
        mine.sort(key=lambda f: _ORDER.index(f.tone))
        out.append(ArmFindings(arm.name, described(arm.scenario), tuple(mine)))
    return out


def summary(rows: Sequence[Row], found: Doubt) -> list[str]:
    """One sentence per arm: what differs clearly among the headlines, that the rest doesn't, and
    how many of these may flip."""
    out = []
    for arm in dict.fromkeys(row.arm for row in rows):
        mine = [row for row in rows if row.arm == arm and row.headline]
        clear = [_in_brief(row) for row in mine if row.result.clear]
        shaky = sum(c.arm == arm and bool(c.why) for c in found.conclusions)
        may = f" {_counted(shaky)} of these may flip: see below." if shaky else ""
        rest = len(mine) - len(clear)
        name = arm[0].upper() + arm[1:]
        if not mine:
            continue
        if not clear:
            out.append(f"{name}: no clear difference in any of {len(mine)} headline outcomes.")
        elif rest:
            word = "the other" if rest == 1 else f"the other {rest}"
            out.append(f"{name}: {joined(clear)}; no clear difference in {word}.{may}")
        else:
            out.append(f"{name}: {joined(clear)}.{may}")
    return out


def _counted(n: int) -> str:
    return ("None", "One", "Two", "Three", "Four", "Five", "Six")[n] if n <= 6 else str(n)


def _in_brief(row: Row) -> str:
    less = row.result.difference < 0
    hardly = " (by less than 1 %)" if row.trifling else ""
    if row.outcome.count:
        return f"{'fewer' if less else 'more'} {row.outcome.title}{hardly}"
    return f"{'lower' if less else 'higher'} {row.outcome.title}{hardly}"


def table(rows: Sequence[Row]) -> list[TableRow]:
    """Every row in words, the arms of one outcome together."""
    out = []
    for name in dict.fromkeys(row.outcome.name for row in rows):
        mine = [row for row in rows if row.outcome.name == name]
        out += [_table_row(row, 0 if k else len(mine)) for k, row in enumerate(mine)]
    return out


def picture(comparison: Comparison, rows: Sequence[Row]) -> Picture | None:
    """Relative differences of the headlines on one scale, in per cent of the baseline."""
    others = list(comparison.plan.others)
    groups: dict[str, list[Whisker]] = {}
    for row in rows:
        r = row.result
        if not row.headline or not math.isfinite(r.relative):
            continue
        one = Whisker(
            100 * r.relative,
            100 * r.relative_low,
            100 * r.relative_high,
            others.index(row.arm),
            r.clear,
        )
        title = row.outcome.title[0].upper() + row.outcome.title[1:]
        groups.setdefault(title, []).append(one)
    if not groups:
        return None
    figure = whiskers(
        list(groups.items()), f"% of {comparison.baseline}'s level", others, percent=True
    )
    parts = [
        f"{row.outcome.title}, {row.arm}: {percent(row.result.relative)} "
        f"({percent(row.result.relative_low)} to {percent(row.result.relative_high)})"
        for row in rows
        if row.headline and math.isfinite(row.result.relative)
    ]
    alt = f"Dots with 95 % intervals: relative difference from the baseline. {'; '.join(parts)}."
    return Picture("headlines", figure, "Headline differences from the baseline", alt)


def how_sure(comparison: Comparison, rows: Sequence[Row], found: Doubt) -> list[str]:
    """What the intervals carry, and what they don't."""
    pairs = len(comparison.seeds())
    heads = [row for row in rows if row.headline]
    out = [
        f"Each arm was run {pairs} time{'' if pairs == 1 else 's'}, with the same {pairs} random "
        f"seed{'' if pairs == 1 else 's'} for all arms. Differences are taken pair by pair; every "
        f"interval is a 95 % interval over these pairs."
    ]
    if pairs < 2:
        out.append("One pair gives no interval: nothing here can be called a finding.")
    elif pairs < 6:
        out.append(f"{pairs} pairs are few: intervals are wide and not very stable.")
    out += _layers(comparison, found)
    explored = sum(not row.headline for row in rows)
    by_luck = 0.05 * explored
    out.append(
        f"{len(heads)} headline comparisons were named in advance. The other {explored} are "
        f"exploratory: about {by_luck:.0f} of them would look clear by luck alone."
    )
    if comparison.failures:
        out.append(f"{len(comparison.failures)} runs failed and are left out.")
    if not comparison.complete:
        out.append("The comparison was interrupted: only seeds whose arms all finished are used.")
    return out


def _layers(comparison: Comparison, found: Doubt) -> list[str]:
    """Which doubts were laid over the luck of the runs, and what they left standing."""
    names = {
        "hypotheses": f"{len(comparison.worlds()) - 1} rival theories",
        "parameters": f"{_sets(found, 'parameters')} sets of parameters",
        "together": "both drawn together",
    }
    laid = [names[k] for k in found.kinds if k in names]
    missing = [w for k, w in (("parameters", "parameters"), ("hypotheses", "rival theories"))
               if k not in found.kinds]  # fmt: skip
    out = []
    if laid:
        out.append(f"All arms were also run under {joined(laid)}: see “Under every doubt”.")
        clear = [c for c in found.conclusions if c.verdict != "unclear"]
        firm = [c for c in clear if c.verdict == "holds"]
        if clear:
            out.append(
                f"{len(firm)} of {len(clear)} clear conclusions "
                f"{'keeps its' if len(firm) == 1 else 'keep their'} sign under all of them."
            )
    if missing:
        out.append(
            f"{'The intervals carry the luck of the runs only. ' if not laid else ''}Doubt about "
            f"{joined(missing)} is not in these results, so they look surer than we are."
        )
    return out


def _sets(found: Doubt, kind: str) -> int:
    return max((x.worlds for x in found.layers if x.kind == kind), default=0)


def disputed(policies: Sequence[PolicyGrounds]) -> list[str]:
    """What scholars dispute about the policies compared, one line each, with the other side."""
    out = {}
    for p in policies:
        ids = ", ".join(s.id for s in p.sources)
        grounds = f"rests on {p.badge_words}{f' ({ids})' if ids else ''}"
        if p.contested:
            out[p.title] = f"{p.title}: {grounds}; on the other side: {p.contested}."
        elif p.speculative:
            out[p.title] = f"{p.title}: speculative, no study gives an estimate."
    return list(out.values())


def change_our_mind(
    comparison: Comparison, rows: Sequence[Row], speculative: list[str], found: Doubt
) -> list[str]:
    """What evidence or runs could overturn the findings."""
    out = []
    unclear = [row for row in rows if row.headline and row.verdict == "unclear"]
    told = []
    for row in unclear:
        needed = row.result.replicates_needed
        if math.isfinite(needed) and needed <= 2000:
            told.append(f"{row.outcome.title} ({row.arm}: about {needed:.0f} pairs)")
    if told:
        out.append(
            "More replicates: if the differences are as large as they look, these would become "
            "clear "
            f"with that many pairs: {joined(told)}."
        )
    never = [f"{r.outcome.title} ({r.arm})" for r in unclear if r.result.replicates_needed > 2000]
    if never:
        out.append(f"Too small to tell with any sensible number of runs: {joined(never)}.")
    apart: dict[str, list[str]] = {}
    for row in rows:
        if row.headline and row.verdict in ("better", "worse"):
            for world in _worlds_apart(comparison, row):
                apart.setdefault(world, []).append(f"{row.outcome.title} ({row.arm})")
    for world, named in apart.items():
        out.append(f"If “{world}” were shown to be so: no such conclusion on {joined(named)}.")
    out += _leaning(found)
    if speculative:
        out.append(
            f"Speculative: no study estimates what {joined(speculative)} would do; the result is "
            "what "
            f"the assumptions imply, and a trial could overturn it."
        )
    if len(found.kinds) == 1:
        out.append(
            Markup(
                "Other values of what we assume, and rival theories of violence, of trust and "
                "reporting, and of police withdrawal: the same comparison with "
                "<code>--uncertainty all</code> shows whether a conclusion survives them."
            )
        )
    out.append(
        "Better measurements of the assumptions listed below; those without any study are marked."
    )
    return out


def _leaning(found: Doubt) -> list[str]:
    """The assumptions that a headline leans on most."""
    by: dict[str, list[str]] = {}
    for d in found.drivers:
        for r in [r for r in d.rows if r.stands_out][:3]:
            by.setdefault(assumption(r.name), []).append(f"{d.outcome.title} ({d.arm})")
    return [
        f"Better knowledge of “{name}”, with which the effect moves most on {joined(effects)}."
        for name, effects in by.items()
    ]


def _worlds_apart(comparison: Comparison, row: Row) -> list[str]:
    """Worlds in which the interval covers zero or lies on the other side."""
    out = []
    for world in comparison.worlds():
        if world == AS_GIVEN:
            continue
        for other in comparison.differences(world, [row.outcome.name]):
            same_side = other.result.difference * row.result.difference > 0
            if other.arm == row.arm and not (other.result.clear and same_side):
                out.append(world)
    return out


def _table_row(row: Row, span: int) -> TableRow:
    o, r = row.outcome, row.result
    width = r.high - r.low
    rate, low, high = row.rate
    by = (high - low) * (fine(row, width) / width if width > 0.0 else 1.0)
    # among many exploratory outcomes some are clear by luck: those say so
    perhaps = not row.headline and r.clear and not row.adjusted_p < 0.05
    return TableRow(
        title=o.title[0].upper() + o.title[1:],
        unit=o.unit,
        arm=row.arm,
        baseline=level(o, r.baseline_mean, width),
        mean=level(o, r.mean, width),
        difference=change(o, r.difference, width),
        interval=interval(o, row),
        relative=percent(r.relative),
        relative_interval=_between(percent(r.relative_low), percent(r.relative_high)),
        rate=change(o, rate, by) if math.isfinite(rate) else "",
        rate_interval=_between(change(o, low, by), change(o, high, by)),
        chance=_chance(row),
        pairs=str(r.n),
        needed=_replicates(r.replicates_needed, row.verdict),
        variance_ratio=_times(r.variance_ratio),
        method=r.method,
        tone="unclear" if perhaps else row.verdict,
        verdict=f"perhaps {_VERDICT[row.verdict]}" if perhaps else _VERDICT[row.verdict],
        recorded=o.recorded,
        span=span,
    )


def _chance(row: Row) -> str:
    """In whole per cent, and never certainty: so few pairs can't give it."""
    p = row.chance_better
    if row.verdict in ("same", "unknown") or not math.isfinite(p):
        return "–"
    if p > 0.99:
        return "over 99 %"
    return "under 1 %" if p < 0.01 else f"{100 * p:.0f} %"


def _between(low: str, high: str) -> str:
    return "" if "–" in (low, high) else f"{low} to {high}"


def _times(ratio: float) -> str:
    """How many times as many unpaired runs it would take: to a digit, and from a thousand on a bound."""
    if math.isnan(ratio):
        return "–"
    return f"{ratio:.1f}" if ratio < 1000.0 else "over 1,000"


def _replicates(needed: float, verdict: str) -> str:
    if verdict in ("same", "unknown"):
        return "–"
    return f"{needed:,.0f}" if needed <= 100_000 else "over 100,000"
