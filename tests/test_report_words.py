"""Sentences and numbers of the report."""

import doctest
import math
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from experiments import compare_cli
from experiments.compare_cli import headline_lines
from experiments.comparison import Row
from experiments.outcomes import describe
from experiments.statistics import paired
from sim.scenario import PolicyEntry, Scenario
from viz.figures import mark_starts
from viz.report import headlines, words
from viz.report.arm_words import described
from viz.report.groups import Breakdown, Part
from viz.report.uneven import who


def row(name, base, arm):
    o = describe(name)
    result = paired(np.asarray(base, float), np.asarray(arm, float), count=o.count)
    return Row("as given", "arm", o, result, True, 100_000.0)


def test_doctests():
    assert doctest.testmod(words).failed == 0


def test_clear_differences_say_fewer_or_more():
    base = np.arange(40.0, 52.0)
    less = words.finding(row("homicides", base, base - 10 + np.arange(12) % 3), "2 years")
    assert less.tone == "better" and less.lead == "Fewer homicides:"
    assert "about 9.0 fewer over 2 years" in less.rest and "−" in less.rest
    more = words.finding(row("homicides", base, base + 10 + np.arange(12) % 3), "1 year")
    assert (
        more.tone == "worse" and more.lead == "More homicides:" and "more over 1 year" in more.rest
    )
    calls = words.finding(row("calls", base, base - 10 + np.arange(12) % 3), "1 year")
    assert calls.tone == "changed"


def test_clear_but_trifling_differences_say_so():
    base = np.arange(4000.0, 4012.0)
    found = words.finding(row("stops", base, base - 10 + np.arange(12) % 3), "1 year")
    assert found.lead == "Fewer stops (by less than 1 %):"


def test_levels_and_shares_say_higher_or_lower():
    base = np.linspace(0.4, 0.5, 8)
    up = words.finding(row("legitimacy", base, base + 0.02 + 0.001 * (np.arange(8) % 2)), "1 year")
    assert up.tone == "better" and "higher" in up.lead and "scale from 0 to 1" in up.rest
    up = words.finding(
        row("clearance_fatal", base, base + 0.02 + 0.001 * (np.arange(8) % 2)), "1 year"
    )
    assert "percentage points" in up.rest


def test_an_unclear_difference_of_a_level_says_its_scale_and_that_it_is_small():
    base = np.linspace(0.6, 0.61, 6)
    shift = np.array([3, -3, 2, -2, 1, -1.5])
    small = words.finding(row("legitimacy", base, base + 1e-4 * shift), "1 year")
    assert (
        small.tone == "unclear" and "on a scale from 0 to 1, less than 1 % either way" in small.rest
    )
    large = words.finding(row("legitimacy", base, base + 0.01 * shift), "1 year")
    assert "on a scale from 0 to 1" in large.rest and "either way" not in large.rest


def test_the_terminal_has_no_powers_of_ten_and_says_what_is_trifling():
    base, shift = np.linspace(0.6, 0.61, 6), 0.1 * (np.arange(6) % 2)
    lines = headline_lines([row("legitimacy", base, base + 1e-5 * (1 + shift))])
    assert "+0.000010 (+0.000010 to +0.000011)" in lines[1] and lines[1].endswith(
        "better (by less than 1 %)"
    )
    assert doctest.testmod(compare_cli).failed == 0


def test_an_arm_without_words_of_its_own_tells_its_parameters_in_words():
    told = described(Scenario(city="village", parameters={"programme_budget": 12}))
    assert told.startswith(
        "No policy. Parameters changed: what all programmes together may plan to spend"
    )
    assert told.endswith(": 12 dollars per resident and year, by default 10000 (programme_budget).")
    several = dict.fromkeys(
        ("stop_rate", "carry_local", "gang_growth", "stress_style", "driver_share"), 0.1
    )
    several["driver_share"] = 0.002
    told = described(Scenario(city="village", parameters=several))
    assert (
        told
        == "No policy. Parameters changed: carry_local, driver_share, gang_growth, stop_rate and stress_style."
    )


def test_an_arm_without_words_of_its_own_tells_dates_and_dose():
    entries = (
        PolicyEntry("gang_fellowship", {"start": 59, "end": 608, "dose": 0.8}),
        PolicyEntry("body_cameras", {"start": -31}),
        PolicyEntry("greening", {"end": 730}),
    )
    told = described(Scenario(city="village", years=2, policies=entries))
    assert told == (
        "With gang fellowship (from 1 Mar 2025, until 1 Sep 2026, dose 0.8), "
        "body cameras (from 1 Dec 2024) and greening."
    )


def test_marks_that_fall_close_together_do_not_lie_over_each_other():
    figure = Figure(figsize=(4.6, 3.0))
    ax = figure.subplots()
    ax.set_xlim(0.0, 2.0)
    long = "procedural justice training"
    starts = [(59.0, "gang fellowship starts"), (151.0, f"{long} starts"), (516.0, f"{long} ends"),
              (520.0, "greening starts\ngreening ends"), (608.0, "gang fellowship ends")]  # fmt: skip
    mark_starts(ax, starts)
    FigureCanvasAgg(figure).draw()
    boxes = [words.get_window_extent() for words in ax.texts]
    assert len(boxes) == 5 and not any(a.overlaps(b) for a, b in combinations(boxes, 2))
    frame = ax.get_window_extent()
    assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 for box in boxes)


def test_who_gains_counts_what_luck_alone_would_show():
    def part(low, high):
        return Part("somebody", 1.0, 0.5, 1.0, 0.5, (low + high) / 2, low, high, 0.0)

    parts = (part(1.0, 2.0), part(-1.0, 1.0), part(0.0, 0.0))  # clear, unclear, never reached
    found = [
        Breakdown(describe(name), "arm", "group", parts, None)
        for name in ("stops", "force", "fear")
    ]
    comparison = SimpleNamespace(plan=SimpleNamespace(others=["arm"]))
    (told,) = who(comparison, found)
    assert told.startswith(
        "Arm: clearly more policing: stops (somebody) and uses of force (somebody)."
    )
    assert told.endswith(
        "Of the differences looked at here, less than one would look clear by luck alone."
    )
    (told,) = who(comparison, [])
    assert told == "Arm: no group differs clearly in harm suffered or in policing."


def test_unclear_differences_claim_no_direction():
    base = np.array([40.0, 42, 44, 41, 43, 45])
    found = words.finding(
        row("homicides", base, base + np.array([3, -3, 2, -2, 1, -1.5])), "2 years"
    )
    assert found.tone == "unclear" and "no clear difference" in found.lead
    assert "fewer to" in found.rest and "more over 2 years" in found.rest
    assert not found.lead.startswith(("Fewer", "More"))


def test_identical_and_single_pairs():
    same = words.finding(row("homicides", [4, 5], [4, 5]), "1 year")
    assert same.tone == "same" and "identical" in same.lead
    one = words.finding(row("homicides", [4], [6]), "1 year")
    assert one.tone == "unknown" and "one pair" in one.lead


@pytest.mark.parametrize(
    "x, width, text",
    [
        (0.0, None, "0"),
        (math.nan, None, "–"),
        (12345.6, None, "12,346"),
        (-3.456, 2.0, "−3.5"),
        (0.01234, 0.004, "0.0123"),
        (-0.0001, 0.5, "0"),
        (0.1, None, "0.10"),
        (250.0, 0.0, "250"),
    ],
)
def test_numbers_carry_the_digits_they_deserve(x, width, text):
    assert words.number(x, width) == text


def test_signs_and_percentages():
    assert words.number(3.0, 2.0, sign=True) == "+3.0"
    assert words.percent(0.0) == "0\u202f%" and words.percent(-0.5, sign=False) == "−50\u202f%"
    assert words.dollars(2.5e9) == "$2.5 billion" and words.dollars(12_345) == "$12,300"
    assert words.joined([]) == "" and words.joined(["a"]) == "a"


def test_a_huge_gain_by_pairing_is_a_bound_not_a_figure() -> None:
    assert headlines._times(float("nan")) == "–" and headlines._times(5.84) == "5.8"
    assert headlines._times(101_407.5) == headlines._times(float("inf")) == "over 1,000"
