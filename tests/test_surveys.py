"""What studies would collect from a run: it is complete, changes nothing, and says what is so."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.residents import GUN, RECORDED
from sim.run import burn_in, run
from sim.scenario import Scenario
from sim.surveys import YOUNGEST, Notes, begin_notes, notes_of

TABLES = ("survey", "victimisations", "officers", "dyads", "ties", "drivers")


@pytest.fixture(scope="module")
def pair():  # type: ignore[no-untyped-def]
    """The same 400 days with notes and without."""
    scenario = Scenario(city="synthetic:3000", years=400 / 365, burn_in_years=0.3)
    burnt = burn_in(scenario, 3)
    noted = run(scenario, 3, burnt=burnt, setup=begin_notes)
    return noted, run(scenario, 3, burnt=burnt)


def test_taking_notes_and_asking_change_nothing(pair) -> None:  # type: ignore[no-untyped-def]
    noted, plain = pair
    before = noted.state.world.people.residents.copy()
    for name in TABLES:
        assert len(getattr(noted, name)), name
    assert np.array_equal(noted.state.world.people.residents, before)
    assert noted.event_log_hash == plain.event_log_hash
    assert noted.survey.equals(plain.survey)
    assert noted.victimisations.equals(plain.victimisations)


def test_the_survey_agrees_with_the_world(pair) -> None:  # type: ignore[no-untyped-def]
    result, _ = pair
    asked = result.survey
    residents = result.state.world.people.residents
    assert asked.age.min() >= YOUNGEST and asked.weight.eq(1.0).all()
    assert asked[["legitimacy", "fear"]].stack().between(0.0, 1.0).all()
    adults = result.groups[result.groups.week == result.groups.week.max()]
    mean = (adults.legitimacy * adults.population).sum() / adults.population.sum()
    assert asked.legitimacy.mean() == pytest.approx(mean, abs=0.02)
    # only owners carry, and whoever carries today has carried before, up to the two draws
    owners = int((residents["flags"] & GUN > 0).sum())
    assert 0 < asked.carrying.sum() <= asked.ever_carried.sum() <= owners


def test_reported_follows_the_models_own_probability(pair) -> None:  # type: ignore[no-untyped-def]
    sample = pair[0].victimisations
    assert sample.reported.mean() == pytest.approx(sample.chance.mean(), abs=0.05)
    by_kind = sample.groupby("kind").chance.mean()
    assert by_kind["robbery"] > by_kind["simple assault"]
    assert set(sample.kind[sample.serious]) <= {"robbery", "serious assault", "sexual"}


def test_notes_are_of_each_years_start(pair) -> None:  # type: ignore[no-untyped-def]
    noted, plain = pair
    notes = notes_of(noted)
    assert isinstance(notes, Notes) and len(notes.drivers) == 2
    assert [day for day, _, _ in notes.recorded] == [0, 364]
    assert set(noted.drivers.year) == {0, 1} and set(plain.drivers.year) == {0}
    first = [r.drivers[r.drivers.year == 0].person.tolist() for r in pair]
    assert first[0] == first[1]


def test_ties_name_people_in_the_record(pair) -> None:  # type: ignore[no-untyped-def]
    noted, plain = pair
    people = noted.state.world.people
    inside = people.lives["key"][people.residents["flags"] & RECORDED > 0]
    named = np.unique(noted.ties[["a", "b"]].to_numpy())
    assert np.isin(named, inside).mean() > 0.8  # the others have died or left
    assert not noted.ties.duplicated(["a", "b"]).any()
    assert set(map(tuple, plain.ties[["a", "b"]].to_numpy())) <= set(
        map(tuple, noted.ties[["a", "b"]].to_numpy())
    )


def test_a_run_read_from_disk_has_no_such_tables(pair, tmp_path) -> None:  # type: ignore[no-untyped-def]
    from sim.results import RunResult

    pair[1].save(tmp_path)
    with pytest.raises(AttributeError, match="in memory"):
        _ = RunResult.load(tmp_path).survey
