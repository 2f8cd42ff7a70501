"""What every metric must obey, and what `check_metric` refuses."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.errors import UserError
from sim.metrics import base as metrics
from sim.metrics import check_metric, register, registry
from sim.metrics.cascades import shooting_trees
from sim.metrics.sample import SHOOTINGS, empty, sample


@pytest.mark.parametrize("name", sorted(registry()))
def test_every_metric_keeps_the_contract(name: str) -> None:
    check_metric(registry()[name])


def value(name: str) -> float:
    return float(registry()[name]().measure(sample()))  # type: ignore[arg-type]


def test_values_that_can_be_worked_out_by_hand() -> None:
    # Week w has (w + k) % 5 of the k-th count, so every count sums to 120 in 60 weeks.
    assert value("lethality") == 1.0
    assert value("homicide_rate") == pytest.approx(1e5 * 120 * 365.25 / (7 * 60 * 10_000))
    assert value("near_home_share") == 0.5
    # Groups a and b have 1 and 2 stops where the other has them, at equal size.
    assert value("stop_disparity") == pytest.approx(2.0)
    assert value("legitimacy_gap") == pytest.approx(0.1)
    # 420 days: every third shooting is cleared ten days later, and a year's follow-up is asked.
    assert value("fatal_clearance") == pytest.approx(2 / 4)


def test_cascades_of_the_sample() -> None:
    found = shooting_trees(sample())
    # Two victims make an incident; every second incident answers the one before it.
    assert len(found.root) == SHOOTINGS // 2
    assert found.share_with_parent == pytest.approx(29 / 60)
    assert set(found.sizes) == {1, 2}
    # The cause is the second victim's row, three days before; the incident began six days before.
    assert np.nanmedian(found.delay_days) == 6.0
    assert math.isnan(shooting_trees(empty()).share_with_parent)


class Good:
    """The number of weeks."""

    name, unit = "weeks_counted", "weeks"

    def measure(self, result):  # type: ignore[no-untyped-def]
        return float(len(result.weekly))


def broken(**changes: object) -> type:
    return type("Broken", (Good,), {"__doc__": "Broken.", **changes})


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        (broken(name="Has Spaces"), "expected a lower-case word"),
        (broken(unit=None), "unit is None"),
        (broken(__doc__=""), "no docstring"),
        (broken(measure=lambda self, result: "many"), "gives str"),
        (broken(measure=lambda self, result: math.inf), "infinite"),
        (broken(measure=lambda self, result: 1 / result.events.day.sum()), "infinite|fails on"),
        (broken(measure=lambda self, result: result.nothing), "fails on a small run"),
        (broken(measure=lambda self, result: result.weekly.insert(0, "x", 1)), "fails on|changes"),
    ],
)
def test_a_broken_metric_is_refused_with_its_reason(metric: type, message: str) -> None:
    with pytest.raises(UserError, match=message):
        check_metric(metric)


def test_a_metric_that_changes_a_table_is_refused() -> None:
    def spoil(self, result):  # type: ignore[no-untyped-def]
        result.weekly["homicides"] = 0
        return 0.0

    with pytest.raises(UserError, match="changes the table weekly"):
        check_metric(broken(measure=spoil))


def test_a_name_can_be_taken_once() -> None:
    assert register(Good) is Good
    try:
        assert registry()["weeks_counted"] is Good
        with pytest.raises(UserError, match="taken"):
            register(broken())
    finally:
        del metrics._added["weeks_counted"]


def test_not_a_class() -> None:
    with pytest.raises(UserError, match="expected a class"):
        check_metric(3)  # type: ignore[arg-type]
