"""From a recorder's arrays to tables (pandas). Names and units as in docs/tables.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim import measures as m
from sim.agents.residents import AGE_BANDS
from sim.means import STATES

if TYPE_CHECKING:
    import pandas as pd

    from sim.results import RunResult

_TRUE = [n for n in m.PLACE_MEASURES if n not in m.RECORDED and n != "response_minutes"]
_AREA = [
    "homicides", "gun_deaths", "persons_shot", "shooting_incidents", "retaliatory_incidents",
    "gunfire_incidents", "serious_assaults", "robberies", "property", "calls", "stops", "searches",
    "guns_found", "force", "disrespect", "arrests", "jailings",
]  # fmt: skip
_AREA_RECORDED = ["violent_reported", "property_reported", "gunfire_reported", "homicides_recorded",
                  "nonfatal_recorded", "cleared_fatal", "cleared_nonfatal", "complaints"]  # fmt: skip
VIOLENT = ("serious_assaults", "robberies", "simple_assaults", "domestic", "sexual")


def _column(counts: np.ndarray, name: str) -> np.ndarray:
    return counts[..., m.PLACE_MEASURES.index(name)]


def _stack(result: RunResult) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(weeks, days in each, counts (weeks, areas, measures))."""
    r = result.recorder
    assert r is not None
    weeks = np.asarray(r.weeks, dtype=np.int64)
    return weeks, np.asarray(r.days, dtype=np.int64), np.asarray(r.area_counts, dtype=np.int64)


def _states(result: RunResult) -> tuple[np.ndarray, np.ndarray]:
    r = result.recorder
    assert r is not None
    people, areas = np.asarray(r.by_people), np.asarray(r.by_area)
    if len(people) < len(r.weeks):  # means were taken at the end only
        gap = len(r.weeks) - len(people)
        people = np.concatenate([np.full((gap, *people.shape[1:]), np.nan), people])
        areas = np.concatenate([np.full((gap, *areas.shape[1:]), np.nan), areas])
    return people, areas


def weekly(result: RunResult) -> pd.DataFrame:
    """True world, whole city: counts of the week, means at its end."""
    import pandas as pd

    weeks, days, counts = _stack(result)
    city = counts.sum(axis=1)
    people, _ = _states(result)
    total = people.sum(axis=1)
    out: dict[str, Any] = {"week": weeks, "day": weeks * 7, "days": days, "population": total[:, 0]}
    for name in _TRUE:
        out[name] = _column(city, name)
    r = result.recorder
    assert r is not None
    out["jail_days"] = total[:, STATES.index("in_jail")] * days
    for k, name in enumerate(STATES[1:7], start=1):
        out["carrying_share" if name == "carrying" else name] = total[:, k] / np.maximum(
            total[:, 0], 1.0
        )
    out["in_jail"] = total[:, STATES.index("in_jail")]
    for name in r.extras[0] if r.extras else ():
        out[name] = np.asarray([x[name] for x in r.extras])
    calls = np.maximum(_column(city, "calls"), 1)
    out["response_minutes"] = _column(city, "response_minutes") / calls
    return pd.DataFrame(out)


def recorded(result: RunResult) -> pd.DataFrame:
    """What police and surveys see, whole city, by week."""
    import pandas as pd

    weeks, days, counts = _stack(result)
    city = counts.sum(axis=1)
    violent = sum(_column(city, n) for n in VIOLENT) + _column(city, "persons_shot")
    out: dict[str, Any] = {
        "week": weeks,
        "day": weeks * 7,
        "days": days,
        "violent_victimisations_surveyed": violent,
    }
    for name in m.PLACE_MEASURES:
        if name in m.RECORDED:
            out[name] = _column(city, name)
    out["violent_reported"] = out["violent_reported"] + _column(city, "persons_shot")
    out["property_victimisations_surveyed"] = _column(city, "property")
    out["property_serious"] = _column(city, "property_serious")
    out["robbery_victimisations_surveyed"] = _column(city, "robberies")
    out["recorded_stops"] = _column(city, "stops")
    out["recorded_arrests"] = _column(city, "arrests")
    return pd.DataFrame(out)


def areas(result: RunResult) -> pd.DataFrame:
    """By week and area."""
    import pandas as pd

    weeks, _, counts = _stack(result)
    _, states = _states(result)
    n, a = counts.shape[:2]
    out: dict[str, Any] = {
        "week": np.repeat(weeks, a), "area": np.tile(np.arange(a), n), "population": states[:, :, 0].ravel(),
    }  # fmt: skip
    for name in _AREA + _AREA_RECORDED:
        out[name] = _column(counts, name).ravel()
    out["violent"] = (
        sum(_column(counts, x) for x in VIOLENT) + _column(counts, "persons_shot")
    ).ravel()
    people = np.maximum(states[:, :, 0], 1.0)
    out["legitimacy"] = (states[:, :, 1] / people).ravel()
    out["trauma"] = (states[:, :, 5] / people).ravel()
    return pd.DataFrame(out)


def groups(result: RunResult) -> pd.DataFrame:
    """By week, group, sex (0 female, 1 male) and age band."""
    import pandas as pd

    r = result.recorder
    assert r is not None
    states, _ = _states(result)
    counts = np.asarray(r.people_counts, dtype=np.int64)
    n, cells = counts.shape[:2]
    bands = len(AGE_BANDS)
    cell = np.arange(cells)
    names = np.asarray(result.geography.group_names)
    out: dict[str, Any] = {
        "week": np.repeat(np.asarray(r.weeks), cells),
        "group": np.tile(names[cell // (2 * bands)], n),
        "sex": np.tile(cell // bands % 2, n),
        "age_band": np.tile(np.asarray(AGE_BANDS)[cell % bands], n),
        "population": states[:, :, 0].ravel(),
    }
    for k, name in enumerate(m.PERSON_MEASURES):
        out[name] = counts[:, :, k].ravel()
    people = np.maximum(states[:, :, 0], 1.0)
    for name in ("legitimacy", "fairness", "effectiveness", "fear", "trauma"):
        out[name] = (states[:, :, STATES.index(name)] / people).ravel()
    for name in ("in_jail", "adults", "confident"):
        out[name] = states[:, :, STATES.index(name)].ravel()
    out["jail_days"] = out["in_jail"] * np.repeat(np.asarray(r.days), cells)
    return pd.DataFrame(out)


def events(result: RunResult) -> pd.DataFrame:
    """Every event with its cause; days count from the run's start."""
    assert result.recorder is not None and result.state is not None and result.burnt is not None
    first = result.recorder.first_day
    return event_frame(result.recorder.all_events(), result, first)


def before(result: RunResult) -> pd.DataFrame:
    """Every event of the burn-in; cases that the run cleared count as cleared."""
    import pandas as pd

    assert result.recorder is not None and result.burnt is not None
    first = result.recorder.first_day
    rows = np.concatenate([result.burnt.events, result.recorder.all_events()])
    both = event_frame(rows, result, first)
    return pd.DataFrame(both.iloc[: result.burnt.events.size])


def event_frame(rows: np.ndarray, result: RunResult, first: int) -> pd.DataFrame:
    """A table of logged rows; `first` is the day that counts as 0."""
    import pandas as pd

    assert result.state is not None
    blocks = result.state.world.place.blocks
    kinds = np.asarray(m.EVENT_KINDS)
    day = rows["day"].astype(np.int64) - first
    home = rows["home"]
    where, there = blocks[np.maximum(rows["block"], 0)], blocks[np.maximum(home, 0)]
    dx = (where["x"] - there["x"]).astype(np.float64) * result.geography.block_m
    dy = (where["y"] - there["y"]).astype(np.float64) * result.geography.block_m
    shooting = rows["kind"] == m.E_SHOOTING
    arrest = rows["kind"] == m.E_ARREST
    solved = pd.Series(day[arrest], index=rows["cause"][arrest])
    solved = solved[~solved.index.duplicated()]
    start = np.datetime64(result.scenario.start)
    out = {
        "id": rows["key"],
        "day": day,
        "date": start + day.astype("timedelta64[D]"),
        "kind": kinds[rows["kind"]],
        "block": rows["block"],
        "area": where["area"],
        "x_m": rows["x_m"],
        "y_m": rows["y_m"],
        "actor": rows["actor"],
        "target": rows["target"],
        "actor_person": rows["actor_person"],
        "target_person": rows["target_person"],
        "actor_group": rows["actor_group"],
        "target_group": rows["target_group"],
        "target_sex": rows["target_sex"],
        "target_age": rows["target_age"],
        "actor_gang": rows["actor_gang"],
        "target_gang": rows["target_gang"],
        "cause": rows["cause"],
        "incident": rows["incident"],
        "rule": np.asarray(m.RULES)[rows["rule"]],
        "part": np.asarray(m.PARTS)[rows["part"]],
        "probability": rows["probability"],
        "draw": rows["draw"],
        "severity": rows["severity"],
        "known": rows["known"] == 1,
        "fatal": shooting & ((rows["flags"] & 1) == 1),
        "home_m": np.where(shooting & (home >= 0), np.sqrt(dx * dx + dy * dy), np.nan),
        "cleared_day": solved.reindex(rows["key"]).fillna(-1).astype(np.int64).to_numpy(),
    }
    return pd.DataFrame(out)


DELIVERY = (
    "week", "policy", "unit", "reach", "ever_reached", "dose", "joined", "dropouts", "waiting",
    "staff", "hours", "cost", "cost_so_far", "cost_per_unit", "funded",
)  # fmt: skip


def policies(result: RunResult) -> pd.DataFrame:
    """Delivery of each policy by week, and who was reached, by group and by area.

    `reach` counts `unit`s; `reach_group_G` and `reach_area_A` count residents (0 where a policy
    reaches nobody in particular, as a course for officers does). `cost` is of the week, in dollars;
    `cost_per_unit` divides it by `reach`. `funded` is what the policy got of the hours and money it
    planned for (below 1 where all policies together wanted more than there is).
    """
    import pandas as pd

    assert result.state is not None
    weeks = [row for d in result.state.deliveries for row in d.weeks]
    if not weeks:
        return pd.DataFrame({c: [] for c in DELIVERY})
    world = result.state.world
    groups, areas = world.people.kinds.size, world.place.areas.size
    cells = np.zeros((len(weeks), areas, groups), dtype=np.int32)
    for k, (_, found) in enumerate(weeks):
        if found is not None:
            cells[k] = found.reshape(areas, groups)
    out = pd.DataFrame([row for row, _ in weeks])
    out["cost_per_unit"] = out["cost"] / out["reach"].where(out["reach"] > 0)
    by_group = {f"reach_group_{g}": cells[:, :, g].sum(axis=1) for g in range(groups)}
    by_area = {f"reach_area_{a}": cells[:, a, :].sum(axis=1) for a in range(areas)}
    return pd.concat([out[list(DELIVERY)], pd.DataFrame({**by_group, **by_area})], axis=1)
