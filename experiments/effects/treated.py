"""Those whom a policy reached: the same people, and the same places, with it and without it.

Two runs with one seed hold the same people, so whoever a programme reached in one run can be looked
up in the other, where there was none. Counted are only those who joined in the first half year and
lived here at the start; the time before they joined counts too, which pulls figures toward nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim import measures as m
from sim.world import EVENT

if TYPE_CHECKING:
    from sim.results import RunResult

JOINED_BY = 182  # days


def of_run(arm: RunResult, plain: RunResult, policy: str) -> dict[str, tuple[float, float]]:
    """Outcome -> (without the policy, with it) among the people or in the places it reached.

    `treated_people` is how many people are counted; empty where it reaches nobody in particular.
    """
    assert arm.state is not None and plain.state is not None and arm.burnt is not None
    (desk,) = [d for d in arm.state.deliveries if d.policy.name == policy]
    out = _places(desk, arm, plain)
    early = desk.ever.since <= desk.start + JOINED_BY
    rows, person = desk.ever.rows[early], desk.ever.person[early]
    here = arm.burnt.world.people.lives["key"][rows] == person
    rows, person = rows[here], person[here]
    if not rows.size:
        return out
    lives = [run.state.world.people.lives for run in (plain, arm) if run.state is not None]
    both = np.logical_and(*[one["key"][rows] == person for one in lives])  # neither moved nor died
    start = arm.burnt.world.people.lives["arrests"][rows[both]].astype(np.int64)
    counts = [float((one["arrests"][rows[both]].astype(np.int64) - start).sum()) for one in lives]
    out["treated_arrests"] = (counts[0], counts[1])
    for name, column in (("treated_shot", "target_person"), ("treated_shooters", "actor_person")):
        out[name] = (_shootings(plain, column, person), _shootings(arm, column, person))
    out["treated_people"] = (float(rows.size), float(rows.size))
    return out


def _shootings(run: RunResult, column: str, person: NDArray[np.uint64]) -> float:
    events = _of_kind(run, m.E_SHOOTING)
    return float(np.isin(events[column], person).sum())


def _places(desk: Any, arm: RunResult, plain: RunResult) -> dict[str, tuple[float, float]]:
    """People shot on the blocks (or in the areas) that a policy works in, if it has any."""
    assert arm.state is not None
    blocks = arm.state.world.place.blocks
    done, sites = desk.memory.get("done"), desk.memory.get("sites")
    if done is not None:
        place = np.asarray(done, dtype=bool)
    elif sites is not None:
        place = np.isin(blocks["area"], sites)
    else:
        return {}
    if not place.any():
        return {}
    shot = [float(place[_of_kind(run, m.E_SHOOTING)["block"]].sum()) for run in (plain, arm)]
    return {"place_shot": (shot[0], shot[1])}


def _of_kind(run: RunResult, kind: int) -> NDArray[np.void]:
    assert run.recorder is not None
    rows = np.concatenate([np.zeros(0, dtype=EVENT), *run.recorder.events])
    return np.asarray(rows[rows["kind"] == kind])
