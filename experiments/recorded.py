"""Results that documents show: what a command printed, cut down and kept in `experiments/results`.

`peel docs --record FILE.json` takes what `peel calibrate --city --json`, `peel calibrate` (its
provenance.json, with the ensemble beside it, which is then shipped), `peel validate --out` (validate.json;
a board of the defaults ships with the facts, one of other parameters is a point tried), `peel validate
--experiments --out` (experiments.json) or `peel compare --hypotheses ... --json` wrote. Nothing in a
document is typed by hand, but for a `remark` that somebody may have added to a result, mostly on what is
known of its seeds; it stays while the result is of the same seeds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

from sim.errors import UserError
from sim.hypotheses import DEFAULTS

FOLDER = "results"


def folder() -> Path:
    """Where the results are kept."""
    return Path(str(resources.files("experiments"))) / FOLDER


def boards() -> Path:
    """Where boards of the defaults are kept, one by city and theories."""
    return Path(str(resources.files("experiments.facts"))) / "boards"


def all_of(kind: str) -> list[dict[str, Any]]:
    """Recorded results of a kind ("city", "calibration", "point", "experiments", "hypotheses") by name."""
    found = []
    if folder().is_dir():
        for path in sorted(folder().glob(f"{kind}*.json")):
            found.append(json.loads(path.read_text(encoding="utf-8")))
    return found


def record(
    source: Path, into: Path | None = None, say: Callable[[str], None] = lambda _: None
) -> Path:
    """Keep what matters of a result; returns where. Raises UserError for anything else.

    `say` is told what became of a remark on the result that is replaced.
    """
    try:
        data = json.loads(source.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{source}: no such file; expected what a command wrote as JSON") from None
    except (OSError, ValueError) as problem:
        raise UserError(f"{source}: not readable as JSON ({problem})") from None
    name, kept = _reduced(data, source)
    if name == "calibration":
        ship(source.with_name("ensemble.csv"), kept)
    home = folder()
    if name == "board":
        home, name = boards(), "_".join([kept["city"], *kept["hypotheses"].values()])
    path = (into or home) / f"{name}.json"
    kept = _with_remark(kept, path, say)
    from sim.city.store import write_whole

    write_whole(path, (json.dumps(kept, indent=1, sort_keys=True) + "\n").encode())
    return path


def _with_remark(kept: dict[str, Any], path: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """The result with the remark of the one that it replaces, where both are of the same seeds."""
    try:
        old = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # none yet, or none that can be read
        return kept
    remark = old.get("remark")
    if not remark or kept.get("remark"):
        return kept
    if any(old.get(word) != kept.get(word) for word in ("seed", "seeds")):
        say(f"{path.name}: other seeds now, so its remark is dropped: {remark}")
        return kept
    say(f"{path.name}: the same seeds, so its remark is kept; see that it still holds: {remark}")
    return {**kept, "remark": remark}


def ship(table: Path, about: dict[str, Any]) -> None:
    """Keep an ensemble's table with what it rests on at its head; where too few sets fit, an older
    one of that city goes.

    Raises UserError where the table isn't there, or the calibration was of no city with a plain name.
    """
    from experiments import ensemble
    from sim.city.store import write_whole

    if not re.fullmatch(r"[\w-]+", str(about["city"])):
        raise UserError(
            f"{table.parent}: a calibration of {about['city']!r}; expected one of a city by its name,"
            " which an ensemble bears that ships"
        )
    path = ensemble.folder() / f"{about['city']}.csv"
    if not about["ensemble"]:
        path.unlink(missing_ok=True)
        return
    try:
        rows = table.read_text(encoding="utf-8")
    except OSError as problem:
        raise UserError(f"{table}: the ensemble can't be read ({problem})") from None
    seeds = ", ".join(str(seed) for seed in about["seeds"])
    head = [
        f"Sets of parameters of Peel {about['model_version']} that fit {about['city']}.",
        f"Written by peel calibrate: {about['points']} sets run, seeds {seeds},"
        f" {about['years']:g} years, designs {', '.join(about['designs'])}; kept: {about['rule']}.",
        f"Facts used: {', '.join(about['facts'])}.",
        str(about["licence"]),
    ]
    path.parent.mkdir(exist_ok=True)
    write_whole(path, ("".join(f"# {line}\n" for line in head) + rows).encode())


def _reduced(data: Any, source: Path) -> tuple[str, dict[str, Any]]:
    if isinstance(data, dict):
        if "held_out" in data and "kind" in data:
            kept = {k: v for k, v in data.items() if k != "fit"}
            if data.get("fit"):
                kept["fit"] = {
                    k: data["fit"][k] for k in ("parameters", "reached", "lacking", "seeds")
                }
                kept["fit"]["trials"] = len(data["fit"]["trials"])
            return f"city-{data['city']}", kept
        if "left_out_in_turn" in data:
            return "calibration", {k: v for k, v in data.items() if k != "path"}
        if "scores" in data and "parameters" in data:
            for word in ("city", "name"):
                if not re.fullmatch(r"[\w-]+", str(data[word])):
                    raise UserError(
                        f"{source}: {word} {data[word]!r}; expected one that can name a file"
                    )
            if not data["parameters"]:
                chosen = data["hypotheses"].items()
                rivals = {q: theory for q, theory in chosen if theory != DEFAULTS[q]}
                return "board", {**data, "hypotheses": rivals}
            cut = ("target", "unit", "about", "design", "evidence", "reason", "seeds")
            scores = [{k: v for k, v in row.items() if k not in cut} for row in data["scores"]]
            return f"point-{data['name']}", {**data, "scores": scores}
        if "experiments" in data and "seeds" in data:
            return "experiments", data
        if "mesa_ratio" in data and "machine" in data:
            return "bench", data
        if "worlds" in data and "outcomes" in data:
            headlines = set(data.get("headlines", []))
            rows = [row for row in data["outcomes"] if row["outcome"] in headlines]
            keys = ("arms", "baseline", "seeds", "worlds", "headlines", "residents", "days")
            return "hypotheses", {**{k: data.get(k) for k in keys}, "outcomes": rows}
    raise UserError(
        f"{source}: not a result that documents show; expected the JSON of peel calibrate, peel"
        " validate --out, peel validate --experiments or peel compare --hypotheses"
    )
