"""The part of docs/validity.md on single cities: fits, the year held out, and what came nearer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from experiments import recorded
from experiments.validity_words import figure, finite, span

SHARES = ("share", "r")


def cities() -> str:
    """The section's text."""
    lines = ["## Single cities: fits and the year held out", ""]
    found = recorded.all_of("city")
    if not found:
        return "\n".join([*lines, "None is recorded; `peel calibrate --city FILE` makes one."])
    lines += [
        "Each city's own events, fitted on all years but the last by `peel calibrate --city`, then"
        " held against the last and against two naive forecasts: last year again, and the mean of"
        " the fitted years. Errors of shares are absolute, of the others log ratios (0.1 is about"
        " 10 %). A fit moves one parameter per figure, so reaching a target shows that the model"
        " can stand there, not that it is right; the held-out year is the test.",
        "",
        "| city | fitted on | targets reached | mean error of the fit | held out | in the 90 %"
        " interval | mean error: model | last year | mean of years | model nearest |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *(_summary(one) for one in found),
    ]
    for one in found:
        lines += ["", f"### {one['city']}", "", *_city(one)]
    return "\n".join(lines)


def error(value: Any, actual: Any, unit: str) -> float:
    """As `experiments.cities.forecast` has it: absolute for shares, else |log ratio|."""
    if not (finite(value) and finite(actual)):
        return math.nan
    if unit in SHARES:
        return abs(float(value) - float(actual))
    return abs(math.log(value / actual)) if value > 0 and actual > 0 else math.nan


def _errors(row: Mapping[str, Any]) -> list[float]:
    names = ("model", "persistence", "mean_of_years")
    return [error(row[name], row["actual"], row.get("unit", "")) for name in names]


def _fit_errors(one: Mapping[str, Any]) -> list[float]:
    units = {(r["figure"], r["part"]): r["unit"] for r in one.get("fitted", [])}
    rows = one["fit"]["reached"] if one.get("fit") else []
    return [error(r["reached"], r["target"], units.get((r["figure"], r["part"]), "")) for r in rows]


def _mean(values: Sequence[float]) -> str:
    known = [v for v in values if math.isfinite(v)]
    return figure(sum(known) / len(known)) if known else "-"


def _summary(one: Mapping[str, Any]) -> str:
    held = _told(one)
    covered = [row for row in held if row["covered"] is not None]
    rivals = [e for e in map(_errors, held) if all(math.isfinite(v) for v in e)]
    reached = one["fit"]["reached"] if one.get("fit") else []
    cells = [
        one["city"],
        one["fitted_on"],
        f"{sum(bool(r['fitted']) for r in reached)} of {len(reached)}" if reached else "not fitted",
        _mean(_fit_errors(one)),
        one["tested_on"],
        f"{sum(bool(r['covered']) for r in covered)} of {len(covered)}" if covered else "-",
        *(_mean([e[k] for e in rivals]) for k in range(3)),
        f"{sum(e[0] <= min(e[1:]) for e in rivals)} of {len(rivals)}",
    ]
    return f"| {' | '.join(cells)} |"


def _told(one: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [row for row in one["held_out"] if finite(row["actual"]) and finite(row["model"])]


def _city(one: Mapping[str, Any]) -> list[str]:
    lines = [*_source(one), *(_fit(one) if one.get("fit") else []), *_held(one)]
    if one.get("remark"):
        lines += ["", one["remark"]]
    return [*lines, "", one["licence"]]


def _source(one: Mapping[str, Any]) -> list[str]:
    """What was read, and what became of each row."""
    rows = one.get("rows")
    if not rows:
        return []
    refused = rows["rejected"]
    named = "; ".join(f"{n:,} {reason}" for reason, n in refused.items())
    text = (
        f"{one['residents']:,.0f} residents. {rows['read']:,} rows of {one['kind']} read:"
        f" {rows['victims']:,} victims, {rows['left_out']:,} rows left out as asked,"
        f" {sum(refused.values()):,} rejected{f' ({named})' if named else ''},"
        f" {rows['without_place']:,} victims without a place."
    )
    if one.get("one_in", 1.0) != 1.0:
        text += (
            f" The model's city is a copy with one resident in {one['one_in']:g}: counts stand for"
            " so many times more, its chance is larger than the city's, so its intervals are wider"
            " too, and figures that depend on how thick events lie are left out."
        )
    return [text, ""]


def _fit(one: Mapping[str, Any]) -> list[str]:
    fit = one["fit"]
    seeds = len(fit.get("seeds", one["seeds"]))
    lines = [
        f"Fitted on {one['fitted_on']} in {fit['trials']} trials of {seeds} seeds, Peel"
        f" {one['model_version']}:",
        "",
        "| figure | target | reached | error | parameters | |",
        "|---|---|---|---|---|---|",
    ]
    for row, miss in zip(fit["reached"], _fit_errors(one), strict=True):
        moved = ", ".join(f"`{p}` {fit['parameters'][p]:.3g}" for p in row["parameters"])
        word = "" if row["fitted"] else "**not fitted**"
        word += ", at the edge of its range" if row["at_edge_of_range"] else ""
        lines.append(
            f"| {row['figure']} {row['part']} | {span(row['target'], row['low'], row['high'])}"
            f" | {figure(row['reached'])} | {figure(miss)} | {moved} | {word.strip(', ')} |"
        )
    return [*lines, "", *(f"- {text}." for text in fit["lacking"]), ""]


def _held(one: Mapping[str, Any]) -> list[str]:
    held = _told(one)
    covered = [row for row in held if row["covered"] is not None]
    lost = [row for row in held if row["loses_to"]]
    inside = (
        f"{sum(bool(r['covered']) for r in covered)} of {len(covered)} figures lie in the model's"
        f" 90 % interval ({len(one['seeds'])} seeds)"
        if covered
        else "too few seeds for an interval"
    )
    lines = [
        f"Held out, {one['tested_on']}: {inside}; a naive forecast comes nearer on {len(lost)} of"
        f" {len(held)}.",
        "",
        "| figure | the city | the model | last year | mean of years | errors | loses to |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in held:
        misses = " / ".join(figure(e) for e in _errors(row))
        lines.append(
            f"| {row['fact']} {row['part']} |"
            f" {span(row['actual'], row['actual_low'], row['actual_high'])} |"
            f" {span(row['model'], row['low'], row['high'])} | {figure(row['persistence'])} |"
            f" {figure(row['mean_of_years'])} | {misses} | {' and '.join(row['loses_to'])} |"
        )
    lacking = _names([row for row in one["held_out"] if not finite(row["actual"])])
    if lacking:
        lines += ["", f"No data in that year: {lacking}."]
    mute = [r for r in one["held_out"] if finite(r["actual"]) and not finite(r["model"])]
    if mute:
        lines += ["", f"Not told by the model's runs: {_names(mute)}."]
    return lines


def _names(rows: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(sorted({f"{r['fact']} {r['part']}".strip() for r in rows}))
