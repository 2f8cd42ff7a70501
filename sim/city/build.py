"""From a city's layout to people, places, police and gangs: everything that a run starts from.

The order: layout (the city's own), then by seed and parameters: rows of residents, gangs, traits,
ties, markets, officers. Linear in residents; about ten seconds for 2.7 million.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sim.agents.residents import AWAY, FREE, KIND, LIFE, RESIDENT, SIDE
from sim.agents.start import Floats, Start, power
from sim.agents.start_civic import draw_smoking
from sim.agents.start_gangs import Ground, draw_gangs, gang_ties, rank_members
from sim.agents.start_households import Homes, settle
from sim.agents.start_offending import draw_propensity, place_factors, tie_partners
from sim.agents.start_officers import draw_police
from sim.agents.start_ties import Crowd, graph, propose
from sim.agents.start_traits import (
    FAR_PAST,
    arm,
    draw_beliefs,
    draw_exposure,
    draw_needs,
)
from sim.city.beats import draw_beats
from sim.city.blocks import draw_place, kernel_of
from sim.city.geography import Geography
from sim.city.layout import Layout, mean_by, spread, total
from sim.city.spec import CitySpec, load_spec
from sim.city.synthetic import draw_layout
from sim.numerics import exp_array, normal
from sim.parameters import all_parameters
from sim.random import run_key
from sim.world import Array, Groups, People, Place, Police, records


def build(
    spec: CitySpec | str, values: Mapping[str, float] | None = None, seed: int = 1
) -> tuple[Geography, People, Place, Police, Groups]:
    """The city on its first day, a pure function of (spec, values, seed).

    `values` overrides parameters by name; those of `sim.parameters.city` and `.start` are read.
    """
    spec = load_spec(spec)
    layout: Layout = spec.imported if spec.imported is not None else draw_layout(spec)
    start = Start(run_key(seed), dict(values or {}))
    beats = _beats(start, spec, layout)
    layout, beats = _by_beat(layout, beats)
    homes = _people_rows(start, layout)
    relative = _relative_violence(start, layout)
    residents, lives, age = _residents(start, layout, homes)
    vacant = homes.vacant == 1
    corner = _corners(start, layout)
    groups, turf = _gangs(start, layout, relative, corner, residents, lives, age, vacant)
    lean = power(relative, start.value("violence_by_people"))
    drivers = draw_propensity(
        start, residents, lean[residents.area], corner[residents.home], vacant
    )
    rank_members(start, groups, residents, lives)
    _traits(start, spec, layout, residents, lives, age, drivers)
    people = _tie(start, spec, layout, homes, residents, lives, age, vacant, groups)
    place = draw_place(
        start, len(spec.groups), layout, beats, turf, homes, residents, lives.work, relative, lean
    )
    police = _police(start, spec, layout, beats)
    geography = Geography(
        name=spec.name,
        area_names=list(layout.area_names),
        group_names=[g.name for g in spec.groups],
        width=layout.width,
        height=layout.height,
        block_m=layout.block_m,
        groups=spec.groups,
        polygons=layout.polygons,
        notes=list(layout.notes),
        targets=dict(layout.targets),
    )
    return geography, people, place, police, groups


def strength(start: Start, spec: CitySpec) -> int:
    """Sworn officers: the city's own rate, unless the parameter was moved from its default."""
    rate = start.value("officers_per_1000")
    default = all_parameters()["officers_per_1000"].default
    if spec.officers_per_1000 is not None and rate == default:
        rate = spec.officers_per_1000
    return max(4, int(rate * spec.residents / 1000.0 + 0.5))


def _beats(start: Start, spec: CitySpec, layout: Layout) -> NDArray[np.int32]:
    officers = strength(start, spec)
    number = int(spec.residents / start.value("people_per_beat") + 0.5)
    return draw_beats(layout, max(1, min(max(number, 4), officers // 5)))


def _by_beat(layout: Layout, beats: NDArray[np.int32]) -> tuple[Layout, NDArray[np.int32]]:
    """Blocks sorted by area, then beat, then from the south-west: neighbours near in memory."""
    order = np.lexsort((layout.x, layout.y, beats, layout.area))
    fields = {
        name: getattr(layout, name)[order]
        for name in ("x", "y", "area", "people", "shares", "disadvantage")
    }
    return Layout(**{**layout.__dict__, **fields}), beats[order]


def _people_rows(start: Start, layout: Layout) -> Homes:
    number = int(layout.people.sum())
    spare = max(8, int(start.value("vacant_row_share") * number + 0.5))
    vacant = spread(layout.people.astype(np.float64), spare)
    return settle(start, layout.area, layout.people, vacant, layout.shares)


def _relative_violence(start: Start, layout: Layout) -> Floats:
    """(A,) expected violence per resident relative to the city: disadvantage, corrected by records.

    The record of n events where e were expected is shrunk as gamma-Poisson: (n + k) / (e + k), with
    k pseudo-events.
    """
    people = np.bincount(layout.area, weights=layout.people, minlength=layout.areas)
    out = place_factors(start.value("violence_gradient"), layout.area_disadvantage, people)
    if layout.violence is None or total(layout.violence) <= 0:
        return out
    expected = out * people * (total(layout.violence) / total(out * people))
    k = start.value("violence_pseudo_events")
    out = out * (layout.violence + k) / (expected + k)
    return out * (total(people) / total(out * people))


def _corners(start: Start, layout: Layout) -> Floats:
    """(B,) how much more street life a block has than its area, by disadvantage; mean 1 in an area.

    The poorest blocks of a poor area are where crews form; who lives in its better blocks has less
    to do with them.
    """
    around = layout.area_disadvantage[layout.area]
    raw = exp_array(start.value("violence_gradient_blocks") * (layout.disadvantage - around))
    people = layout.people.astype(np.float64)
    out: Floats = raw / mean_by(layout.area, layout.areas, raw, people)[layout.area]
    return out


def _residents(start: Start, layout: Layout, homes: Homes) -> tuple[Array, Array, Floats]:
    n = homes.home.size
    residents, lives = records(RESIDENT, n), records(LIFE, n)
    residents["home"], residents["sex"], residents["group"] = homes.home, homes.sex, homes.group
    residents["area"] = layout.area[homes.home]
    residents["born"] = -homes.age_days
    residents["side"] = residents["gang"] = -1
    residents["status"] = np.where(homes.vacant == 1, AWAY, FREE)
    lives["key"] = start.names("start name", n)
    lives["kin_first"], lives["kin_size"] = homes.kin_first, homes.kin_size
    lives["last_shot"] = lives["last_bereaved"] = FAR_PAST
    lives["roster_slot"] = -1
    return residents, lives, homes.age_days / 365.25


def _gangs(
    start: Start,
    layout: Layout,
    relative: Floats,
    corner: Floats,
    residents: Array,
    lives: Array,
    age: Floats,
    vacant: NDArray[np.bool_],
) -> tuple[Groups, NDArray[np.int32]]:
    weight = layout.people * relative[layout.area] * corner
    ground = Ground(
        layout.grid(), layout.x, layout.y, layout.area, layout.people, weight, layout.block_m
    )
    return draw_gangs(start, ground, residents, lives, age, vacant)


def _traits(
    start: Start,
    spec: CitySpec,
    layout: Layout,
    residents: Array,
    lives: Array,
    age: Floats,
    drivers: NDArray[np.bool_],
) -> None:
    disadvantage = layout.disadvantage[residents.home]
    around = layout.area_disadvantage[residents.area]
    confidence = np.array([g.confidence for g in spec.groups])
    effectiveness = np.array([g.effectiveness for g in spec.groups])
    # how police and public have got on in a place belongs to the city, whatever the run's seed
    past = Start(run_key(spec.map_seed), {}).uniforms("map trust", layout.areas)[:, 0]
    draw_beliefs(
        start,
        residents,
        0.7 * around + 0.3 * disadvantage,
        confidence,
        effectiveness,
        normal(past)[residents.area],
    )
    draw_needs(start, residents, lives, disadvantage, age)
    draw_smoking(start, lives, np.where(residents.status == AWAY, 0.0, age))
    draw_exposure(start, residents, lives, np.array([g.exposed for g in spec.groups]))
    arm(start, residents, lives, age, drivers | (residents.gang >= 0), disadvantage)


def _tie(
    start: Start,
    spec: CitySpec,
    layout: Layout,
    homes: Homes,
    residents: Array,
    lives: Array,
    age: Floats,
    vacant: NDArray[np.bool_],
    groups: Groups,
) -> People:
    n = residents.size
    kernel = kernel_of(start, layout, "friend")
    years = age.astype(np.float32)
    first = np.searchsorted(homes.home, np.arange(layout.x.size + 1)).astype(np.int64)
    # half of all ties are proposed by each side; between 0.4 and 1.6 times the mean a person
    mean = 0.5 * start.value("friend_mean") * 1.035  # a few proposals lapse or double
    u = start.uniforms("start friends", n)
    proposals = (mean * (0.4 + 1.2 * u[:, 0]) + u[:, 1]).astype(np.int16)
    ones = np.ones(n, dtype=np.float32)
    crowd = Crowd(homes.home, homes.group, years, ones, homes.kin_first, proposals, first)
    ties = graph(n, *propose(start, "start friend", crowd, kernel))
    # taken over into NumPy's own memory, which comes in large pages where the system has them: in a
    # city of millions, looking up where a page lies costs as much as reading a friend
    friend_start, friends = (np.array(table) for table in ties)
    partner_start, partners = tie_partners(
        start,
        residents,
        age,
        homes.kin_first,
        vacant,
        kernel_of(start, layout, "partner"),
        gang_ties(start, groups),
    )
    kinds = records(KIND, len(spec.groups))
    for name in KIND.names or ():
        kinds[name] = [getattr(g, name.replace("stop_base", "stop_ratio")) for g in spec.groups]
    side = records(SIDE, max(256, n // 200))
    side["resident"] = -1
    for name in ("violence", "retaliation", "offending", "carrying", "trauma_recovery", "need"):
        side[name] = 1.0
    members = np.arange(n, dtype=np.int32)
    return People(
        residents, lives, kinds, side, members, friend_start, friends, partner_start, partners
    )


def _police(start: Start, spec: CitySpec, layout: Layout, beats: NDArray[np.int32]) -> Police:
    number = int(beats.max()) + 1
    people = np.bincount(beats, weights=layout.people, minlength=number)
    disadvantage = mean_by(beats, number, layout.disadvantage, layout.people.astype(float))
    by_area = np.zeros((number, layout.areas))
    np.add.at(by_area, (beats, layout.area), layout.people)
    shares = np.array([g.officer_share for g in spec.groups])
    if total(shares) <= 0:
        shares = np.ones(shares.size)
    return draw_police(
        start,
        strength(start, spec),
        np.argmax(by_area, axis=1).astype(np.int32),
        (people + 1.0) * (0.5 + disadvantage),
        disadvantage,
        people.astype(np.int32),
        shares,
    )
