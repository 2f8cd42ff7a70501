"""peel bench: what it measures is there and makes sense (speeds themselves are never asserted)."""

import json
import sys

import pytest

import sim.run  # noqa: F401
from experiments.bench import (
    bench,
    plain_mesa_seconds_per_agent_day,
    replicates_seconds,
)
from experiments.bench_growth import growth, slope, weeks_of
from experiments.bench_machine import hops
from experiments.bench_starts import starts
from experiments.plain_mesa import City
from sim.errors import RunFailed


def test_bench_gives_every_figure() -> None:
    said: list[str] = []
    figures = bench("synthetic:500", years=0.1, repeats=2, say=said.append)
    assert figures["resident_days_per_second"] > 0 and figures["mesa_ratio"] > 1
    assert len(figures["seconds_each"]) == 2 and figures["peak_rss_mb"] > 50
    assert any("per resident-day" in line for line in said)


@pytest.mark.parametrize("what", [[], ["--policies"], ["--comparison"]])
def test_an_unknown_city_is_refused_before_anything_is_compiled(peel, monkeypatch, what) -> None:
    run = sys.modules["sim.run"]  # `sim.run` by name is the function
    monkeypatch.setattr(run, "warm", lambda: pytest.fail("compiled for a city that isn't there"))
    monkeypatch.setattr(run, "burn_in", lambda *_: pytest.fail("burnt in one, too"))
    said = peel("bench", "--city", "nope", *what)
    assert said.code == 2 and said.out == "" and "nope" in said.err


def test_plain_model_lives() -> None:
    city = City(residents=300, seed=3)
    before = [a.fairness for a in city.agents if hasattr(a, "fairness")]
    for _ in range(60):
        city.step()
    after = [a.fairness for a in city.agents if hasattr(a, "fairness")]
    assert before != after, "contacts and talk must move beliefs"
    assert plain_mesa_seconds_per_agent_day(agents=200, days=2) > 0


def test_growth_and_replicates_are_measured() -> None:
    said: list[str] = []
    found = growth(said.append, sizes=(400, 800, 10**12), rounds=2)
    assert [n for n, _ in found["ns_by_residents"]] == pytest.approx([400, 800], rel=0.05)
    assert found["left_out"] == [10**12] and found["exponent"] is None
    assert sum(line.startswith("round") for line in said) == 2
    said.clear()
    nothing = growth(said.append, sizes=(10**12,), rounds=2)
    assert nothing["ns_by_residents"] == nothing["exponents"] == [] and len(said) == 1
    assert slope([(1000, 5.0), (4000, 10.0)]) == pytest.approx(1.5)
    many = replicates_seconds(said.append, count=2, city="synthetic:400", years=0.1, workers=1)
    assert many["shared_city"]["count"] == 2 and many["own_city"]["count"] == 1
    assert all(many[k]["run_cpu_seconds"] > 0 for k in ("shared_city", "own_city"))


def test_the_cost_of_policies_is_measured_side_by_side(peel) -> None:
    said = peel("bench", "--policies", "--city", "synthetic:1000", "--repeats", 2, "--years", 0.2,
                "--json")  # fmt: skip
    figures = json.loads(said.out)
    assert figures["policies"] >= 60 and figures["weeks"] == 8 and figures["years"] == 0.2
    assert figures["weeks_ratio"] > 1
    assert figures["all_run_seconds"] > 0 and figures["none_run_seconds"] > 0
    assert figures["policies_ratio"] == figures["all_run_seconds"] / figures["none_run_seconds"]
    assert said.err.count("times") == 2


def test_a_setting_without_meaning_is_refused(peel) -> None:
    said = peel("bench", "--city", "synthetic:1000", "--replicates", 2)
    assert said.code == 2 and "--comparison" in said.err


def test_a_comparison_and_its_report_are_timed(peel) -> None:
    said = peel(
        "bench", "--comparison", "--city", "synthetic:1000", "--replicates", 2, "--years", 0.5,
        "--workers", 1, "--json",
    )  # fmt: skip
    figures = json.loads(said.out)
    assert (figures["arms"], figures["replicates"], figures["workers"]) == (3, 2, 1)
    assert figures["seconds"] > 0 and figures["report_cpu_seconds"] > 0
    assert 0.1 < figures["report_mb"] < 5 and "3 arms x 2 seeds x 0.5 years" in said.err


@pytest.mark.long
def test_what_people_wait_for_is_measured() -> None:
    said: list[str] = []
    found = starts(said.append, city="synthetic:500", years=0.1, again=1)
    assert found["cold"]["cpu_seconds"] > 3 * found["warm"]["cpu_seconds"] > 0
    assert 0 < found["help"]["wall_seconds"] < found["warm"]["wall_seconds"]
    assert [line.rpartition(", ")[0].rpartition(":")[0].split(", ")[-1] for line in said] == [
        "cold", "warm", "help"
    ]  # fmt: skip


def test_a_command_that_fails_is_not_timed() -> None:
    with pytest.raises(RunFailed, match="nope"):
        starts(print, city="nope", years=0.1, again=1)


def test_a_random_record_is_timed_in_tables_that_fit() -> None:
    rows = hops(lambda _: None, sizes=(100, 200, 10**12), rounds=2)
    assert [n for n, _ in rows] == [100, 200] and all(ns > 0 for _, ns in rows)


def test_the_exponent_of_growth_is_the_middle_one_of_rounds_that_time_all_cities(
    monkeypatch,
) -> None:
    """Three rounds, the second of them in a slow minute: it has an exponent of its own, and no more."""
    from experiments import bench_growth

    costs = {500_000: iter([2.0, 6.0, 2.0]), 1_000_000: iter([3.0, 6.0, 2.0])}
    monkeypatch.setattr(bench_growth, "_settled", lambda size, rounds: size)
    monkeypatch.setattr(bench_growth, "_residents", lambda size: size)
    monkeypatch.setattr(bench_growth, "_live", lambda size: next(costs[size]))
    found = bench_growth.growth(lambda _: None, sizes=(500_000, 1_000_000), rounds=3)
    assert found["exponents"] == pytest.approx([1.585, 1.0, 1.0], abs=1e-3)
    assert found["exponent"] == pytest.approx(1.0)
    assert found["ns_by_residents"] == [[500_000, 2.0], [1_000_000, 3.0]]
    assert weeks_of(20_000) == weeks_of(1_000_000) == 26 and weeks_of(10_000_000) == 4
