"""What `peel calibrate --city` and `peel validate CITYFILE` do, and print."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from experiments import options
from experiments.cities import own, targets, words
from experiments.cities.forecast import verdict
from sim.errors import UserError

FIT_SEEDS, TEST_SEEDS = 3, 5


def has_figures(city: str) -> bool:
    """Whether `city` is a city file, or a fit to one, with figures of its own beside it."""
    path = Path(city)
    return path.suffix in (".json", ".gz", ".toml") and targets.find(path) is not None


def fit_own(args: argparse.Namespace) -> int:
    """Fit a city to its own figures; print the fit and the held-out year."""
    if not args.own.is_file():
        raise UserError(f"--city {args.own}: no such file; expected a city file")
    seeds = range(args.seed, args.seed + (args.seeds or FIT_SEEDS))
    begun = time.monotonic()

    def tell(text: str) -> None:
        if not args.quiet:
            print(f"peel calibrate: {time.monotonic() - begun:4.0f} s, {text}", file=sys.stderr)

    done = own.calibrate_city(
        str(args.own),
        seeds=seeds,
        workers=own.cores_for(seeds, args.workers),
        burn_in=args.burn_in or own.BURN_IN_YEARS,
        steps=args.steps,
        tell=tell,
    )
    if args.json:
        options.print_json({**done.as_json(), "seconds": time.monotonic() - begun})
        return 0
    assert done.fit is not None
    print(words.fit_table(done.fit, done.targets))
    _print_held(done)
    file = own.fitted_file(done.scenario.city)
    print(f"{file}: the fit, a scenario. Next: peel validate {file}")
    return 0


def validate_own(args: argparse.Namespace) -> int:
    """Hold a city against its own figures; a fit beside the city file is taken and said."""
    path = Path(args.city)
    fit = own.fitted_file(args.city)
    if path != fit and path.suffix != ".toml" and fit.is_file():
        print(f"peel validate: the fit beside the city file is taken: {fit}", file=sys.stderr)
        path = fit
    scenario, table = own.city_and_targets(path)
    seeds = range(args.seed, args.seed + (args.seeds or TEST_SEEDS))
    if not args.quiet:
        print(f"peel validate: {len(seeds)} seeds of {table.city}", file=sys.stderr)
    done = own.validate_city(
        scenario, table, seeds=seeds, workers=own.cores_for(seeds, args.workers)
    )
    if args.out is not None:
        with options.whole_folder(args.out) as work:
            _write(work / "city.json", {**done.as_json(), "fit": own.kept_fit(scenario)})
    if args.json:
        options.print_json([row.as_json() for row in done.held] or done.fitted)
        return 0
    print(words.beside_table(done.fitted, table))
    _print_held(done)
    return 0


def _write(path: Path, data: Any) -> None:
    import json

    path.write_text(json.dumps(targets.sayable(data), indent=1, allow_nan=False), encoding="utf-8")


def _print_held(done: own.Own) -> None:
    if done.held:
        print(f"\n{words.held_table(done.held, done.targets)}\n\n{verdict(done.held)}")
    else:
        print("\nOne whole year only: nothing is held out.")
    print(done.targets.licence_note)
