"""Violence one part at a time: Poisson disputes, branching reprisals, heat that feeds on itself."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.agents.residents import GUN
from sim.engine import State, make_room
from sim.measures import (
    E_GUNFIRE,
    E_SHOOTING,
    PART_INERTIA,
    PART_RETALIATION,
    PART_RIVALRY,
)
from sim.processes.routine import AGE_KNOTS, AGE_LEVELS, SEASON, WEEKDAY
from sim.processes.violence import SHIELD_FLOOR
from sim.recording import Recorder
from sim.tables import DISPUTE, GANG_ATTACK
from tests.theory.alone import (
    calm_city,
    dispute_days,
    heat_days,
    provoke,
    rebuilt,
    reprisal_days,
    set_parameters,
    two_gangs,
    weights_of,
)

# --- background: an inhomogeneous Poisson process ----------------------------------------------


def disputes_alone(rate: float, season: float, **more: float) -> State:
    """Everybody at large, a gun on everybody, nothing that deters and nobody that is hurt."""
    state = calm_city(dispute_rate=rate, season_amplitude=season, carry_base=9.0, **more)
    world = state.world
    world.place.blocks["lever"] = 1.0 / SHIELD_FLOOR  # undoes the thinning by patrol
    world.people.residents["flags"] |= GUN
    return rebuilt(state)


def nobody_there(state: State) -> np.ndarray:
    """Chance that a dispute of each resident finds no other party in its three attempts."""
    people, blocks = state.world.people, state.world.place.blocks
    out = []
    for i in range(people.residents.size):
        r = people.residents[i]
        miss = 0.0
        for block in (r["home"], r["activity"]):
            rows = people.members[blocks["first"][block] :][: blocks["count"][block]]
            miss += 0.1 * ((rows == i).mean() if rows.size else 1.0)
        if np.diff(people.friend_start[i : i + 2])[0] == 0:
            alone = np.diff(people.partner_start[i : i + 2])[0] == 0
            miss += 0.8 if alone else 0.2
        out.append(miss**3)
    return np.array(out)


def test_disputes_alone_are_poisson_with_the_hazard_integral_as_mean() -> None:
    days, rate, season = 4 * 364, 4e5, 0.3
    state = disputes_alone(rate, season)
    clock = state.world.clock
    day = np.arange(days)
    wave = 1.0 + season * SEASON[(day + int(clock["start_doy"][0])) % 365]
    wave = wave * WEEKDAY[(day + int(clock["start_weekday"][0])) % 7]
    weights = weights_of(state, DISPUTE)
    found = 1.0 - nobody_there(state)
    expected = rate / 365e5 * wave * (weights * found).sum()
    out = np.zeros(days, dtype=np.int64)
    dispute_days(state.handle, out)
    total = expected.sum()
    assert total > 5000
    assert abs(out.sum() - total) < 4.0 * np.sqrt(total)
    # counts by week scatter as Poisson does around the integral of the hazard, no more, no less
    weekly, wanted = (x.reshape(-1, 7).sum(axis=1) for x in (out, expected))
    chi = ((weekly - wanted) ** 2 / wanted).sum()
    assert abs(chi - wanted.size) < 4.5 * np.sqrt(2.0 * wanted.size)
    z = (weekly - wanted) / np.sqrt(wanted)
    assert abs(np.corrcoef(z[1:], z[:-1])[0, 1]) < 4.0 / np.sqrt(z.size)
    # over the days of the week and the seasons too
    for parts in (day % 7, day % 365 // 92):
        seen, want = (np.bincount(parts, x) for x in (out, expected))
        assert stats.chisquare(seen, want / want.sum() * seen.sum()).pvalue > 1e-3


def test_who_attacks_follows_propensity() -> None:
    state = disputes_alone(4e5, 0.0)
    out = np.zeros(3 * 364, dtype=np.int64)
    dispute_days(state.handle, out)
    events = state.world.log.events[: int(state.world.clock["events"][0])]
    gunfire = events[events["kind"] == E_GUNFIRE]
    weights = weights_of(state, DISPUTE) * (1.0 - nobody_there(state))
    order = np.argsort(weights)
    group = np.empty(order.size, dtype=np.int64)
    group[order] = np.cumsum(weights[order]) / weights.sum() * 9.999
    seen = np.bincount(group[gunfire["actor"]], minlength=10)
    want = np.bincount(group, weights, minlength=10)
    keep = want > 0
    assert stats.chisquare(seen[keep], want[keep] / want.sum() * seen.sum()).pvalue > 1e-3
    assert gunfire.size > 0.9 * out.sum()  # carry_chance is held at 0.95
    assert abs(gunfire.size / out.sum() - 0.95) < 4.5 * np.sqrt(0.95 * 0.05 / out.sum())


def test_disputes_by_age_follow_the_curve() -> None:
    state = disputes_alone(4e5, 0.0)
    residents = state.world.people.residents
    ages = np.where(np.arange(residents.size) % 2 == 0, 20.0, 45.0)
    residents["born"] = -(ages * 365).astype(np.int64)
    out = np.zeros(364, dtype=np.int64)
    dispute_days(state.handle, out)
    events = state.world.log.events[: int(state.world.clock["events"][0])]
    old = ages[events["actor"]] > 40
    weights = weights_of(state, DISPUTE)
    level = np.interp(45.5, AGE_KNOTS, AGE_LEVELS)  # half a year on, on average
    share = level * weights[ages > 40].sum()
    share /= share + weights[ages < 40].sum()
    assert abs(old.mean() - share) < 5.0 * np.sqrt(share * (1 - share) / old.size)


# --- retaliation: a branching process ----------------------------------------------------------


def feud(n: float, seed: int = 1, lethality: float = 0.0) -> State:
    """Two gangs of 200 in which each shooting of a member has Poisson(n) reprisals."""
    state = two_gangs(calm_city(400, seed))
    set_parameters(
        state.world, retaliation=n, weight_retaliation=1.0, gang_settles=1.0, street_knowledge=1.0,
        gang_gun=1.0, hit_share=1.0, multi_victim=0.0, lethality=lethality, lethality_carrying=0.0,
        grievance_days=2.0, grievance_tail=0.0,
    )  # fmt: skip
    return state


def families(n: float, roots: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sizes, depths and delays of cascades when each shooting has Poisson(n) reprisals.

    Every shooting hits, nobody dies or stays hurt, the street always knows who shot, and all of the
    victim's gang are equally ready, so that n is `retaliation` itself.
    """
    state = feud(n, seed)
    recorder = Recorder(0, means=False)
    for root in range(roots):
        provoke(state.handle, root % 200, 200 + root * 7 % 200, root)
        if root % 8 == 7:
            reprisal_days(state.handle, 7)
            recorder.take_events(state.world)
            make_room(state)
    for _ in range(60):
        reprisal_days(state.handle, 7)
        recorder.take_events(state.world)
        make_room(state)
    events = recorder.all_events()
    shots = events[events["kind"] == E_SHOOTING]
    key = {int(k): i for i, k in enumerate(shots["key"])}
    root_of, depth, delay = {}, {}, []
    for shot in shots:  # in order of days: a parent comes first
        own, cause = int(shot["key"]), int(shot["cause"])
        if cause == 0:
            root_of[own], depth[own] = own, 0
            continue
        root_of[own], depth[own] = root_of[cause], depth[cause] + 1
        delay.append(int(shot["day"]) - int(shots["day"][key[cause]]))
    assert (shots["part"][shots["cause"] != 0] == PART_RETALIATION).all()
    sizes = np.unique(list(root_of.values()), return_counts=True)[1]
    depths = np.zeros(roots, dtype=np.int64)
    place = {r: k for k, r in enumerate(sorted(set(root_of.values())))}
    for own, root in root_of.items():
        depths[place[root]] = max(depths[place[root]], depth[own])
    assert sizes.size == roots
    return sizes, depths, np.array(delay)


def borel(n: float, most: int) -> np.ndarray:
    """P(size = k), k = 1..most, of the total progeny with Poisson(n) offspring (Borel 1942)."""
    k = np.arange(1, most + 1)
    from scipy.special import gammaln

    return np.exp(-n * k + (k - 1) * np.log(n * k) - gammaln(k + 1))


@pytest.mark.parametrize("n", [0.3, 0.6, 0.85])
def test_reprisals_alone_are_a_branching_process(n: float) -> None:
    roots = 1600
    sizes, depths, _ = families(n, roots)
    mean, variance = 1.0 / (1.0 - n), n / (1.0 - n) ** 3
    assert abs(sizes.mean() - mean) < 4.0 * np.sqrt(variance / roots)
    chance = borel(n, 60)
    cut = int((roots * chance > 8.0).sum())
    seen = np.append(np.bincount(np.minimum(sizes, cut + 1), minlength=cut + 2)[1 : cut + 1], 0)
    seen[-1] = roots - seen.sum()
    want = np.append(chance[:cut], 1.0 - chance[:cut].sum()) * roots
    assert stats.chisquare(seen, want).pvalue > 1e-3
    # how deep: P(depth < g) is the g-th iterate of the generating function at 0
    q = 0.0
    for g in range(1, 5):
        q = np.exp(n * (q - 1.0))
        got = (depths < g).mean()
        assert abs(got - q) < 4.0 * np.sqrt(q * (1.0 - q) / roots)


def test_delays_of_reprisals_are_whole_days_of_an_exponential() -> None:
    _, _, delay = families(0.7, 1200)
    mean = 1.0 + 1.0 / (np.exp(1.0 / 2.0) - 1.0)  # 1 + floor(2 E)
    assert delay.min() == 1
    assert abs(delay.mean() - mean) < 4.0 * delay.std() / np.sqrt(delay.size)


def test_no_cascade_explodes_below_one() -> None:
    """All die out, near one too; at one half the largest of many stays small."""
    sizes, _, _ = families(0.5, 3000, seed=3)
    assert sizes.max() < 40  # P(size >= 40) is below 1e-7 for each
    assert sizes.sum() == pytest.approx(6000, rel=0.1)


def test_a_grievance_of_a_dampened_side_is_thinned() -> None:
    """Restraint multiplies n: with pressure 0.5 on both gangs, 1.2 becomes 0.6."""
    state = feud(1.2)
    state.world.groups.gangs["pressure"] = 0.5
    recorder = Recorder(0, means=False)
    roots = 1000
    for root in range(roots):
        provoke(state.handle, root % 200, 200 + root * 7 % 200, root)
        reprisal_days(state.handle, 1)
        recorder.take_events(state.world)
        make_room(state)
    for _ in range(52):
        reprisal_days(state.handle, 7)
        recorder.take_events(state.world)
    shots = (recorder.all_events()["kind"] == E_SHOOTING).sum()
    assert abs(shots / roots - 2.5) < 4.0 * np.sqrt(0.6 / 0.4**3 / roots)


def test_the_dead_are_avenged_like_the_wounded() -> None:
    """Their gang is that of the day they were shot, though the dead are in none."""
    n, roots = 0.6, 60
    state = feud(n, lethality=1.0)
    for root in range(roots):
        provoke(state.handle, root, (root + 200) % 400, root)
    reprisal_days(state.handle, 400)
    events = state.world.log.events[: int(state.world.clock["events"][0])]
    shots = events[events["kind"] == E_SHOOTING]
    assert (shots["flags"] == 1).all() and np.unique(shots["target"]).size == shots.size
    assert abs(shots.size / roots - 1.0 / (1.0 - n)) < 4.0 * np.sqrt(n / (1.0 - n) ** 3 / roots)


# --- gangs: standing hatred and heat -----------------------------------------------------------


def gang_world(**parameters: float) -> State:
    state = two_gangs(calm_city())
    set_parameters(
        state.world, gang_gun=1.0, weight_rivalry=1.0, weight_inertia=1.0, reciprocity=0.0,
        rivalry_rate=0.0, inertia_rate=0.0,
    )  # fmt: skip
    set_parameters(state.world, **parameters)
    return state


def attacks_of(state: State) -> np.ndarray:
    events = state.world.log.events[: int(state.world.clock["events"][0])]
    return events[events["kind"] == E_GUNFIRE]


def test_standing_rivalry_alone_is_poisson_by_dyad() -> None:
    state = gang_world(rivalry_rate=60.0)
    state.world.groups.dyads["standing"] = [1.0, 0.4]
    days = 5 * 364
    heat_days(state.handle, days)
    found = attacks_of(state)
    weights = weights_of(state, GANG_ATTACK)
    for dyad, standing in enumerate((1.0, 0.4)):
        seen = (found["actor_gang"] == dyad).sum()
        want = 60.0 * standing * weights[dyad] * days / 365.0
        assert abs(seen - want) < 4.0 * np.sqrt(want)
    assert (found["part"] == PART_RIVALRY).all() and (found["cause"] == 0).all()
    weekly = np.bincount(found["day"] // 7, minlength=days // 7)
    assert abs(weekly.var() / weekly.mean() - 1.0) < 4.5 * np.sqrt(2.0 / weekly.size)


def test_heat_alone_is_self_exciting_with_a_known_branching_ratio() -> None:
    """Each attack leaves heat 1 that halves in h days: n = rate x sum of 2**(-d / h) over days."""
    rate, half_life, every, roots = 6.0, 20.0, 3, 900
    state = gang_world(inertia_rate=rate, heat_half_life=half_life)
    weights = weights_of(state, GANG_ATTACK)
    assert np.allclose(weights, 1.0)
    n = rate / 365.0 / (2.0 ** (1.0 / half_life) - 1.0)
    assert 0.4 < n < 0.6
    for root in range(roots):
        provoke(state.handle, root % 200, 200 + root % 200, root)
        heat_days(state.handle, every)
    heat_days(state.handle, 300)
    found = attacks_of(state)
    mean, variance = roots / (1.0 - n), roots * n / (1.0 - n) ** 3
    assert abs(found.size - mean) < 4.0 * np.sqrt(variance)
    inertia = found[found["part"] == PART_INERTIA]
    assert inertia.size == found.size - roots
    # causes are drawn by what each earlier attack left: the mean delay is that of the kernel
    day = dict(zip(found["key"].tolist(), found["day"].tolist(), strict=True))
    delay = np.array([d - day[c] for d, c in zip(inertia["day"], inertia["cause"], strict=True)])
    left = 2.0 ** (-np.arange(1, 400) / half_life)
    expected = (np.arange(1, 400) * left).sum() / left.sum()
    # what is put down to heat until its kept cause is replaced shares that cause, so the number of
    # different causes, not of attacks, says how sure the mean is
    causes = np.unique(inertia["cause"]).size
    assert causes > 50
    assert abs(delay.mean() - expected) < 3.0 * delay.std() / np.sqrt(causes)
