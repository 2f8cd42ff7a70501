"""Fit a city file to its own figures and hold the fit against the year held out.

`calibrate_city` writes `NAME.fitted.toml` (a scenario) and `NAME.fit.json` (everything that led to
it) beside the city file; `validate_city` runs either against the targets.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from experiments import workers as crew
from experiments.cities import targets as tables
from experiments.cities.figures import Figure
from experiments.cities.fitting import Fit, fit_city, fit_window, scenario_for
from experiments.cities.forecast import Held, held_out
from experiments.cities.simulated import CityEngine, pooled, simulate
from experiments.cities.targets import Targets, year_window
from sim.errors import RunFailed, UserError
from sim.scenario import Scenario
from sim.version import MODEL_VERSION

BURN_IN_YEARS = 3.0
FEWEST = 3
"""Seeds that a held-out year is run with at least: with fewer there is no interval."""


@dataclass
class Own:
    """A city's fit or validation: figures of both windows as simulated, and the forecasts."""

    targets: Targets
    scenario: Any
    fitted: list[dict[str, Any]]
    """Figures of the fitted years: target and model."""
    held: list[Held]
    seeds: tuple[int, ...]
    fit: Fit | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "city": self.targets.city,
            "kind": self.targets.kind,
            "fitted_on": self.targets.fit,
            "tested_on": self.targets.test,
            "seeds": list(self.seeds),
            "model_version": MODEL_VERSION,
            "parameters": dict(self.scenario.parameters),
            "burn_in_years": self.scenario.burn_in_years,
            "residents": self.targets.residents,
            "one_in": self.targets.one_in,
            "rows": self.targets.rows,
            "notes": self.targets.notes,
            "fit": None if self.fit is None else asdict(self.fit),
            "fitted": self.fitted,
            "held_out": [row.as_json() for row in self.held],
            "licence": self.targets.licence_note,
        }


def city_and_targets(city_file: str | os.PathLike[str]) -> tuple[Any, Targets]:
    """The scenario of a city file (or of a fit to one) and the figures beside it.

    Raises UserError where there are none.
    """
    from sim.city.spec import load_spec

    scenario = Scenario.load(os.fspath(city_file))
    found = tables.find(scenario.city)
    if found is None:
        raise UserError(
            f"{city_file}: no figures of its own beside it ({tables.beside(Path(scenario.city))});"
            " `peel city import --events EVENTS.csv` makes them"
        )
    return scenario, tables.load(found, load_spec(scenario.city).digest)


def fitted_file(city: str) -> Path:
    """Where the fit of a city file is kept."""
    at = tables.stem(Path(city))
    return at.with_name(f"{at.name}.fitted.toml")


def calibrate_city(
    city_file: str,
    *,
    seeds: Sequence[int],
    workers: int,
    burn_in: float = BURN_IN_YEARS,
    steps: int = 8,
    runner: Any = None,
    tell: Callable[[str], None] = lambda text: None,
) -> Own:
    """Fit, write the fit beside the city file, and run it through the held-out year.

    `city_file` may be an earlier fit (`NAME.fitted.toml`), which the search then starts from.
    """
    scenario, targets = city_and_targets(city_file)
    base = scenario_for(scenario.city, targets, scenario, test=False, burn_in=burn_in)
    engine = runner or CityEngine()
    engine.warm()
    with tempfile.TemporaryDirectory(prefix="peel-calibrate-") as folder:
        fit = fit_city(base, targets, seeds=seeds, folder=Path(folder), workers=workers,
                       steps=steps, runner=engine, tell=tell)  # fmt: skip
    done = base.with_changes(
        parameters={**base.parameters, **fit.parameters},
        name=f"{targets.city}, fitted",
        about=f"Fitted to {targets.fit}. {targets.licence_note}",
    )
    tell(f"holding the fit against {targets.test}" if targets.test else "one year: no test")
    more = range(max(seeds) + 1, max(seeds) + 1 + max(FEWEST - len(seeds), 0))
    own = validate_city(done, targets, seeds=(*seeds, *more), workers=workers, runner=engine)
    own.fit = fit
    _keep(own, scenario.city)
    return own


def validate_city(
    scenario: Any,
    targets: Targets,
    *,
    seeds: Sequence[int],
    workers: int,
    runner: Any = None,
    tick: Callable[[], None] | None = None,
) -> Own:
    """Run a city through its fitted years and the held-out one, and compare."""
    testing = bool(targets.test)
    whole = scenario_for(
        scenario.city, targets, scenario, test=testing, burn_in=scenario.burn_in_years
    )
    window = fit_window(whole, targets, test=testing)
    windows = [window] + ([year_window(targets.years[-1])] if testing else [])
    with tempfile.TemporaryDirectory(prefix="peel-validate-") as folder:
        found, failures = simulate(whole, seeds, windows, targets.kind, Path(folder),
                                   workers=workers, runner=runner, tick=tick,
                                   one_in=targets.one_in)  # fmt: skip
    if not found:
        raise RunFailed(f"{targets.city}: no run finished ({failures[0].error})")
    means = pooled([rows[window.name] for rows in found.values()])
    fitted = [_beside(one, means) for one in targets.figures[targets.fit]]
    held = []
    if testing:
        held = held_out(targets, [rows[targets.test] for rows in found.values()])
    return Own(targets, whole, fitted, held, tuple(found))


def _beside(one: Figure, means: dict[tuple[str, str], tuple[float, float, int]]) -> dict[str, Any]:
    model, spread, seeds = means.get(one.key, (math.nan, math.nan, 0))
    return {
        "figure": one.figure, "part": one.part, "unit": one.unit, "target": one.value,
        "low": one.low, "high": one.high, "model": model, "spread": spread, "seeds": seeds,
        "note": one.note,
    }  # fmt: skip


def _keep(own: Own, city: str) -> None:
    from sim.city.store import write_whole

    path = fitted_file(city)
    relative = own.scenario.with_changes(years=2.0)
    record = tables.sayable(own.as_json())
    write_whole(tables.stem(Path(city)).with_name(f"{tables.stem(Path(city)).name}.fit.json"),
                json.dumps(record, indent=1, allow_nan=False).encode())  # fmt: skip
    write_whole(path, relative.to_toml().encode())


def kept_fit(scenario: Any) -> dict[str, Any] | None:
    """What is kept of the fit that gave this scenario its parameters; None if it didn't."""
    path = tables.stem(Path(scenario.city))
    path = path.with_name(f"{path.name}.fit.json")
    if not path.is_file():
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))["fit"]
    same = all(scenario.parameters.get(k) == v for k, v in kept["parameters"].items())
    return dict(kept) if same else None


def cores_for(seeds: Sequence[int], asked: int | None) -> int:
    """Processes: one per seed at most, and no more than asked."""
    return min(len(seeds), crew.checked(asked))
