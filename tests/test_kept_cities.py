"""Burnt-in cities on disk: the same life from the cache, and no damage from damaged files."""

import os

import numpy as np
import pytest

from sim import kept_cities
from sim.run import burn_in, run
from sim.scenario import PolicyEntry, Scenario
from tests.contracts.lively import differing, lively

TABLES = ("weekly", "recorded", "areas", "groups", "events", "before", "policies")


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.setenv("PEEL_CACHE_GB", "1")
    monkeypatch.setenv("PEEL_CACHE_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def scenario():
    early = PolicyEntry("gang_fellowship", {"start": -100, "ramp_weeks": 0.0})
    late = PolicyEntry("procedural_justice_training", {"start": 20})
    return lively().with_changes(years=0.3, policies=(early, late))


def same_tables(a, b):
    for name in TABLES:
        assert getattr(a, name).equals(getattr(b, name)), name
    assert a.event_log_hash == b.event_log_hash and a.summary == b.summary


def arrays(world):
    for part in world:
        yield from [part] if isinstance(part, np.ndarray) else part


def test_a_run_from_disk_is_the_same_to_the_byte(kept, scenario):
    fresh = run(scenario, 3)
    assert not fresh.burnt.from_disk
    again = run(scenario, 3)
    assert again.burnt.from_disk
    same_tables(fresh, again)
    assert fresh.burnt.identity == again.burnt.identity
    for one, other in zip(arrays(fresh.burnt.world), arrays(again.burnt.world), strict=True):
        assert type(one) is type(other) and one.dtype == other.dtype and one.shape == other.shape
        assert one.flags.writeable == other.flags.writeable
    assert differing(fresh.burnt.world, again.burnt.world) == []
    assert differing(fresh.state.world, again.state.world) == []


def test_arms_share_one_city_and_another_seed_does_not(kept, scenario):
    for arm in (scenario, scenario.with_changes(policies=scenario.policies[:1])):
        run(arm, 3)
    assert len(kept_cities.files()) == 1
    run(scenario, 4)
    assert len(kept_cities.files()) == 2


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "other"])
def test_a_damaged_file_is_ignored_and_replaced(kept, scenario, damage):
    fresh = run(scenario, 3)
    path = kept_cities.path_of(scenario, 3)
    whole = path.read_bytes()
    broken = {
        "cut": whole[: len(whole) // 2],
        "flipped": whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:],
        "empty": b"",
        "other": b"something else altogether",
    }[damage]
    path.write_bytes(broken)
    again = run(scenario, 3)
    assert not again.burnt.from_disk
    same_tables(fresh, again)
    assert kept_cities.load(path) is not None
    assert not list(kept.rglob(".*"))


def test_it_is_switched_off_and_undo_never_uses_it(tmp_path, monkeypatch, scenario):
    monkeypatch.setenv("PEEL_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("PEEL_CACHE_GB", "0")
    kept_cities.settled(scenario, 3)
    assert not list(tmp_path.iterdir())
    monkeypatch.setenv("PEEL_CACHE_GB", "1")
    kept_cities.settled(scenario, 3, suppressed=[12345])
    assert not list(tmp_path.iterdir())


def test_what_was_unused_for_longest_goes_first(kept, monkeypatch):
    tiny = Scenario(city="synthetic:400", years=0.1, burn_in_years=0.1)
    cities = [tiny.with_changes(burn_in_years=0.1 + k / 20) for k in range(3)]
    for k, city in enumerate(cities):
        kept_cities.settled(city, 1)
        os.utime(kept_cities.path_of(city, 1), (k, k))
    size = kept_cities.files()[0][1]
    assert kept_cities.settled(cities[0], 1).from_disk  # used again: now the newest
    monkeypatch.setenv("PEEL_CACHE_GB", str(2.9 * size / 1e9))
    kept_cities.prune()
    assert [kept_cities.path_of(c, 1).exists() for c in cities] == [True, False, True]


def test_a_full_disk_costs_time_and_nothing_else(kept, monkeypatch, scenario):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept_cities.os, "replace", full)
    assert not kept_cities.settled(scenario, 3).from_disk
    assert not kept_cities.files() and not list(kept.rglob(".*"))


def test_the_command_shows_and_clears(kept, peel):
    import json

    kept_cities.settled(Scenario(city="synthetic:400", years=0.1, burn_in_years=0.2), 1)
    told = json.loads(peel("cache", "--json").out)
    assert told["cities"] == 1 and told["bytes"] > 10_000 and told["limit_bytes"] == 10**9
    assert peel("cache").code == 0
    assert json.loads(peel("cache", "--clear", "--json").out)["removed"] == 1
    assert kept_cities.files() == []


def test_burning_in_itself_reads_no_disk(kept, scenario):
    kept_cities.settled(scenario, 3)
    assert not burn_in(scenario, 3).from_disk
