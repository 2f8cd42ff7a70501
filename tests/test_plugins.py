"""Plug-ins: loaded whole or not at all, part of a run's identity, and as exact as the rest."""

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path

import pytest

import sim.metrics
import sim.policies
from sim import Model, plugins
from sim.errors import UserError
from sim.run import burn_in, run
from sim.scenario import PolicyEntry, Scenario

CITY = Scenario(
    city="synthetic:3000", years=0.5, burn_in_years=0.5,
    parameters={"retaliation": 8, "retaliation_nongang": 1, "dispute_rate": 20000,
                "hit_share": 0.5, "avenger_gun": 0.9},
)  # fmt: skip


@pytest.fixture(scope="module")
def plain():
    return run(CITY, seed=1)


@pytest.fixture
def outreach(root):
    with plugins.using(root / "examples" / "street_outreach.py") as plugin:
        yield plugin


@pytest.fixture
def scenario(outreach) -> Scenario:
    entry = PolicyEntry("street_outreach", {"places_per_100k": 2000.0, "start": -60})
    return CITY.with_changes(policies=(entry,))


def test_the_example_adds_all_four_kinds(outreach) -> None:
    assert outreach.added == {
        "processes": ("street_outreach",), "agent_types": ("OutreachWorker",),
        "policies": ("street_outreach",), "metrics": ("reached_before_shot",),
    }  # fmt: skip
    assert "street_outreach" in sim.policies.registry()
    assert "reached_before_shot" in sim.metrics.registry()


def test_it_does_something_and_is_measured(scenario, plain) -> None:
    result = run(scenario, seed=1)
    kinds = result.events["kind"].value_counts()
    assert kinds["enrolment"] > 0 and result.event_log_hash != plain.event_log_hash
    team = result.state.own["street_outreach"]["street_outreach"]
    assert team["bonds"].size and team["bonds"]["bond"].max() > 0.3
    assert team["workers"]["visits"].sum() >= team["bonds"]["visits"].sum() > 0
    metric = sim.metrics.registry()["reached_before_shot"]
    sim.metrics.check_metric(metric)
    assert 0.0 < metric().measure(result) <= 1.0


def test_a_loaded_plugin_that_nobody_uses_changes_nothing(outreach, plain) -> None:
    assert run(CITY, seed=1).event_log_hash == plain.event_log_hash


def test_step_sizes_pickles_and_shared_burn_ins_make_no_difference(scenario) -> None:
    straight = run(scenario, seed=1).event_log_hash
    burnt = burn_in(scenario, 1)
    for step_days in (1, 5, 7):
        model = Model(scenario=scenario, seed=1, step_days=step_days, burn_in=burnt)
        while model.running:
            model.step()
            if model.steps == 4:
                model = pickle.loads(pickle.dumps(model))
        assert model.event_log_hash == straight
    assert run(scenario, seed=1, burnt=burnt).event_log_hash == straight


def test_its_agents_are_seen_in_mesa(scenario) -> None:
    model = Model(scenario=scenario, seed=1, step_days=30)
    model.step()
    (kind,) = [k for k in model.agent_types if k.__name__ == "OutreachWorker"]
    workers = model.agents_by_type[kind]
    assert len(workers) and (workers.get("clients") > 0).all()
    assert workers[0].pos is not None and workers[0].unique_id


def test_identity_includes_the_file(root, tmp_path) -> None:
    usual = CITY.hash(1), CITY.burn_in_hash(1)
    source = (root / "examples" / "street_outreach.py").read_text(encoding="utf-8")
    seen = {usual}
    for n in range(2):
        file = tmp_path / "street_outreach.py"
        file.write_text(source + f"\n# edition {n}\n")
        with plugins.using(file):
            seen.add((CITY.hash(1), CITY.burn_in_hash(1)))
    assert len(seen) == 3 and (CITY.hash(1), CITY.burn_in_hash(1)) == usual


WEEKLY = """
from sim import plugins

@plugins.process("census", every="{every}")
def census(state):
    state.own.setdefault("census", []).append(state.day)
"""


@pytest.mark.parametrize("every", plugins.EVERY)
def test_processes_are_called_before_each_week_or_day(tmp_path, every) -> None:
    file = tmp_path / "census.py"
    file.write_text(WEEKLY.format(every=every))
    with plugins.using(file):
        city = Scenario(city="synthetic:400", years=30 / 365, burn_in_years=14 / 365)
        days = run(city, seed=1).state.own["census"]
        assert days == list(range(0, 44, 7 if every == "week" else 1))


BROKEN = {
    "syntax": ("def f(:\n", "line 1: SyntaxError"),
    "crash": ("x = 1\ny = x / 0\n", "line 2: ZeroDivisionError"),
    "exit": ("import sys\nsys.exit(3)\n", "line 2: SystemExit"),
    "taken": (
        "from sim import plugins\n@plugins.process('p')\ndef p(s): ...\nplugins.process('p')\n",
        "line 4: process 'p': the name is taken",
    ),
    "rhythm": ("from sim import plugins\nplugins.process('p', every='hour')\n", "'week' or 'day'"),
    "policy": (
        "import sim.policies as s, dataclasses\n"
        "@s.register\n@dataclasses.dataclass(frozen=True)\nclass Mine(s.Policy):\n"
        "    name = 'gang_fellowship'\n",
        "is taken",
    ),
    "missing": ("import nothing_of_that_name\n", "nothing_of_that_name"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_plugin_is_told_and_leaves_nothing(tmp_path, peel, case) -> None:
    text, words = BROKEN[case]
    file = tmp_path / "broken.py"
    file.write_text(text)
    before = plugins._registered()
    with pytest.raises(UserError) as told:
        plugins.load(file)
    assert words in str(told.value) and str(file) in str(told.value)
    assert plugins._registered() == before and "broken" not in plugins.loaded()
    said = peel("run", "synthetic:400", "--plugin", file)
    assert said.code == 2 and "Traceback" not in said.err


def test_files_that_are_none_are_told(tmp_path) -> None:
    (tmp_path / "mine.py").write_text("")
    with pytest.raises(UserError, match=r"did you mean 'mine\.py'"):
        plugins.load(tmp_path / "mien.py")
    with pytest.raises(UserError, match="no such file"):
        plugins.load(tmp_path)
    (tmp_path / "my-file.py").write_text("")
    with pytest.raises(UserError, match="can't be imported"):
        plugins.load(tmp_path / "my-file.py")


def test_another_file_of_the_name_and_a_changed_one_are_refused(tmp_path) -> None:
    file, other = tmp_path / "mine.py", tmp_path / "sub" / "mine.py"
    other.parent.mkdir()
    file.write_text("x = 1\n")
    other.write_text("x = 2\n")
    with plugins.using(file) as plugin:
        assert plugins.load(file) is plugin
        with pytest.raises(UserError, match="loaded under this name"):
            plugins.load(other)
        file.write_text("x = 3\n")
        with pytest.raises(UserError, match="start anew"):
            plugins.load(file)


def test_run_explain_and_compare_take_it(root, scenario, tmp_path, peel, outreach) -> None:
    plugins.unload("street_outreach")
    file = root / "examples" / "street_outreach.py"
    short = tmp_path / "short.toml"
    short.write_text(
        scenario.to_toml().replace('name = "synthetic:3000"', 'name = "synthetic:3000"', 1)
    )
    refused = peel("run", short, "--quiet")
    assert refused.code == 2 and "street_outreach" in refused.err
    try:
        out = tmp_path / "run"
        said = peel("run", short, "--plugin", file, "--out", out, "--json", "--quiet")
        assert said.code == 0, said.err
        about = json.loads((out / "run.json").read_text())
        assert about["plugins"] == plugins.identity() != []
        said = peel("explain", out, "shooting", "--undo", "--plugin", file, "--quiet")
        assert said.code == 0 and "one possible world" in said.out
    finally:
        plugins.load(file)


def test_workers_of_a_comparison_load_it(root, scenario, tmp_path, outreach) -> None:
    from experiments import compare

    arms = [CITY.with_changes(name="none"), scenario.with_changes(name="outreach")]
    file = str(root / "examples" / "street_outreach.py")
    kept = {}
    for workers in (1, 2):
        out = tmp_path / f"compared{workers}"
        compare(arms, replicates=2, years=0.2, workers=workers, out=out, plugins=[file])
        kept[workers] = {p.name: _log(p) for p in sorted((Path(out) / "runs").glob("*.zip"))}
    assert len(kept[1]) == 4 and kept[1] == kept[2]


def _log(path: Path) -> str:
    from experiments.kept import load

    return str(load(path).meta["event_log_hash"])


@pytest.mark.long
def test_the_example_policy_keeps_the_contract(outreach) -> None:
    sim.policies.check_policy(sim.policies.registry()["street_outreach"])


CALLS = """
import json
import operator

from sim.policies import register
from sim.policies.base import Policy
from sim import plugins


@register
class Mine(Policy):
    name = "mine"

    def own(self):
        return {}["own"]

    def library(self):
        return json.loads("no json")

    def ours(self):
        return plugins.unload("nobody")

    def deeper(self):
        return plugins._read(operator)

    def back(self):
        with plugins.using(operator):
            pass
"""


@pytest.mark.parametrize(
    ("call", "line", "raised"),
    [
        ("own", "mine.py, line 15, in own", ""),
        ("library", "mine.py, line 18, in library", ""),
        ("ours", "mine.py, line 21, in ours", "in unload"),
        ("deeper", "mine.py, line 24, in deeper", "in _read"),
        ("back", "mine.py, line 27, in back", "in load"),  # and pathlib, which our line called
    ],
)
def test_what_of_ours_a_users_line_had_called_is_told(tmp_path, call, line, raised) -> None:
    file = tmp_path / "mine.py"
    file.write_text(CALLS)
    with plugins.using(file):
        mine = sim.policies.registry()["mine"]()
        with pytest.raises(Exception) as caught:
            getattr(mine, call)()
        where, ours = plugins.blame(caught.value)
        assert where == line
        if raised:
            assert ours.startswith("sim/plugins.py, line ") and ours.endswith(raised)
            assert f"(raised by {ours}, which that line called)" in plugins.told(caught.value)
        else:
            assert ours == "" and "raised by" not in plugins.told(caught.value)
    assert plugins.blame(caught.value) == ("", "")  # nobody's own code is loaded now


WRONG_CANDIDATES = {
    "return desk.nonsense(3)": (1, "mine.py, line 16, in candidates: AttributeError"),
    "desk.move('parameter.nonsense', None, 1.0)": (1, "(raised by sim/"),
    "return 5": (2, "candidates() gave int 5; expected two arrays"),
    "rows, score = close_to_gunfire(desk, 16, 30); return rows * 0.5, score": (
        2,
        "policy wrong_here: candidates() gave (float64 of",
    ),
}


@pytest.mark.parametrize("line", WRONG_CANDIDATES)
def test_a_mistake_in_a_users_policy_is_told_with_its_place(
    tmp_path, peel, line, monkeypatch
) -> None:
    (tmp_path / "mine.py").write_text(f'''"""Wrong."""
from dataclasses import dataclass

from sim.policies import register
from sim.policies.programme import Programme, close_to_gunfire


@register
@dataclass(frozen=True)
class Wrong(Programme):
    """Wrong."""

    name, title, eligible, levers, moves = "wrong_here", "Wrong", "anybody", {{}}, {{}}
    badge, speculative, capacity, unit_cost = "none", True, "places", "$1"
    def candidates(self, desk):
        {line}
''')
    scenario = tmp_path / "s.toml"
    scenario.write_text(
        'name = "s"\n[city]\nname = "synthetic:1000"\n[run]\nyears = 0.1\nburn_in_years = 0.5\n'
        '[[policy]]\nname = "wrong_here"\nstart = 0\n'
    )
    code, text = WRONG_CANDIDATES[line]
    with plugins.using(tmp_path / "mine.py"):  # unloads it again
        said = peel("run", scenario, "--out", tmp_path / "out")
        assert said.code == code and text in said.err and "Traceback" not in said.err
        assert ("PEEL_TRACEBACK=1" in said.err) == ("raised by" in said.err)
        if code == 1:
            monkeypatch.setenv("PEEL_TRACEBACK", "1")
            with pytest.raises((AttributeError, KeyError)):
                peel("run", scenario, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_error_of_ours_keeps_its_traceback(monkeypatch, peel, tmp_path) -> None:
    monkeypatch.setattr(sys.modules["sim.run"], "run", lambda *a, **k: {}["ours"])
    with pytest.raises(KeyError, match="ours"):
        peel("run", "synthetic:1000", "--years", 0.1, "--out", tmp_path / "out")
