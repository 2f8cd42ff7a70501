"""Side effects: resumable, within a budget, and honest about what it does not see."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from experiments.effects import arms, findings, page, work
from experiments.effects.arms import ADDED, BASELINE, DEFAULT, ENDED, KEPT, Arm, Setup
from sim import evidence
from sim.policies import registry

SETUP = Setup("synthetic:3000", years=0.25, burn_in_years=0.25)
WORDS = ("effects", "gang_fellowship", "mass_patdowns", "--city", "synthetic:3000", "--confirm",
         "none", "--years", 0.25, "--burn-in-years", 0.25, "--rivals", "violence=rivalry",
         "--replicates", 2, "--workers", 1, "--quiet")  # fmt: skip


def parts(folder: Path) -> dict[str, str]:
    return {str(f.relative_to(folder)): f.read_text() for f in sorted(folder.rglob("*.json"))}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished table of two policies, one of them a harm, under two theories."""
    from experiments.cli import main

    folder = tmp_path_factory.mktemp("effects") / "out"
    assert main([str(w) for w in (*WORDS, "--out", folder)]) == 0
    return folder


def test_every_run_is_a_file_and_the_document_says_where_it_is_from(whole: Path) -> None:
    assert len(parts(whole)) == 5 * 2 * 2  # baseline, two added, a harm kept and ended
    text = (whole / "effects.md").read_text()
    for word in ("synthetic:3000", "2 pairs", arms.model_digest(), "mass_patdowns (ended)",
                 "violence=rivalry", "peel effects gang_fellowship"):  # fmt: skip
        assert word in text, word
    assert "--confirm none" in text and "--confirm-replicates" not in text
    assert "| gang_fellowship | synthetic:3000 |" in text


def without_timings(text: str) -> dict[str, Any]:
    return {k: v for k, v in json.loads(text).items() if not k.endswith("seconds")}


def test_what_was_stopped_is_completed_and_nothing_is_run_twice(whole: Path, peel: Any) -> None:
    before = parts(whole)
    lost = [name for name in before if "kept" in name or "gang_fellowship.added/2" in name]
    for name in lost:
        (whole / name).unlink()
    stale = next(n for n in before if "mass_patdowns.added/1" in n)
    other = {**json.loads(before[stale]), "hash": "another model's"}
    (whole / stale).write_text(json.dumps(other))
    (whole / next(n for n in before if "ended/1" in n)).write_text("{half a fi")
    text = (whole / "effects.md").read_text()
    assert peel(*WORDS, "--out", whole).code == 0
    after = parts(whole)
    assert {n: without_timings(t) for n, t in after.items()} == {
        n: without_timings(t) for n, t in before.items()
    }
    assert (whole / "effects.md").read_text() == text
    again = [n for n in after if after[n] != before[n]]
    assert all("added/1" in n or n in lost or "ended" in n or "baseline" in n for n in again)
    assert peel(*WORDS, "--out", whole).code == 0 and parts(whole) == after


def test_a_budget_of_time_stops_it_and_the_estimate_runs_next_to_nothing(
    tmp_path: Path, peel: Any
) -> None:
    said = peel(*WORDS[:-1], "--estimate", "--out", tmp_path / "a")
    assert said.code == 0 and "minutes for 2 seeds" in said.err
    assert len(parts(tmp_path / "a")) == 2 and not (tmp_path / "a" / "effects.md").exists()
    said = peel(*WORDS, "--minutes", 1e-4, "--out", tmp_path / "b")
    assert said.code == 0 and len(parts(tmp_path / "b")) == 2
    assert "not run" in (tmp_path / "b" / "effects.md").read_text()


@pytest.mark.parametrize(
    ("more", "pairs", "told"),
    [
        ((), [(13, 12), (6, 6)], "--replicates 13 --confirm-replicates 6 --burn"),
        (("--minutes", "9"), [(4, 3), (2, 0)], "--replicates 4 --confirm-replicates 2 --burn"),
        (("--confirm-replicates", "5"), [(8,)], "--replicates 8 --confirm-replicates 5 --burn"),
        ((), [(0,)], "--replicates 8 --confirm-replicates 4 --burn"),
    ],
)
def test_the_document_tells_the_whole_command_from_what_was_run(
    more: tuple[str, ...], pairs: list[tuple[int, ...]], told: str
) -> None:
    from experiments import effects_cli
    from experiments.cli import parser

    args = parser("effects").parse_args(["effects", *more])
    found = [
        [findings.Finding(Arm("mentors", ADDED), SETUP, pairs={DEFAULT: n}) for n in stage]
        for stage in pairs
    ]
    said = effects_cli._Stages(args, 1).command(found)
    assert told in said and "--minutes" not in said
    again = parser("effects").parse_args(said.split()[1:])
    assert again.city == "district" and again.confirm == "midsize" and again.rivals == "violence"


def test_json_has_every_figure(whole: Path, peel: Any) -> None:
    rows = json.loads(peel(*WORDS, "--json", "--out", whole).out)["effects"]
    assert {r["policy"] for r in rows} == {"gang_fellowship", "mass_patdowns"}
    assert {r["mode"] for r in rows} == {ADDED, ENDED}
    assert {r["outcome"] for r in rows} <= set(work.OUTCOMES) and len(rows) > 60
    stops = [r for r in rows if r["outcome"] == "stops" and r["theories"] == DEFAULT]
    by_mode = {r["mode"]: r["difference"] for r in stops if r["policy"] == "mass_patdowns"}
    assert by_mode[ADDED] > 0 > by_mode[ENDED]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("effects", "gang_felowship"), "gang_fellowship"),
        (("effects", "--rivals", "violence=rivalri"), "violence=rivalry"),
        (("effects", "--city", "vilage"), "village"),
        (("effects", "--minutes", "-3"), "above 0"),
        (("effects", "--confirm", "nowhere"), "nowhere"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_runs(
    words: tuple[str, ...], told: str, peel: Any, tmp_path: Path
) -> None:
    said = peel(*words, "--out", tmp_path / "x")
    assert said.code == 2 and told in said.err and not (tmp_path / "x").exists()


def test_each_harm_but_single_events_is_also_ended() -> None:
    every = arms.arms_of([])
    harms = {name for name, kind in registry().items() if kind.harm} - arms.EVENTS
    assert {a.policy for a in every if a.mode == ENDED} == harms
    assert {a.policy for a in every if a.mode == ADDED} == set(registry())
    kept, ended = (SETUP.scenario(Arm("arrest_quotas", m), DEFAULT) for m in (KEPT, ENDED))
    assert kept.burn_in_hash(1) == ended.burn_in_hash(1) and kept.hash(1) != ended.hash(1)
    added = SETUP.scenario(Arm("arrest_quotas", ADDED), DEFAULT)
    assert added.burn_in_hash(1) == SETUP.scenario(Arm(BASELINE, BASELINE), DEFAULT).burn_in_hash(1)


def planted(folder: Path, shift: dict[str, float], pairs: int = 8) -> findings.Finding:
    """A finding from files in which people shot move by `shift` in each world."""
    arm, base = Arm("gang_fellowship", ADDED), Arm(BASELINE, BASELINE)
    for world, by in shift.items():
        for seed in range(1, pairs + 1):
            for one, moved in ((base, 0.0), (arm, by)):
                outcomes = dict.fromkeys(work.OUTCOMES, 0.5)
                outcomes["persons_shot"] = 100.0 + (seed % 3) + moved * (1.0 + 0.1 * (seed % 2))
                outcomes["property"] = 900.0 + (seed % 4 - 1.5) * (1 if one is arm else -1)
                work.Job(SETUP, world, seed, (), str(folder))._write(
                    one,
                    work.Part(one.name, seed, work.part_hash(SETUP, one, world, seed), outcomes,
                              {"treated_arrests": (40.0 + seed % 2, 20.0 + seed % 3)}, 1e5, 3000,
                              1.0, 1.0),
                )  # fmt: skip
    return findings.finding(folder, SETUP, arm, list(shift), range(1, pairs + 1))


def test_flips_of_sign_and_of_significance_are_marked(tmp_path: Path) -> None:
    found = planted(tmp_path, {DEFAULT: -20.0, "violence=rivalry": 15.0, "violence=contagion": 0.0})
    assert found.measurable() == ["persons_shot"]
    assert found.flips("persons_shot") == [
        "sign flips under violence=rivalry", "not clear under violence=contagion",
    ]  # fmt: skip
    assert found.flips("property") == []
    text = page.page([[found]], [DEFAULT, "violence=rivalry", "violence=contagion"], "peel effects")
    assert "sign flips under violence=rivalry" in text and "**-2" in text
    quiet = planted(tmp_path / "quiet", {DEFAULT: 0.0})
    assert quiet.measurable() == []
    assert "nothing measurable" in page.page([[quiet]], [DEFAULT], "peel effects")


def test_what_was_seen_is_held_against_the_treated_and_left_standing(tmp_path: Path) -> None:
    found = planted(tmp_path, {DEFAULT: -20.0})
    row = findings.Seen("gang_fellowship", "treated_arrests", -0.2, 0.0, False, "x", ("P01",))
    assert row.verdict(found) == "DIFFERS: simulation below what was seen"
    assert findings.Seen("gang_fellowship", "treated_arrests", -0.6, -0.3, False, "x", ()).verdict(
        found
    ) == "compatible"  # fmt: skip
    assert "compare" in findings.Seen("x", "place_shot", -0.2, 0.0, False, "x", ()).verdict(found)
    known = evidence.ledger()
    for one in findings.seen():
        assert one.policy in registry() and one.low <= one.high
        assert all(ident in known for ident in one.evidence)
        assert one.figure in work.OUTCOMES or one.figure in page._TITLES


@pytest.mark.long
def test_killed_in_the_middle_it_goes_on_where_it_was(tmp_path: Path, peel: Any) -> None:
    words = [str(w) for w in WORDS if w != "--quiet"] + ["--out", str(tmp_path / "k")]
    job = subprocess.Popen([sys.executable, "-m", "experiments.cli", *words])
    deadline = time.monotonic() + 240
    while len(parts(tmp_path / "k")) < 6 and time.monotonic() < deadline and job.poll() is None:
        time.sleep(0.05)
    job.send_signal(signal.SIGKILL)
    job.wait()
    before = parts(tmp_path / "k")
    assert len(before) >= 6
    assert peel(*WORDS, "--out", tmp_path / "k").code == 0
    after = parts(tmp_path / "k")
    assert len(after) == 20
    same = [n for n in before if "baseline" not in n]
    assert all(after[n] == before[n] for n in same), "a finished run was run again"


def test_the_larger_city_has_the_last_word_only_once_it_has_pairs_enough() -> None:
    arm = Arm("greening", ADDED)

    def stages(small: int, large: int) -> list[list[findings.Finding]]:
        cities = (SETUP, Setup("synthetic:9000", 0.25, 0.25))
        return [
            [findings.Finding(arm, setup, pairs={DEFAULT: pairs})]
            for setup, pairs in zip(cities, (small, large), strict=True)
        ]

    def city(small: int, large: int) -> str:
        found = page.last_word(stages(small, large), arm)
        assert found is not None
        return found.setup.city

    assert city(8, 4) == "synthetic:9000" and city(8, 1) == "synthetic:3000"
    assert city(2, 0) == "synthetic:3000" and city(1, 2) == "synthetic:9000"
    assert page.last_word(stages(8, 4), Arm("menthol_ban", ADDED)) is None
