"""Both arms of a pair, day by day in step, each week told to whoever listens.

Until the first day on which anybody's life differs, B is A: its weeks are passed on as the same
bytes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from sim.scenario import Scenario
from viz.view import arm as arms
from viz.view import blocks
from viz.view.arm import Arm, as_marks, burnt_city
from viz.view.spec import PairSpec

Tell = Callable[[str, dict[str, Any]], None]


def record(
    spec: PairSpec, scenarios: tuple[Scenario, Scenario], tell: Tell, stop: Callable[[], bool],
    seconds: float = 900.0, most_residents: int = 3_000_000,
) -> None:  # fmt: skip
    """Run the pair; `tell` gets shape, weeks, and at the end the tables. Stops early when asked.

    Raises UserError and RunFailed as the engine does.
    """
    began = time.monotonic()
    a_scenario, b_scenario = scenarios
    check_size(a_scenario, most_residents)
    tell("stage", {"text": "the city's first years, before the run"})
    burnt = burnt_city(a_scenario, spec.seed)
    same = a_scenario.burn_in_hash(spec.seed) == b_scenario.burn_in_hash(spec.seed)
    a = Arm(a_scenario, spec.seed, burnt)
    b = Arm(b_scenario, spec.seed, burnt if same else burnt_city(b_scenario, spec.seed), spec.edits)
    most = max(float(blocks.patrol_hours(a.state.world).max(initial=0.0)) * 2.0, 1e-6)
    tell("shape", shape(a, spec, most))
    parted = False
    why = ""
    for day in range(spec.days):  # days after the last whole week are in the tables alone
        if stop() or time.monotonic() - began > seconds:
            why = "stopped" if stop() else "time"
            break
        a.step()
        b.step()
        if not parted and (first := difference(a, b)) is not None:
            parted = True
            tell("parted", {"day": day, **first})
        if (day + 1) % 7 == 0:
            one = a.week(most)
            two = b.week(most)
            tell("week", {"a": one, "b": one if not parted and one[0] == two[0] else two})
    finish(a, b, tell, why)


def finish(a: Arm, b: Arm, tell: Tell, why: str) -> None:
    """Both arms' tables, and how it ended: "" is a whole run, else why it is a part."""
    tables: dict[str, Any] = {}
    for name, one in (("a", a), ("b", b)):
        if one.day % 7:  # the unfinished week is left out, as in a run that was stopped
            one.recorder.take_events(one.state.world)
        result = one.result()
        about = result.about()
        tables[name] = {
            "events": result.events, "before": result.before, "weekly": result.weekly,
            "recorded": result.recorded, "policies": result.policies, "about": about,
        }  # fmt: skip
    tell("done", {"tables": tables, "why": why})


def check_size(scenario: Any, most: int) -> None:
    """Raise UserError for a city larger than visitors may run here."""
    from sim.city import load_spec
    from sim.errors import UserError

    residents = int(getattr(load_spec(scenario.city), "residents", 0) or 0)
    if residents > most:
        raise UserError(
            f"{scenario.city} has {residents:,} residents; this server runs"
            f" cities of up to {most:,}"
        )


def shape(a: Arm, spec: PairSpec, most: float) -> dict[str, Any]:
    """What maps and legends need once: the grid, the areas, names, the events before the run."""
    w, g = a.state.world, a.geography
    before = a.burnt.events
    recent = before[before["day"] >= a.first - 730]
    recent = recent[np.lexsort((recent["key"], recent["day"]))]
    return {
        "spec": spec.as_json(),
        "width": g.width,
        "height": g.height,
        "block_m": float(g.block_m),
        "blocks": int(w.place.blocks.size),
        "residents": int((w.people.residents["status"] < 3).sum()),
        "officers": int(w.police.officers.size),
        "areas": list(g.area_names),
        "groups": list(g.group_names),
        "gangs": int(w.groups.gangs.size),
        "start": a.scenario.start.isoformat(),
        "patrol_most": most,
        "series": list(arms.SERIES),
        "x": w.place.blocks["x"].astype("<u2").tobytes(),
        "y": w.place.blocks["y"].astype("<u2").tobytes(),
        "area": w.place.blocks["area"].astype("<u2").tobytes(),
        "beat": w.place.blocks["beat"].astype("<u2").tobytes(),
        "people": w.place.blocks["count"].astype("<u2").tobytes(),
        "turf": a.turf.astype("<i2").tobytes(),
        "before": as_marks(recent, a.first),
    }


_SAME = ("status", "gang", "home", "area", "fairness", "effectiveness", "fear", "trauma", "flags")


def difference(a: Arm, b: Arm) -> dict[str, Any] | None:
    """Whose life differs first, or None while every life is the same in both arms."""
    one, two = a.state.world.people, b.state.world.people
    if np.array_equal(
        one.residents.view(np.uint8), two.residents.view(np.uint8)
    ) and np.array_equal(one.lives.view(np.uint8), two.lives.view(np.uint8)):
        return None
    differ = np.zeros(one.residents.size, dtype=bool)
    names = []
    for table, other, columns in (
        (one.residents, two.residents, _SAME),
        (one.lives, two.lives, ("stops", "victimised", "arrests", "reports", "shootings", "force")),
    ):
        for name in columns:
            here = table[name] != other[name]
            if here.any():
                names.append(name)
                differ |= here
    rows = np.flatnonzero(differ)
    if not rows.size:
        return {"resident": -1, "block": -1, "residents": 0, "what": []}
    row = int(rows[0])
    return {
        "resident": row,
        "block": int(one.residents["home"][row]),
        "residents": int(rows.size),
        "what": names,
    }
