"""Running a sweep on this machine: whole, resumed, damaged; always the same results."""

import pytest

import experiments
from experiments.sweep import claim, design, drive, store
from experiments.sweep.compacting import compact
from sim.errors import RunFailed, UserError
from tests.sweep.fake import Fake, design_text
from tests.sweep.here import begun, end, results, run, until


def test_workers_shards_and_chunks_change_no_byte(tmp_path, asked, reference, monkeypatch):
    for n in range(3):
        run(asked, tmp_path / "shards", Fake(), shards=3, shard=n)
    assert results(tmp_path / "shards") == reference
    assert results(run(asked, tmp_path / "two", Fake(), workers=2)) == reference
    monkeypatch.setattr(drive, "MOST_IN_CHUNK", 3)
    assert results(run(asked, tmp_path / "one", Fake())) == reference


def test_a_city_is_burnt_in_once_per_past_and_seed(tmp_path, asked):
    (tmp_path / "notes").mkdir()
    run(asked, tmp_path / "out", Fake(notes=str(tmp_path / "notes")))
    counted = {p.name: p.stat().st_size for p in (tmp_path / "notes").iterdir()}
    assert len([n for n in counted if n.startswith("burn-in")]) == 20
    assert len([n for n in counted if n.startswith("run")]) == 40
    assert set(counted.values()) == {1}


def test_reading_back(tmp_path, asked):
    (tmp_path / "design.toml").write_text(design_text(keep='["weekly", "events"]'))
    folder = run(design.read(tmp_path / "design.toml"), tmp_path / "out", Fake())
    before = experiments.load(folder)
    assert before.complete and len(before.runs) == 40 and before.failures.empty
    assert before.runs["run"].tolist() == list(range(40))
    assert set(before.runs["param.policy.gang_fellowship"]) == {False, True}
    weekly, events = before.weekly, before.events
    assert len(weekly) == 160 and len(events) == 120
    compact(folder)
    after = experiments.load(folder)
    assert not list((folder / "runs").glob("*/*")) and not list((folder / "weekly").glob("*/*"))
    assert after.runs.equals(before.runs[after.runs.columns]) and after.complete
    assert after.weekly.equals(weekly) and after.events.equals(events)
    assert len(after.provenance) == 40
    sums = weekly.groupby("run")["homicides"].sum()
    assert (after.runs.set_index("run")["out.homicides"] == sums).all()
    pairs = after.paired("policy.gang_fellowship", ["homicides"])
    assert len(pairs) == 20
    wide = after.runs.pivot_table(
        index=["param.weight_rivalry", "seed"],
        columns="param.policy.gang_fellowship",
        values="out.homicides",
    )
    assert sorted(pairs["out.homicides"]) == sorted(wide[True] - wide[False])


def test_duckdb_and_xarray_read_it(tmp_path, asked):
    duckdb = pytest.importorskip("duckdb", reason="needs duckdb")
    pytest.importorskip("xarray", reason="needs the analysis extra")
    folder = run(asked, tmp_path / "out", Fake())
    sweep = experiments.load(folder)
    files = [str(f) for f in sweep.files]
    (count,) = duckdb.sql(
        f'select count(*) from read_parquet({files}) where "out.homicides" >= 0'
    ).fetchall()[0]
    assert count == 40
    grid = sweep.to_xarray(["homicides", "legitimacy"])
    assert dict(grid.sizes) == {"weight_rivalry": 2, "policy.gang_fellowship": 2, "seed": 10}
    one = sweep.runs.iloc[17]
    there = grid["homicides"].sel(
        {
            "weight_rivalry": one["param.weight_rivalry"],
            "policy.gang_fellowship": one["param.policy.gang_fellowship"],
            "seed": one["seed"],
        }
    )
    assert float(there) == one["out.homicides"]


def test_resume_does_exactly_what_is_missing(tmp_path, asked, reference, monkeypatch):
    monkeypatch.setattr(drive, "MOST_IN_CHUNK", 4)
    (tmp_path / "notes").mkdir()
    folder = run(asked, tmp_path / "out", Fake())
    parts = list(store.parts(folder))
    lost = set()
    for part in parts[1:3]:
        lost |= set(store.read_part(part.path).column("run").to_pylist())
    parts[1].path.write_bytes(parts[1].path.read_bytes()[:-100])  # cut short
    middle = bytearray(parts[2].path.read_bytes())
    middle[len(middle) // 3] ^= 0xFF  # a flipped byte: checksums see it
    parts[2].path.write_bytes(bytes(middle))
    litter = folder / "runs" / "0000" / ".half.parquet.part"
    litter.write_bytes(b"PAR1")
    with pytest.raises(UserError, match="--resume"):
        run(asked, folder, Fake())
    outcome = drive.sweep(
        asked, folder, on="here", resume=True, runner=Fake(notes=str(tmp_path / "notes"))
    )
    ran = [p for p in (tmp_path / "notes").iterdir() if p.name.startswith("run")]
    assert outcome.fresh == len(lost) == len(ran) and outcome.complete
    assert len(list((folder / "broken" / "runs").iterdir())) == 2 and not litter.exists()
    assert results(folder) == reference


def test_another_design_or_version_is_refused(tmp_path, asked, monkeypatch):
    folder = run(asked, tmp_path / "out", Fake())
    (tmp_path / "design.toml").write_text(design_text(replicates=11))
    other = design.read(tmp_path / "design.toml")
    with pytest.raises(UserError, match="another design"):
        run(other, folder, Fake(), resume=True)
    monkeypatch.setattr("sim.kept_cities.code_state", lambda: "0" * 16)
    with pytest.raises(UserError, match="state of the model's sources"):
        run(asked, folder, Fake(), resume=True)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    with pytest.raises(UserError, match="holds no sweep"):
        run(asked, tmp_path / "full", Fake())
    with pytest.raises(UserError, match="no sweep to resume"):
        run(asked, tmp_path / "new", Fake(), resume=True)


def test_two_clients_on_one_folder_are_refused(tmp_path, asked, monkeypatch):
    monkeypatch.setattr(claim, "BEAT_SECONDS", 0.5)
    store.begin(asked, tmp_path / "out", resume=False)
    with claim.Claim(tmp_path / "out"):
        with pytest.raises(UserError, match="another client is at work"):
            run(asked, tmp_path / "out", Fake(), resume=True)
        with pytest.raises(UserError, match="another client is at work"):
            run(asked, tmp_path / "out", Fake(), shards=2, shard=0)
    # a client that died without leaving
    dead = tmp_path / "out" / "claims" / "all.json"
    dead.write_text('{"id": "x", "name": "all", "host": "elsewhere", "process": 1, "beat": 7}')
    run(asked, tmp_path / "out", Fake(), resume=True)
    assert experiments.load(tmp_path / "out").complete


def test_a_folder_that_was_taken_over_is_left(tmp_path, asked, monkeypatch):
    monkeypatch.setattr(claim, "BEAT_SECONDS", 0.1)
    store.begin(asked, tmp_path / "out", resume=False)
    with claim.Claim(tmp_path / "out") as mine:
        mine.path.write_text('{"id": "other", "name": "all", "beat": 1}')
        until(mine.lost.is_set)
        with pytest.raises(RunFailed, match="took this sweep over"):
            mine.check()
    assert mine.path.exists()


def test_a_run_that_differs_from_itself_is_told(tmp_path, asked):
    import pyarrow as pa

    folder = run(asked, tmp_path / "out", Fake())
    first = next(store.parts(folder))
    table = store.read_part(first.path)
    store.write(table, first.path.with_name("zz-000000-000-n1-f0-again.parquet"))
    assert len(experiments.load(folder).runs) == 40
    k = table.column_names.index("out.legitimacy")
    moved = pa.array([v + 1e-15 for v in table.column(k).to_pylist()])
    store.write(
        table.set_column(k, "out.legitimacy", moved),
        first.path.with_name("zz-000000-001-n1-f0-other.parquet"),
    )
    with pytest.raises(RunFailed, match=r"differs in out\.legitimacy"):
        experiments.load(folder).runs  # noqa: B018


def test_status_from_another_terminal_while_it_runs(tmp_path, peel):
    import json

    process = begun(tmp_path, "Fake(seconds=0.3)")
    try:
        until(lambda: list((tmp_path / "out").glob("runs/*/*.parquet")))
        until(
            lambda: json.loads(peel("sweep", "status", tmp_path / "out", "--json").out)["clients"]
        )
        told = json.loads(peel("sweep", "status", tmp_path / "out", "--json").out)
        assert told["runs"] == 40 and 0 < told["finished"] < 40
        assert told["clients"][0]["process"] == process.pid
        assert "at work" not in peel("sweep", "status", tmp_path / "out").out
    finally:
        end(process)
    assert peel("sweep", "status", tmp_path).code == 2


def test_the_engine_itself_and_one_run_of_it_again(tmp_path, peel):
    (tmp_path / "tiny.toml").write_text(
        'base = "synthetic:600"\nmethod = "latin"\npoints = 2\nreplicates = 2\nkeep = ["events"]\n'
        "[run]\nyears = 0.2\nburn_in_years = 0.1\n"
        '[[factor]]\nvary = "weight_rivalry"\n[[factor]]\nvary = "violence"\n'
    )
    words = ["sweep", tmp_path / "tiny.toml", "--on", "here", "--json", "--quiet"]
    said = peel(*words, "--out", tmp_path / "out")
    assert said.code == 0 and '"complete": true' in said.out
    sweep = experiments.load(tmp_path / "out")
    said = peel("sweep", "one", tmp_path / "out", 3, "--json")
    assert said.code == 0
    import json

    one = json.loads(said.out)
    row = sweep.runs.iloc[3]
    assert one["event_log_hash"] == row["event_log_hash"] and one["hash"] == row["id"]
    assert peel("sweep", "compact", tmp_path / "out").code == 0
    assert peel("sweep", "one", tmp_path / "out", 99).code == 2
