"""The part of docs/validity.md on the joint calibration: the search, what fits, where defaults stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from experiments import recorded
from experiments.facts import facts
from experiments.scoreboard_page import boards, verdicts
from experiments.validity_words import percent, seeds_of
from sim.parameters import all_parameters


def calibration() -> str:
    """The section's text."""
    lines = ["## Joint calibration", ""]
    found = recorded.all_of("calibration")
    if not found:
        return "\n".join(
            [*lines, "None is recorded. No ensemble of parameter sets ships with this version."]
        )
    for one in found:
        seeds = ", ".join(str(s) for s in one["seeds"])
        lines += [
            f"History matching of {len(one['priors'])} parameters over their declared ranges, on"
            f" `{one['city']}` with seeds {seeds}, {one['years']:g} years after"
            f" {one['burn_in_years']:g} of burn-in, designs {', '.join(one['designs'])}, Peel"
            f" {one['model_version']}: {one['points']} sets run"
            f" ({one['points_that_stopped']} stopped, {one['points_far_off']} were another city by"
            f" their level alone), {len(one['facts'])} facts used.{_begun_from(one)}",
            "",
            f"The best set passes {one['best']} of these facts; {one['sets']} sets pass the rule"
            f" ({one['rule']}). "
            + (
                f"They ship as the ensemble `{one['city']}`, which `peel compare --uncertainty"
                " parameters` takes for that city, and others with `--ensemble`."
                if one["ensemble"]
                else f"That is fewer than {one['fewest']}"
                f"{'' if one['complete'] else ', and the search was not finished'}: no ensemble"
                " ships, and `peel compare --uncertainty parameters` draws from the declared ranges"
                " instead."
            ),
            "",
            "Share of the parameter space not ruled out, wave by wave: "
            + (", ".join(f"{share:.1%}" for share in one["space_left"]) or "not told")
            + ".",
            "",
            "A fifth of the facts left out in turn; sets chosen by the others. The prior's rate is of sets"
            " drawn over the whole prior that were not another city (the first wave, of the earlier"
            " search where there was one); facts in brackets are not told there, and count in neither:",
            "",
            "| left out | sets chosen | pass rate of the left-out facts | over the prior |",
            "|---|---|---|---|",
        ]
        for fold in one["left_out_in_turn"]:
            lines.append(
                f"| {_left_out(fold)} | {fold['chosen']} | {percent(fold['rate'])} |"
                f" {percent(fold['prior'])} |"
            )
        lines += [*_where_defaults_stand(one), *_passes_of_facts(one), *points_tried(one["city"])]
        lines += ["", one["licence"]]
    return "\n".join(lines)


def _where_defaults_stand(one: Mapping[str, Any]) -> list[str]:
    """Each parameter's default among the sets that fit."""
    if not one.get("spread"):
        return []
    lines = [
        "",
        f"Where the defaults stand among the sets that fit{_by_weight(one)} (a default below nearly all"
        " of them, or above, would be drawn elsewhere by these facts):",
        "",
        "| parameter | prior: low, default, high | sets: 10 %, half, 90 % | sets below the default |",
        "|---|---|---|---|",
    ]
    for name, (low, half, high, below) in one["spread"].items():
        prior = ", ".join(f"{x:g}" for x in one["priors"][name])
        edge = " (at the edge)" if not 0.05 <= below <= 0.95 else ""
        lines.append(
            f"| `{name}` | {prior} | {low:.3g}, {half:.3g}, {high:.3g} | {percent(below)}{edge} |"
        )
    return lines


def _passes_of_facts(one: Mapping[str, Any]) -> list[str]:
    told = sorted(one["pass_share"].items(), key=lambda row: row[1])
    often = [f"{name} {percent(share)}" for name, share in told if share < 0.9]
    return [
        "",
        f"Facts that fewer than nine in ten of the sets pass: {', '.join(often) or 'none'}.",
    ]


def points_tried(city: str) -> list[str]:
    """Sets of parameters tried in place of the defaults, by the facts that fail on the whole board."""
    points = [one for one in recorded.all_of("point") if one["city"] == city]
    if not points:
        return []
    defaults = [b for b in boards() if b["city"] == city and not b["hypotheses"]]
    lines = [
        "",
        "A search is told some of the facts, on few seeds. So sets that lie where searches on other seeds"
        " put the middle of theirs were held against the whole board, of seeds that none was fitted to: a"
        " default moves only where that loses no fact which it passes:",
        "",
        "| set | moves | seeds | facts that pass | fails | lost by it | won by it |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in [*defaults, *points]:
        moves = _moves(one.get("parameters", {}))
        held = verdicts(one["scores"])
        misses = [
            f"{row['name']} ({row['part']} {row['value']:.3g})"
            for row in one["scores"]
            if row["pass"] is False
        ]
        lost, won = lost_and_won(defaults[0], one) if defaults else ([], [])
        cells = [
            one["name"] if moves else "defaults",
            ", ".join(moves) or "none",
            seeds_of(one),
            f"{sum(v is True for v in held.values())} of {len(held)}",
            *(", ".join(words) for words in (misses, lost, won)),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def lost_and_won(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[list[str], list[str]]:
    """Facts that pass on one board and fail on the other, and the other way round."""
    old, new = verdicts(before["scores"]), verdicts(after["scores"])
    names = {fact.rank: fact.name for fact in facts()}
    lost = [names[rank] for rank, v in old.items() if v is True and new.get(rank) is False]
    won = [names[rank] for rank, v in old.items() if v is False and new.get(rank) is True]
    return lost, won


def _moves(parameters: Mapping[str, float]) -> list[str]:
    """What a set moves away from the defaults, the largest moves (in proportion) first and in full."""
    told, known = [], all_parameters()
    for name, value in parameters.items():
        default = known[name].default
        far = abs(value - default) / max(abs(value), abs(default), 1e-9)
        if far > 0.0:
            told.append((-far, f"`{name}` {default:g} to {value:g}"))
    lines = [line for _, line in sorted(told)]
    return lines if len(lines) <= 6 else [*lines[:5], f"and {len(lines) - 5} that move less"]


def _begun_from(one: Mapping[str, Any]) -> str:
    """A sentence on the calibration that another began from."""
    before = one.get("begun_from")
    if not before:
        return ""
    seeds = ", ".join(str(seed) for seed in before["seeds"])
    return (
        f" It began from an earlier search of {before['points']} sets on seeds {seeds}, designs"
        f" {', '.join(before['designs'])}: these taught the emulators, and the best of them were run"
        " again as wave 1."
    )


def _left_out(fold: Mapping[str, Any]) -> str:
    """Facts by name, those without a rate over the prior in brackets."""
    unheld = fold.get("unheld", ())
    return ", ".join(f"({name})" if name in unheld else name for name in fold["left_out"])


def _by_weight(one: Mapping[str, Any]) -> str:
    """How sets count, where they don't count alike."""
    if not one.get("worth"):
        return ""
    return (
        f", each by its weight: exp(-m / 2T), m the squared distances outside the accepted ranges in"
        f" standard errors, T {one['temper']:.3g}, so that the {one['sets']} sets are worth"
        f" {one['worth']:.0f} of equal weight"
    )
