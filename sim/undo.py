"""Undo: the same city, replayed with one event left out.

A replay starts at the burn-in, draws the same numbers, and differs from the run only by what
follows from the event not happening. That is sharp and narrow: every draw has a key, so nothing
unrelated is reshuffled; yet it is one possible world. What it shows is how this life hung on that
event, not how much such events matter on average; for that, compare scenarios over many seeds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import RunFailed, UserError
from sim.explain import Causes, hexed

if TYPE_CHECKING:
    import pandas as pd

    from sim.results import RunResult

OWN_KEY = (
    "shooting",
    "gunfire",
    "arrest_shooting",
    "force",
    "incident",
    "gun",
    "retaliation_averted",
    "raid",
    "kit",
    "dna_hit",
    "arrest_dna",
    "scene_support",
)
"""Kinds that a replay can leave out by their own id (for a shooting: that of its incident)."""
_SAME = ("day", "kind", "block", "actor_person", "target_person", "cause", "rule", "part", "fatal")


@dataclass
class Act:
    """What a replay leaves out so that an event does not happen."""

    key: int
    head: list[int]
    """Logged events that are this very act: everybody shot in it, or the event itself."""
    said: str
    """Why it is not the event itself; empty if it is."""


@dataclass
class Undone:
    """The run and its replay, compared. Ids in lists are in order of day and id."""

    act: Act
    day: int
    vanished: list[int]
    """Events of the run that the replay lacks, the act itself left out."""
    followed: list[int]
    """Of these, the ones that the log said had followed from it."""
    anyway: list[int]
    """What the log said had followed, and which happened all the same."""
    changed: list[int]
    """Events of both that went another way (people, place, outcome or cause)."""
    new: list[int]
    """Events of the replay alone."""
    before: Causes
    after: Causes
    counts: dict[str, tuple[int, int]]
    """Kind of event -> in the run, in the replay (burn-in included)."""
    headlines: dict[str, tuple[float, float]]
    """Totals over the run's own weeks where they differ, and the summary's levels."""
    first_day: int | None
    """Day of the first logged event that differs, the act aside; None: no other does."""
    first_week: int | None
    """First week in which any count differs."""
    first_counts: list[str] = field(default_factory=list)
    replay: RunResult | None = None


def act_behind(causes: Causes, id: int) -> Act:
    """The act to leave out for event `id`: itself, or what it follows from inseparably.

    Raises UserError where no single act stands behind it.
    """
    e = causes.get(id)
    kind, cause = e["kind"], int(e["cause"])
    if kind == "shooting":
        incident = int(e["incident"])
        said = "" if incident == id else "one of several people shot in an incident; all of it goes"
        return Act(incident, causes.together(id), said)
    if kind in OWN_KEY:
        return Act(id, [id], "")
    if kind == "death" and cause in causes.row:
        shooting = act_behind(causes, cause)
        return Act(shooting.key, shooting.head, "a death follows its shooting, which goes")
    if kind == "nongun_death" and cause:
        return Act(cause, [cause] if cause in causes.row else [],
                   "a death follows its assault, which goes (it is not in the log)")  # fmt: skip
    if kind == "police_killing" and cause in causes.row:
        return Act(cause, [cause], "a killing follows its use of force, which goes")
    raise UserError(
        f"event {hexed(id)}: a replay can't leave out one {kind} ({e['rule']}); leave the policy"
        " out of the scenario and use `peel compare`. What can be undone: shootings, gunfire,"
        " deaths, force, arrests for shootings, publicised incidents, guns, mediated reprisals,"
        " raids, kits and their matches, support at scenes"
    )


def undo(run: RunResult, id: int, progress: Callable[[float], None] | None = None) -> Undone:
    """Replay `run` without the act behind event `id`, and compare.

    Raises UserError where the event can't be undone or this installation is not the one that made
    the run; RunFailed where the replay differs before the event, so that it can't be trusted.
    """
    from sim.run import run as simulate

    causes = Causes.of(run)
    act = act_behind(causes, id)
    check_same_model(run)
    day = causes.get(id)["day"] if not act.head else min(causes.get(i)["day"] for i in act.head)
    replay = simulate(run.scenario, seed=run.seed, suppressed=[act.key], progress=progress)
    return compared(run, replay, causes, act, int(day))


def check_same_model(run: RunResult) -> None:
    """Raise UserError where this is not what made the run: another version, plug-ins or city."""
    from sim import plugins
    from sim.version import MODEL_VERSION

    about = (run.loaded or {}).get("run") or run.about()
    if about["hash"] == run.scenario.hash(run.seed):
        return
    if about["model_version"] != MODEL_VERSION:
        why = f"model version {about['model_version']} made it, this is {MODEL_VERSION}"
    else:
        then = dict(about.get("plugins", []))
        now = dict(plugins.identity())
        lacking = [n for n in then if n not in now]
        extra = [n for n in now if n not in then]
        other = [n for n in then if n in now and then[n] != now[n]]
        parts = [f"{text} {', '.join(names)}" for text, names in (
            ("load with --plugin:", lacking), ("not loaded then:", extra),
            ("changed since:", other)) if names]  # fmt: skip
        why = "; ".join(parts) or "its city file or parameters' defaults have changed since"
    raise UserError(f"this run can't be replayed here: {why}")


def compared(run: RunResult, replay: RunResult, causes: Causes, act: Act, day: int) -> Undone:
    """What else did and did not happen."""
    other = Causes.of(replay)
    rows, again = _rows(causes), _rows(other)
    head = set(act.head)
    followed = set(causes.descendants(act.head or [act.key]))
    if not act.head:
        followed = {n.id for n, _ in causes.tree(act.key).walk()} - {act.key}
    gone = [i for i in rows if i not in again and i not in head]
    new = [i for i in again if i not in rows]
    changed = [i for i in rows if i in again and rows[i] != again[i]]
    differ = [rows[i][0] for i in gone + changed] + [again[i][0] for i in new]
    first = min(differ) if differ else None
    if (first is not None and first < day) or any(i in again for i in head):
        raise RunFailed(
            f"the replay is another life already on day {day if first is None else first}, before"
            f" the event on day {day}: this installation differs from the one that made the run"
        )
    week, names = _first_week(run.weekly, replay.weekly)
    return Undone(
        act, day, vanished=gone, followed=[i for i in gone if i in followed],
        anyway=[i for i in rows if i in again and i in followed], changed=changed, new=new,
        before=causes, after=other, counts=_counts(causes, other),
        headlines=_headlines(run, replay), first_day=first, first_week=week, first_counts=names,
        replay=replay,
    )  # fmt: skip


# --- inside -----------------------------------------------------------------------------------


def _rows(causes: Causes) -> dict[int, tuple[Any, ...]]:
    """What is compared of each event, day first, in order of day and id."""
    table = causes.table.sort_values(["day", "id"], kind="stable")
    columns = [table[name].tolist() for name in ("id", *_SAME)]
    return {int(id): tuple(rest) for id, *rest in zip(*columns, strict=True)}


def _counts(a: Causes, b: Causes) -> dict[str, tuple[int, int]]:
    one, two = (c.table["kind"].value_counts() for c in (a, b))
    return {k: (int(one.get(k, 0)), int(two.get(k, 0))) for k in sorted({*one.index, *two.index})}


def _first_week(a: pd.DataFrame, b: pd.DataFrame) -> tuple[int | None, list[str]]:
    names = [n for n in a.columns if n in b.columns and a[n].dtype.kind in "iu"]
    differ = a[names].to_numpy() != b[names].to_numpy()
    weeks = np.flatnonzero(differ.any(axis=1))
    if not weeks.size:
        return None, []
    at = int(weeks[0])
    return int(a["week"].iloc[at]), [n for n, d in zip(names, differ[at], strict=True) if d]


def _headlines(run: RunResult, replay: RunResult) -> dict[str, tuple[float, float]]:
    """Counts of the whole run that differ, largest difference first; then levels at its end."""
    a, b = run.weekly, replay.weekly
    counts = [n for n in a.columns if a[n].dtype.kind in "iu" and n not in ("week", "day", "days")]
    totals = {n: (float(a[n].sum()), float(b[n].sum())) for n in counts if n in b.columns}
    out = {n: v for n, v in totals.items() if v[0] != v[1]}
    out = dict(sorted(out.items(), key=lambda x: -abs(x[1][0] - x[1][1])))
    for name in ("legitimacy", "fear", "trauma", "carrying_share"):
        if name in a.columns and name in b.columns and len(a):
            out[name] = (float(a[name].iloc[-1]), float(b[name].iloc[-1]))
    return out
