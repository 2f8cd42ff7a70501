"""The report in its other forms, of a single run, and scenarios taken out of a page; bad input."""

import json
import shutil

import pandas as pd
import pytest
from fake_city import FakeRunner, scenario

from experiments import cli, comparing
from experiments.comparing import compare
from sim.scenario import Scenario
from viz.figures import Picture
from viz.report import formats

TINY = """
name = "{name}"
about = "A <tiny> city & no more."
[city]
name = "synthetic:1500"
[run]
years = 0.25
burn_in_years = 0.3
headlines = ["homicides", "legitimacy", "stops"]
{more}
"""
FELLOWS = '[[policy]]\nname = "gang_fellowship"\nstart = 42\nplaces_per_100k = 900.0\n'


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """A comparison by the engine itself, of two tiny arms, two seeds each."""
    folder = tmp_path_factory.mktemp("real")
    for name, more in (("as is", ""), ("with fellows", FELLOWS)):
        (folder / f"{name}.toml").write_text(TINY.format(name=name, more=more))
    files = [str(folder / f"{name}.toml") for name in ("as is", "with fellows")]
    result = compare(files, replicates=2, seed=7, workers=1, out=folder / "out")
    result.report()
    return result


@pytest.fixture
def quickly(monkeypatch):
    monkeypatch.setattr(Picture, "png", lambda self: b"")


def test_scenarios_taken_out_of_a_page_run_again_to_the_same_events(real, tmp_path, capsys):
    page = shutil.copy(real.folder / "report.html", tmp_path / "from the post.html")
    assert cli.main(["report", str(page), "--extract", str(tmp_path / "taken"), "--json"]) == 0
    files = json.loads(capsys.readouterr().out)["scenarios"]
    again = compare(files, replicates=2, seed=7, workers=1, out=tmp_path / "again")
    keys = ["arm", "seed", "hash", "event_log_hash"]
    before, after = (
        c.runs[keys].sort_values(["arm", "seed"]).reset_index(drop=True) for c in (real, again)
    )
    pd.testing.assert_frame_equal(before, after)
    assert len(before) == 4 and before["event_log_hash"].nunique() > 1
    assert cli.main(["report", str(page), "--extract", str(tmp_path / "taken")]) == 2
    assert "exists already" in capsys.readouterr().err


def test_the_report_of_the_engine_shows_when_the_policy_bites(real):
    text = (real.folder / "report.html").read_text(encoding="utf-8")
    time = text[text.index('id="time"') : text.index('id="places"')]
    assert "When each policy bites" in time and "weeks 7 to 13" in time
    cost = text[text.index('id="cost"') : text.index('id="grounds"')]
    assert "Hours of patrol officers" in cost and "Hours of detectives" in cost


def test_a_page_without_scenarios_is_refused(tmp_path, capsys):
    (tmp_path / "page.html").write_text("<p>nothing</p>")
    for where in (tmp_path / "page.html", tmp_path / "nowhere", tmp_path):
        assert cli.main(["report", str(where), "--extract", str(tmp_path / "out")]) == 2
    assert "Traceback" not in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_a_name_in_a_page_can_t_lead_elsewhere(tmp_path, capsys):
    toml = scenario("x").to_toml()
    (tmp_path / "page.html").write_text(f'<code data-scenario="../../evil.toml">{toml}</code>')
    out = tmp_path / "a" / "b"
    assert cli.main(["report", str(tmp_path / "page.html"), "--extract", str(out)]) == 0
    assert [p.name for p in out.iterdir()] == ["evil.toml"]
    assert Scenario.load(out / "evil.toml").hash(1) == scenario("x").hash(1)


def test_markdown_and_tables(tmp_path, quickly, capsys):
    arms = [scenario("baseline"), scenario("fellowship", about="A | bar.")]
    out = tmp_path / "out"
    compare(arms, replicates=3, workers=1, out=out, runner=FakeRunner())
    assert cli.main(["report", str(out), "--format", "md"]) == 0
    text = (out / "report.md").read_text(encoding="utf-8")
    assert "## In brief" in text and "| People shot (people) | fellowship |" in text
    assert 'name = "fellowship"' in text and "<" not in text.split("```")[0].replace("<br>", "")
    shutil.rmtree(out / "tables")
    assert cli.main(["report", str(out), "--format", "csv"]) == 0
    assert (out / "tables" / "differences.csv").exists()
    assert str(out / "tables") in capsys.readouterr().out


def test_no_browser_no_pdf(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(formats, "browser", lambda: None)
    words = ["compare", "village", "fellowship", "--format", "pdf", "--out", str(tmp_path / "o")]
    assert cli.main(words) == 2
    assert "needs Chromium" in capsys.readouterr().err and not (tmp_path / "o").exists()


@pytest.mark.long
def test_printed_by_a_real_browser(real):
    if formats.browser() is None:
        pytest.skip("no Chromium, Chrome or Edge on this machine")
    path = real.report("pdf")
    data = path.read_bytes()
    assert data.startswith(b"%PDF") and data.count(b"/Type /Page") > 5 and len(data) < 5_000_000


def test_a_single_run_has_a_report(tmp_path, capsys, quickly):
    (tmp_path / "one.toml").write_text(TINY.format(name="one", more=FELLOWS))
    run = tmp_path / "run"
    assert cli.main(["run", str(tmp_path / "one.toml"), "--out", str(run), "--quiet"]) == 0
    assert cli.main(["report", str(run), "--json"]) == 0
    capsys.readouterr()
    text = (run / "report.html").read_text(encoding="utf-8")
    assert "one possible life of the city" in text and "&lt;tiny&gt; city &amp; no more" in text
    assert "95 % interval" not in text and "gang fellowship" in text
    assert text.count("<figure>") == text.count("<desc ") >= 3
    assert (run / "tables" / "weekly.csv").exists()
    assert cli.main(["report", str(run / "report.html"), "--extract", str(tmp_path / "t")]) == 0
    (taken,) = (tmp_path / "t").iterdir()
    about = json.loads((run / "run.json").read_text())
    assert Scenario.load(taken).hash(1) == about["hash"] and about["event_log_hash"] in text
    assert cli.main(["report", str(run), "--format", "md"]) == 0
    assert "One run is one possible life" in (run / "report.md").read_text(encoding="utf-8")


def written(tmp_path, name, **changes):
    path = tmp_path / f"{name}.toml"
    path.write_text(scenario(name, **changes).to_toml())
    return str(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"city": "district"}, "differ in city"),
        ({"years": 2.0}, "differ in years"),
        ({"burn_in_years": 1.0}, "differ in burn_in_years"),
    ],
)
def test_arms_that_can_t_be_compared(tmp_path, capsys, change, said):
    files = [written(tmp_path, "baseline"), written(tmp_path, "other", **change)]
    out = tmp_path / "out"
    assert cli.main(["compare", *files, "--out", str(out)]) == 2
    told = capsys.readouterr().err
    assert said in told and "Traceback" not in told and not out.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--baseline", "nobody"], "not among the arms"),
        (["--replicates", "0"], "not a whole number from 1"),
        (["--uncertainty", "sometimes"], "expected run, parameters, hypotheses or all"),
        (["--uncertainty", "parameters", "--draws", "1"], "--draws 1"),
        (["--uncertainty", "parameters", "--ensemble", "none.csv"], "no such file"),
        (["--format", "docx"], "invalid choice"),
        (["--precision", "tight"], "expected WIDTH:OUTCOME"),
        (["--hypotheses", "weather"], "is none"),
    ],
)
def test_options_that_make_no_sense(tmp_path, capsys, words, said):
    files = [written(tmp_path, "baseline"), written(tmp_path, "other")]
    out = tmp_path / "out"
    try:
        code = cli.main(["compare", *files, *words, "--out", str(out)])
    except SystemExit as end:
        code = end.code
    told = capsys.readouterr().err
    assert code == 2 and said in told and "Traceback" not in told and not out.exists()


def test_an_arm_given_twice(tmp_path, capsys):
    file = written(tmp_path, "baseline")
    assert cli.main(["compare", file, file]) == 2
    assert "two arms are called 'baseline'" in capsys.readouterr().err
    assert cli.main(["compare", file]) == 2
    assert "at least 2" in capsys.readouterr().err


def test_half_written_folders(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(comparing, "Engine", FakeRunner)
    arms = [scenario("baseline"), scenario("fellowship")]
    out = tmp_path / "out"
    compare(arms, replicates=2, workers=1, out=out, runner=FakeRunner())
    whole = (out / "compare.json").read_text()
    runs = sorted((out / "runs").iterdir())
    runs[0].write_bytes(runs[0].read_bytes()[:100])
    assert cli.main(["report", str(out)]) == 2
    assert "not a finished run" in capsys.readouterr().err
    for path in runs:
        path.unlink()
    assert cli.main(["report", str(out)]) == 2
    assert "half-written" in capsys.readouterr().err
    (out / "compare.json").write_text(whole[: len(whole) // 2])
    assert cli.main(["report", str(out)]) == 2
    assert "damaged" in capsys.readouterr().err
    (out / "compare.json").unlink()
    assert cli.main(["report", str(out)]) == 2
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_text("{}")
    assert cli.main(["report", str(tmp_path / "run")]) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert not (out / "report.html").exists()
