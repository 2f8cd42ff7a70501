"""History matching finds planted parameters, goes on where it was killed, and never doubles."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from experiments.calibration import emulate, kept, sets, waves
from experiments.calibration.emulate import Aim
from experiments.calibration.points import Reading, read_part
from experiments.calibration.space import Space, latin
from sim.errors import UserError
from sim.parameters import all_parameters

NAMES = ("lethality", "report_robbery", "season_amplitude")
TRUTH = {"lethality": 0.26, "report_robbery": 0.47, "season_amplitude": 0.27}


def response(p: Mapping[str, float]) -> dict[str, float]:
    """Six facts of three parameters, curved and crossed."""
    a, b, c = (p[name] for name in NAMES)
    return {
        "deaths": a * (1.0 + 0.3 * b),
        "calls": b**2 + 0.2 * c,
        "summer": (1.0 + c) / (1.0 - c),
        "cross": a * b * 10.0,
        "sum": a + b + c,
        "gap": b - a,
    }


@dataclass(frozen=True)
class Known:
    """The response with a little noise that is the same for the same parameters."""

    noise: float = 0.003
    stops_above: float = 9.0
    tells: tuple[str, ...] = ()
    """Facts that are told; empty: all."""

    def __call__(self, parameters: Mapping[str, float]) -> list[Reading]:
        if parameters["lethality"] > self.stops_above:
            raise RuntimeError("a hazard rose above the last layer")
        rng = np.random.default_rng(int(1e6 * sum(parameters.values())))
        out = []
        for name, value in response(parameters).items():
            if self.tells and name not in self.tells:
                continue
            got = value + rng.normal(0.0, self.noise)
            out.append(Reading(name, "", got, got - 1.6 * self.noise, got + 1.6 * self.noise))
        return out


SOME = ("deaths", "calls", "sum")
ABOUT = {"city": "none", "designs": [], "seeds": [1], "years": 1.0, "version": "0"}
AIMS = tuple(Aim(name, "", v - 0.02, v + 0.02) for name, v in response(TRUTH).items())


def settings(points: int = 24, number: int = 3, allowed: int = 0) -> waves.Settings:
    return waves.Settings(Space.of(NAMES), AIMS, number, points, allowed, 1, {"city": "none"})


def test_planted_parameters_are_found(tmp_path: Path) -> None:
    found = waves.search(settings(), Known(), tmp_path / "c")
    assert found.complete and len(found.points) == 72
    assert max(found.left) < 0.05  # both waves rule out nearly all of the space
    space = found.settings.space
    fitted = waves.emulators(found.points, found.settings)
    assert len(fitted) == 6 and min(e.skill for e in fitted) > 0.8
    truth = space.unit(TRUTH)[None, :]
    assert (
        emulate.worst(fitted, space.scaled(truth), 0)[0] < waves.CUTOFF
    )  # the truth is never ruled out
    last = np.array([p.unit for p in found.points if p.wave == 3])
    first = np.array([p.unit for p in found.points if p.wave == 1])
    near = [float(np.median(np.abs(rows - truth).max(axis=1))) for rows in (first, last)]
    assert near[1] < 0.5 * near[0]
    ensemble = sets.choose(found, 6)
    assert len(ensemble.points) >= 5
    for p in ensemble.points:
        assert p.parameters["lethality"] == pytest.approx(0.26, abs=0.03)
    # facts left out in turn pass more often in sets that the others chose
    told = [f for f in ensemble.folds if f.chosen and math.isfinite(f.rate)]
    assert told and np.mean([f.rate for f in told]) > np.mean([f.prior for f in told]) + 0.3


def test_a_killed_calibration_goes_on_and_is_the_same(tmp_path: Path) -> None:
    whole = waves.search(settings(16, 2), Known(), tmp_path / "whole")
    cut = tmp_path / "cut"
    stopped = waves.search(settings(16, 2), Known(), cut, until=0.0)
    assert not stopped.complete and not stopped.points
    waves.search(settings(16, 1), Known(), tmp_path / "one")
    with pytest.raises(UserError, match="exists already"):
        waves.search(settings(16, 2), Known(), cut)
    with pytest.raises(UserError, match=r"calibration \(other points_per_wave\)"):
        waves.search(settings(18, 2), Known(), cut, resume=True)
    again = waves.search(settings(16, 2), Known(), cut, resume=True, workers=2)
    assert [p.parameters for p in again.points] == [p.parameters for p in whole.points]
    assert [p.facts for p in again.points] == [p.facts for p in whole.points]
    part = next((cut / "points").iterdir())
    written = part.stat().st_mtime_ns
    waves.search(settings(16, 2), Known(), cut, resume=True)
    assert part.stat().st_mtime_ns == written  # nothing is run twice
    part.write_bytes(b"torn")
    with pytest.raises(UserError, match="damaged"):
        waves.search(settings(16, 2), Known(), cut, resume=True)
    assert not list(cut.rglob(".*.part"))


def test_a_search_begins_from_an_earlier_one_of_fewer_facts(tmp_path: Path) -> None:
    few = [aim for aim in AIMS if aim.fact in SOME]
    asked = waves.Settings(Space.of(NAMES), tuple(few), 2, 24, 0, 1, ABOUT)
    before = waves.search(asked, Known(tells=SOME), tmp_path / "few")
    points, about = kept.earlier_points(tmp_path / "few", asked.space, {**ABOUT, "seeds": [2]})
    assert [p.facts for p in points] == [p.facts for p in before.points] and about["seeds"] == [1]
    all_facts = replace(settings(16, 2), earlier=points, about=ABOUT)
    found = waves.search(all_facts, Known(), tmp_path / "all")
    assert len(found.points) == 32, "earlier points teach, and are no sets of this search"
    first = [p for p in found.points if p.wave == 1]
    assert first[0].parameters == {n: all_parameters()[n].default for n in NAMES}
    ranked = [points[i].parameters for i in waves.best(points, all_facts.aims)]
    assert [p.parameters for p in first[1:]] == ranked[:15], "wave 1: the defaults, then the best"
    passes = [waves.passed(p.facts, all_facts.aims) for p in found.points]
    plain = [waves.passed(p.facts, AIMS) for p in before.points if p.wave == 1]
    assert np.mean(passes) > np.mean(plain) + 1.0
    # left-out facts are held against points over the whole prior, which wave 1 is not
    for fold in sets.choose(found, 4).folds:
        told = [f for f in fold.left_out if f in SOME]
        assert fold.unheld == tuple(f for f in fold.left_out if f not in SOME)
        drawn = [sum(inside(p, f) for p in points if p.wave == 1) for f in told]
        if told:
            assert fold.prior == pytest.approx(sum(drawn) / (24 * len(told)))
        else:
            assert math.isnan(fold.prior) and math.isnan(fold.rate)
    with pytest.raises(UserError, match=r"other --from\)"):  # it is part of what identifies it
        waves.search(settings(16, 2), Known(), tmp_path / "all", resume=True)
    with pytest.raises(UserError, match="its parameters or their ranges are others \\(lethality"):
        kept.earlier_points(tmp_path / "few", Space.of(NAMES[1:]), ABOUT)
    with pytest.raises(UserError, match="holds no calibration"):
        kept.earlier_points(tmp_path, asked.space, ABOUT)
    with pytest.raises(UserError, match=r"version .0., here .9."):
        kept.earlier_points(tmp_path / "few", asked.space, {**ABOUT, "version": "9"})
    with pytest.raises(UserError, match="stand for the prior"):
        kept.earlier_points(tmp_path / "all", asked.space, {})
    many = replace(all_facts, points=60)
    with pytest.raises(UserError, match="expected at least 59"):
        waves.search(many, Known(), tmp_path / "many")
    torn = next((tmp_path / "few" / "waves").iterdir())
    torn.write_bytes(b"torn")
    with pytest.raises(UserError, match="damaged"):
        kept.earlier_points(tmp_path / "few", asked.space, ABOUT)


def inside(point: kept.Point, fact: str) -> bool:
    """Does the fact pass there?"""
    rows = [r for r in point.facts if r.fact == fact]
    (aim,) = (a for a in AIMS if a.fact == fact)
    return bool(rows) and aim.low <= rows[0].value <= aim.high


def test_how_many_facts_may_fail_may_be_set_anew(tmp_path: Path) -> None:
    strict = waves.search(settings(16, 2), Known(), tmp_path / "strict")
    waves.search(settings(16, 1), Known(), tmp_path / "c")
    looser = waves.search(settings(16, 2, allowed=2), Known(), tmp_path / "c", resume=True)
    assert [p.facts for p in looser.points[:16]] == [p.facts for p in strict.points[:16]]
    assert [p.facts for p in looser.points[16:]] != [p.facts for p in strict.points[16:]]


def test_points_are_ranked_by_facts_then_by_how_far_they_miss() -> None:
    aims = (Aim("a", "", 0.0, 1.0), Aim("b", "", 0.0, 1.0))

    def point(a: float, b: float) -> kept.Point:
        rows = [Reading(n, "", v, v - 0.1645, v + 0.1645) for n, v in (("a", a), ("b", b))]
        return kept.Point(1, 1, {}, np.zeros(1), rows)

    points = [point(0.5, 3.0), point(0.5, 1.5), point(2.0, 2.0), point(0.5, 0.5)]
    assert waves.missed(points[3].facts, aims) == 0.0
    assert waves.missed(points[1].facts, aims) == 9.0, "five standard errors count as three"
    near = point(0.5, 1.2)
    assert waves.missed(near.facts, aims) == pytest.approx(4.0)
    assert waves.missed([], aims) == 18.0, "what is not told is as far as can be"
    assert waves.best([points[1], near], aims) == [1, 0]


def test_sets_that_stop_are_kept_with_the_reason(tmp_path: Path) -> None:
    found = waves.search(settings(16, 1), Known(stops_above=0.23), tmp_path / "c")
    failed = [p for p in found.points if p.failed]
    assert 3 <= len(failed) <= 12 and "hazard" in failed[0].failed
    rows, why = read_part(next((tmp_path / "c/points").glob(f"*-{failed[0].place:04d}.parquet")))
    assert rows == [] and "hazard" in why


def test_ensemble_is_written_only_when_enough_fit(tmp_path: Path) -> None:
    read = pytest.importorskip("experiments.ensemble").read  # the reader that a comparison uses
    folder = tmp_path / "c"
    found = waves.search(settings(20, 2), Known(), folder)
    ensemble = sets.choose(found, 5)
    assert sets.write(folder, found, ensemble, 1_000, {"city": "none"}) is None
    assert not (folder / "ensemble.csv").exists()
    path = sets.write(folder, found, ensemble, 3, {"city": "none"})
    assert path is not None
    draws = read(path)
    assert len(draws) == len(ensemble.points) >= 3
    assert draws[0].parameters == ensemble.points[0].parameters
    record = json.loads((folder / "provenance.json").read_text())
    assert record["ensemble"] and record["sets"] == len(draws) and record["city"] == "none"
    assert "CC BY-NC-SA" in record["licence"] and len(record["left_out_in_turn"]) == 5


def test_priors_are_the_declared_ranges() -> None:
    space = Space.of(("dispute_rate", "season_amplitude"))
    for row in space.at(latin(2, 200, 1)):
        assert 500 <= row["dispute_rate"] <= 20_000 and 0.05 <= row["season_amplitude"] <= 0.35
    middle = space.at(np.full((1, 2), 0.5))[0]
    known = all_parameters()
    assert middle == {name: known[name].default for name in space.names}
    points = latin(2, 50, 3)
    again = np.array([space.unit(row) for row in space.at(points)])
    assert space.scaled(points)[:, 1] == pytest.approx(
        [(row["season_amplitude"] - 0.05) / 0.30 for row in space.at(points)], abs=1e-3
    )
    assert again == pytest.approx(points, abs=1e-3)  # what a place's values are places them again
    with pytest.raises(UserError, match="did you mean 'dispute_rate'"):
        Space.of(("dispute_rat",))


def test_an_open_side_rules_nothing_out() -> None:
    aim = Aim("f", "p", 1.0, None)
    assert aim.outside(np.array([0.5, 1.0, 99.0])).tolist() == [0.5, 0.0, 0.0]


def test_levels_that_range_widely_are_told_as_logs() -> None:
    rng = np.random.default_rng(2)
    unit = rng.uniform(size=(40, 2))
    values = np.exp(8.0 * unit[:, 0])  # 1 to 3,000: most points lie far outside the aim
    aim = Aim("level", "homicides", 10.0, 60.0)
    one = emulate.fit(aim, unit, values)
    assert one is not None and one.logged and one.skill > 0.95
    inside = np.array([[math.log(25.0) / 8.0, 0.5]])
    outside = np.array([[math.log(500.0) / 8.0, 0.5]])
    assert one.implausibility(inside)[0] == 0.0 and one.implausibility(outside)[0] > 3.0
    signed = emulate.fit(Aim("trend", "", -0.05, 0.05), unit, values - 100.0)
    assert signed is not None and not signed.logged


def test_chance_of_passing_counts_facts() -> None:
    """Three facts, of which one is sure, one is even, and one without emulator passes one in five."""
    rng = np.random.default_rng(5)
    unit = rng.uniform(size=(60, 1))
    sure = emulate.fit(Aim("sure", "", -9.0, 9.0), unit, unit[:, 0])
    even = emulate.fit(Aim("even", "", None, 0.5), unit, unit[:, 0] + rng.normal(0, 0.05, 60))
    assert sure is not None and even is not None
    at = np.array([[0.5], [0.05]])
    rates = {"sure": 0.0, "even": 0.0, "none": 0.2}  # emulators speak where there is one
    one, two, three = (emulate.chance([sure, even], at, rates, n) for n in (1, 2, 3))
    assert one == pytest.approx([1.0, 1.0], abs=1e-3)
    assert two == pytest.approx([0.6, 1.0], abs=0.15)
    assert three == pytest.approx([0.1, 0.2], abs=0.04)


def test_sets_that_miss_less_weigh_more_and_no_few_of_them_are_all() -> None:
    far = [0.0, 1.0, 4.0, 9.0, 30.0, 30.0, 60.0, 60.0]
    weights, temper = sets.weighed(far)
    assert np.mean(weights) == pytest.approx(1.0)
    assert all(a >= b for a, b in pairwise(weights)) and weights[0] > weights[3] > weights[7] > 0.0
    worth = sum(weights) ** 2 / sum(w * w for w in weights)
    assert worth == pytest.approx(4.0, rel=1e-6) and temper > 1.0  # half of eight
    one, other = math.log(weights[0] / weights[3]), math.log(weights[3] / weights[4])
    assert one / other == pytest.approx(9.0 / 21.0)  # exponential in how far they miss
    narrow, unchanged = sets.weighed([0.0, 0.1, 0.2, 0.3])
    assert unchanged == 1.0 and narrow[0] / narrow[2] == pytest.approx(math.exp(0.1))
    assert sets.weighed([]) == ([], 1.0)
    values = np.array([1.0, 2.0, 3.0, 4.0])
    assert sets.quantile(values, np.ones(4), 0.5) == 2.0
    assert sets.quantile(values, np.array([0.0, 0.1, 0.1, 0.8]), 0.5) == 4.0
