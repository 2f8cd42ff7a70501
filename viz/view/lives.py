"""A biography: one resident, officer or block, followed through both arms by replaying them.

A recording keeps no resident's days; a replay is the same life, so whoever is asked about is
followed in one. Taken weekly: trust, fear, trauma, counts of contacts; and once, on the asked day,
their ties.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.agents.columns import Officers, Residents
from sim.agents.officers import ON_DUTY, PATROL
from sim.engine import advance
from sim.errors import UserError
from sim.scenario import Scenario
from viz.view import blocks
from viz.view.arm import Arm, burnt_city
from viz.view.spec import PairSpec

LEVELS = ("legitimacy", "fear", "trauma")
COUNTS = ("stops", "searches", "force", "victimised", "reports", "arrests", "shootings")
OFFICER = ("stress", "danger", "force_count", "complaints", "stops_week", "style")
MOST_TIES = 40
SHIFT = ("day", "evening", "night")
DUTY = ("on duty", "post vacant", "off sick")
STATUS = ("free", "injured", "in jail", "dead", "away")


class _Handle:
    """What Residents and Officers want of a model."""

    def __init__(self, arm: Arm) -> None:
        self.state, self.geography = arm.state, arm.geography


def follow(
    spec: PairSpec, scenarios: tuple[Scenario, Scenario], who: dict[str, int], tell: Any,
    stop: Callable[[], bool],
) -> None:  # fmt: skip
    """Replay both arms and tell the biography. Raises UserError for somebody who isn't there."""
    burnt = burnt_city(scenarios[0], spec.seed)
    out: dict[str, Any] = {"who": who}
    for name, scenario in zip("ab", scenarios, strict=True):
        same = scenario.burn_in_hash(spec.seed) == burnt.identity
        arm = Arm(
            scenario, spec.seed, burnt if same else burnt_city(scenario, spec.seed),
            spec.edits if name == "b" else (),
        )  # fmt: skip
        out[name] = _one(arm, spec.days // 7, who, stop)
        if stop():
            raise UserError("stopped")
    tell("life", out)
    tell("done", {})


def _one(arm: Arm, weeks: int, who: dict[str, int], stop: Callable[[], bool]) -> dict[str, Any]:
    ask_week = min(weeks, max(0, who.get("day", 0) // 7))
    days, rows, places = [], [], []
    about: dict[str, Any] = {}
    for week in range(weeks + 1):
        if week == ask_week:
            about = _about(arm, who)
        row = _row(arm, who)
        if row is not None:
            days.append(arm.day)
            rows.append(row)
            places.append(_place(arm, who))
        if week == weeks or stop():
            break
        advance(arm.state, 7)
        arm.recorder.events.clear()
    names = list(rows[0]) if rows else []
    where = {"blocks": [b for b, _ in places], "states": [s for _, s in places]}
    return {"days": days, "series": {n: [r[n] for r in rows] for n in names}, **where, **about}


def _place(arm: Arm, who: dict[str, int]) -> tuple[int, str]:
    """The block where the map shows them (home; of an officer, in their beat), and their state."""
    w = arm.state.world
    if "officer" in who:
        o = w.police.officers[who["officer"]]
        here = blocks.officer_blocks(arm.state, np.asarray([who["officer"]]))
        return int(here[0]), DUTY[int(o["status"])]
    if "resident" in who:
        r = w.people.residents[who["resident"]]
        return int(r["home"]), STATUS[int(r["status"])]
    return who["block"], ""


def _row(arm: Arm, who: dict[str, int]) -> dict[str, float] | None:
    handle = _Handle(arm)
    if "resident" in who:
        at = _there(arm.state.world.people.residents, who["resident"], "resident")
        source = Residents(handle)
        values = {n: float(source.column(n, at)[0]) for n in LEVELS}
        lives = arm.state.world.people.lives
        return values | {n: float(lives[n][at[0]]) for n in COUNTS}
    if "officer" in who:
        at = _there(arm.state.world.police.officers, who["officer"], "officer")
        officers = Officers(handle)
        return {n: float(officers.column(n, at)[0]) for n in OFFICER}
    at = _of_block(arm, who["block"])
    source = Residents(handle)
    if not at.size:
        return dict.fromkeys(LEVELS, 0.0)
    lives = arm.state.world.people.lives
    return {n: float(np.mean(source.column(n, at))) for n in LEVELS} | {
        n: float(lives[n][at].sum()) for n in COUNTS
    }


def _there(table: Any, row: int, what: str) -> Any:
    if not 0 <= row < table.size:
        raise UserError(f"no {what} {row}: this city has {what}s 0 to {table.size - 1}")
    return np.asarray([row])


def _of_block(arm: Arm, block: int) -> Any:
    table = arm.state.world.place.blocks
    if not 0 <= block < table.size:
        raise UserError(f"no block {block}: this city has blocks 0 to {table.size - 1}")
    rows = np.arange(table["first"][block], table["first"][block] + table["count"][block])
    return rows[arm.state.world.people.residents["status"][rows] < 3]


def _about(arm: Arm, who: dict[str, int]) -> dict[str, Any]:
    """Traits and ties on the day asked about."""
    w, names = arm.state.world, arm.geography.group_names
    if "officer" in who:
        o = w.police.officers[who["officer"]]
        return {"traits": {
            "beat": int(o["beat"]), "shift": SHIFT[int(o["shift"]) % 3],
            "group": names[int(o["group"])],
            "status": DUTY[int(o["status"])],
            "years in post": round((arm.state.day - int(o["hired"])) / 365, 1),
        }}  # fmt: skip
    if "block" in who:
        at, r = _of_block(arm, who["block"]), w.people.residents
        b = w.place.blocks[who["block"]]
        return {
            "traits": {
                "residents": int(at.size), "area": arm.geography.area_names[int(b["area"])],
                "gang members": int((r["gang"][at] >= 0).sum()), "beat": int(b["beat"]),
                "turf of gang": int(b["turf"]) if b["turf"] >= 0 else "none",
                "vacant lots": int(b["vacant"]), "market": "yes" if b["market"] > 0 else "no",
            },
            "residents": [_person(arm, int(i)) for i in at[:120]],
            "officers": _officers(arm, int(b["beat"])),
        }  # fmt: skip
    return {"traits": _traits(arm, who["resident"]), "ties": _ties(arm, who["resident"])}


def _person(arm: Arm, row: int) -> dict[str, Any]:
    """A resident in a list: row, sex, age, gang, how often victim or arrested."""
    r, life = arm.state.world.people.residents[row], arm.state.world.people.lives[row]
    return {
        "row": row, "sex": "male" if r["sex"] else "female",
        "age": (arm.state.day - int(r["born"])) // 365, "gang": int(r["gang"]),
        "status": STATUS[int(r["status"])], "block": int(r["home"]),
        "victimised": int(life["victimised"]), "arrests": int(life["arrests"]),
        "shot": bool(life["last_shot"] > 0), "generation": int(life["generation"]),
    }  # fmt: skip


def _officers(arm: Arm, beat: int) -> list[dict[str, Any]]:
    """Patrol officers on duty in a beat."""
    o = arm.state.world.police.officers
    on = np.flatnonzero((o["beat"] == beat) & (o["status"] == ON_DUTY) & (o["unit"] == PATROL))
    return [
        {"row": int(i), "shift": SHIFT[int(o["shift"][i]) % 3],
         "years": round((arm.state.day - int(o["hired"][i])) / 365, 1)}
        for i in on[:40]
    ]  # fmt: skip


def _traits(arm: Arm, row: int) -> dict[str, Any]:
    r = arm.state.world.people.residents[row]
    p = _person(arm, row)
    return {
        "sex": p["sex"], "age": p["age"], "group": arm.geography.group_names[int(r["group"])],
        "area": arm.geography.area_names[int(r["area"])], "home block": p["block"],
        "status": p["status"], "gang": p["gang"] if p["gang"] >= 0 else "none",
        "owns a gun": "yes" if int(r["flags"]) & 2 else "no",
        "in a programme": "yes" if int(r["flags"]) & 16 else "no",
    }  # fmt: skip


def _ties(arm: Arm, row: int) -> list[dict[str, Any]]:
    """Household, friends and co-offenders: the ego network."""
    people = arm.state.world.people
    life = people.lives[row]
    kin = people.members[int(life["kin_first"]) : int(life["kin_first"]) + int(life["kin_size"])]
    friends = people.friends[people.friend_start[row] : people.friend_start[row + 1]]
    partners = people.partners[people.partner_start[row] : people.partner_start[row + 1]]
    out: list[dict[str, Any]] = []
    seen = {row}
    for kind, rows in (("household", kin), ("co-offender", partners), ("friend", friends)):
        for other in rows:
            if int(other) not in seen and len(out) < MOST_TIES:
                seen.add(int(other))
                out.append({"kind": kind, **_person(arm, int(other))})
    return out
