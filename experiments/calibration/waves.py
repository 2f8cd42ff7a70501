"""The search: waves of points, each aimed by emulators of all before; a folder that can be resumed.

Wave 1 is a Latin hypercube over the ranges with the defaults as its first point. Each later wave
takes a part of its points evenly from what is not ruled out, and the rest from where the emulators
give the best chance that enough facts pass, spread apart. What fits is a sliver of the ranges' cube
that an even net may miss, so the best points so far are also moved a little, by as much as they
differ among themselves, and the emulators judge these candidates with the others. A wave's design
is written before any of its points runs, so the same folder resumed anywhere, with any number of
workers, goes on with the same points.

A search may begin from an earlier one of the same parameters that told fewer facts, or on fewer
seeds: the earlier points teach the emulators, and the best of them are run again as wave 1.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from experiments import workers as crew
from experiments.calibration import emulate
from experiments.calibration.emulate import Aim, Emulator
from experiments.calibration.kept import MANIFEST, Point, part_of, points_of
from experiments.calibration.points import (
    Evaluate,
    PointJob,
    Reading,
    write_table,
)
from experiments.calibration.space import Space, latin, sobol
from experiments.facts.score import verdict
from sim.errors import UserError

Floats = NDArray[np.float64]
FORMAT = 2
CUTOFF = 3.0
CANDIDATES = 16_384
EVEN = 0.25
"""Share of a wave's points taken evenly from what is not ruled out."""
PARENTS = 12
CHOICE = 4
"""A wave's aimed points are spread over this many times as many of the best candidates."""
STEP = (0.02, 0.15)
"""Fewest and most by which a candidate near a good point differs, as a share of the range (sd)."""


@dataclass(frozen=True)
class Settings:
    """What identifies a calibration; `about` says what is evaluated (city, seeds, years, ...)."""

    space: Space
    aims: tuple[Aim, ...]
    waves: int
    points: int
    allowed: int
    seed: int
    about: Mapping[str, Any]
    earlier: tuple[Point, ...] = ()
    """Points of an earlier search: they teach, and are no sets of this one."""

    @property
    def prior(self) -> tuple[Point, ...]:
        """Earlier points that were drawn over the whole prior, aimed at nothing."""
        return tuple(p for p in self.earlier if p.wave == 1)

    def as_dict(self) -> dict[str, Any]:
        rows = self.space.ranges
        return {
            "format": FORMAT,
            "priors": {r.name: [float(r.low), float(r.default), float(r.high)] for r in rows},
            "aims": [[a.fact, a.part, a.low, a.high] for a in self.aims],
            "points_per_wave": self.points,
            "allowed": self.allowed,
            "seed": self.seed,
            "about": dict(self.about),
            **({"earlier": _digest([p.told() for p in self.earlier])} if self.earlier else {}),
        }

    def digest(self) -> str:
        """Of what the points that are kept depend on; how many facts may fail steers only waves
        that are not designed yet, and may be set anew."""
        return _digest({k: v for k, v in self.as_dict().items() if k != "allowed"})


def _digest(data: Any) -> str:
    text = json.dumps(data, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


@dataclass
class Search:
    """Where a calibration stands."""

    settings: Settings
    points: list[Point] = field(default_factory=list)
    left: list[float] = field(default_factory=list)
    """Share of the space not ruled out, before each wave after the first."""
    skill: dict[str, float] = field(default_factory=dict)
    """Part -> variance that its last emulator explains, left-one-out."""
    complete: bool = False

    @property
    def taught(self) -> list[Point]:
        """All that emulators learn from: earlier points, then this search's own.

        Those that were run again are in it twice, with the noise of either's seeds, of which emulators
        know one size; what enters an ensemble is judged by this search's own runs alone.
        """
        return [*self.settings.earlier, *self.points]


def search(
    settings: Settings,
    evaluate: Evaluate,
    folder: Path,
    *,
    resume: bool = False,
    workers: int = 1,
    until: float | None = None,
    tell: Callable[[str], None] = lambda text: None,
) -> Search:
    """Run what is missing; `until` is a time (`time.monotonic`) after which no batch is begun.

    Raises UserError for a folder that exists without `resume`, or holds another calibration.
    """
    _begin(settings, folder, resume)
    out = Search(settings)
    for wave in range(1, settings.waves + 1):
        design = _design(out, wave, folder)
        jobs = _jobs(design, wave, settings, evaluate, folder)
        # a pool of workers costs seconds; with no hour to keep, one serves the whole wave
        batch = len(jobs) if until is None else max(workers, 1) * 3
        while waiting := [job for job in jobs if not Path(job.path).exists()]:
            if until is not None and time.monotonic() > until:
                tell(f"wave {wave}: {len(waiting)} points wait; resume to go on")
                _load(out, design, wave, folder)
                return out
            done = len(jobs) - len(waiting)
            tell(f"wave {wave} of {settings.waves}: {done} of {len(jobs)} points")
            crew.perform(waiting[:batch], workers, lambda: None)
        _load(out, design, wave, folder)
    out.complete = True
    return out


def emulators(points: Sequence[Point], settings: Settings) -> list[Emulator]:
    """One per part of a fact that the points tell enough about."""
    from threadpoolctl import threadpool_limits

    # many small matrices: threads of their own would only get in each other's way
    with threadpool_limits(1):
        return _emulators(points, settings)


def _emulators(points: Sequence[Point], settings: Settings) -> list[Emulator]:
    at = settings.space.scaled(np.array([p.unit for p in points]))
    by_part = [{(r.fact, r.part): r.value for r in p.facts} for p in points]
    found = []
    for aim in settings.aims:
        values = np.array([rows.get((aim.fact, aim.part), np.nan) for rows in by_part])
        one = emulate.fit(aim, at, values, settings.seed)
        if one is not None:
            found.append(one)
    return found


def next_design(
    points: Sequence[Point], settings: Settings, wave: int
) -> tuple[Floats, float, dict[str, float]]:
    """(points of the next wave, share of the space not ruled out, skill of the emulators)."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return _next_design(points, settings, wave)


def _next_design(
    points: Sequence[Point], settings: Settings, wave: int
) -> tuple[Floats, float, dict[str, float]]:
    fitted = emulators(points, settings)
    dimensions = len(settings.space.names)
    net = sobol(dimensions, CANDIDATES, settings.seed * 1000 + wave)
    candidates = np.vstack([net, near_the_best(points, settings, wave)])
    at = settings.space.scaled(candidates)
    far = emulate.worst(fitted, at, settings.allowed)
    open_ = np.flatnonzero(far[: len(net)] < CUTOFF)
    even = open_[: int(EVEN * settings.points)]
    rest = settings.points - len(even)
    rates = pass_rates(points, settings.aims)
    good = emulate.chance(fitted, at, rates, len(rates) - settings.allowed)
    hopeful = np.lexsort((far, -good))[: CHOICE * rest]
    before = np.array([p.unit for p in points])
    chosen = spread_out(candidates, hopeful, rest, np.vstack([before, candidates[even]]))
    skill = {f"{e.aim.fact}: {e.aim.part}": e.skill for e in fitted}
    return candidates[np.concatenate([even, chosen])], len(open_) / len(net), skill


def near_the_best(points: Sequence[Point], settings: Settings, wave: int) -> Floats:
    """Candidates (n, d) around the points that pass most facts, inside the unit cube."""
    if settings.earlier:
        order = best(points, settings.aims)
    else:
        passes = [passed(p.facts, settings.aims) for p in points]
        order = sorted(range(len(points)), key=lambda i: (-passes[i], i))
    parents = np.array([points[i].unit for i in order[:PARENTS]])
    spread = np.clip(parents.std(axis=0), *STEP)
    draws = np.random.Generator(np.random.PCG64([settings.seed, wave]))
    mothers = parents[draws.integers(len(parents), size=CANDIDATES // 4)]
    return np.asarray(np.clip(mothers + spread * draws.standard_normal(mothers.shape), 0.0, 1.0))


def best(points: Sequence[Point], aims: Sequence[Aim]) -> list[int]:
    """Places of the points, those that pass most facts first; among equals the nearest to what is
    accepted, by `missed`."""
    merit = [(-passed(p.facts, aims), missed(p.facts, aims)) for p in points]
    return sorted(range(len(points)), key=lambda i: (merit[i], i))


def missed(facts: Sequence[Reading], aims: Sequence[Aim], most: float = 3.0) -> float:
    """Sum of squared distances outside the accepted ranges, each in standard errors of its own
    estimate and at most `most`."""
    told = {(r.fact, r.part): r for r in facts}
    total = 0.0
    for aim in aims:
        row = told.get((aim.fact, aim.part))
        if row is None or not np.isfinite(row.value):
            total += most**2
            continue
        out = float(aim.outside(np.array(row.value)))
        error = (row.high - row.low) / 3.29 if np.isfinite(row.high - row.low) else 0.0
        total += min(most, out / max(error, 1e-12)) ** 2
    return total


def passed(facts: Sequence[Reading], aims: Sequence[Aim]) -> int:
    """How many facts pass, by the scoreboard's rule."""
    wanted = {(aim.fact, aim.part): (aim.low, aim.high) for aim in aims}
    by_fact: dict[str, bool] = {}
    for row in facts:
        if (row.fact, row.part) in wanted:
            good = verdict(row.value, row.low, row.high, wanted[row.fact, row.part]) is True
            by_fact[row.fact] = by_fact.get(row.fact, True) and good
    return sum(by_fact.values())


def pass_rates(points: Sequence[Point], aims: Sequence[Aim]) -> dict[str, float]:
    """Fact -> share of the points in which it passes, by the scoreboard's rule."""
    facts = dict.fromkeys(aim.fact for aim in aims)
    return {
        fact: sum(passed(p.facts, [a for a in aims if a.fact == fact]) for p in points)
        / max(len(points), 1)
        for fact in facts
    }


def spread_out(
    candidates: Floats, allowed: NDArray[np.intp], count: int, taken: Floats
) -> NDArray[np.intp]:
    """`count` of the allowed candidates, one by one the furthest from all taken so far."""
    left = list(allowed.tolist())
    gap = cdist(candidates[left], taken).min(axis=1)
    out = []
    for _ in range(min(count, len(left))):
        k = int(np.argmax(gap))
        out.append(left[k])
        gap = np.minimum(gap, cdist(candidates[left], candidates[[left[k]]])[:, 0])
    return np.array(out, dtype=np.intp)


# --- the folder -------------------------------------------------------------------------------


def _begin(settings: Settings, folder: Path, resume: bool) -> None:
    path = folder / MANIFEST
    if folder.exists():
        if not resume:
            raise UserError(f"--out {folder}: exists already; name another folder, or --resume")
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise UserError(f"{folder}: holds no calibration to resume") from None
        old, new = (
            {k: v for k, v in some.items() if k != "allowed"}
            for some in (kept.get("settings", {}), json.loads(json.dumps(settings.as_dict())))
        )
        names = sorted(k for k in {*old, *new} if old.get(k) != new.get(k))
        if names:
            if "earlier" in names:  # what it began from is told in `about` too
                names = [
                    "--from" if name == "earlier" else name for name in names if name != "about"
                ]
            raise UserError(
                f"{folder}: holds another calibration (other {', '.join(names)});"
                " repeat the settings it was begun with, --from included, or name another folder"
            )
        return
    folder.mkdir(parents=True)
    from sim.city.store import write_whole

    data = {"digest": settings.digest(), "settings": settings.as_dict()}
    write_whole(path, json.dumps(data, indent=1).encode())


def _design(out: Search, wave: int, folder: Path) -> Floats:
    """The wave's points in the unit cube: as written, or made and written now."""
    import pandas as pd

    path = folder / "waves" / f"wave-{wave}.parquet"
    settings = out.settings
    names = list(settings.space.names)
    if path.exists():
        table = pd.read_parquet(path)
        if "left" in table:
            out.left.append(float(table["left"].iloc[0]))
        return table[names].to_numpy(dtype=np.float64)
    if wave == 1:
        from sim.parameters import all_parameters

        known = all_parameters()
        start = settings.space.unit({name: known[name].default for name in names})
        if settings.earlier:
            order = best(settings.earlier, settings.aims)
            others = np.array([settings.earlier[i].unit for i in order])
            others = others[~np.isclose(others, start).all(axis=1)]
            if len(others) < settings.points - 1:
                raise UserError(
                    f"--from: has {len(others)} points beside the defaults; expected at least"
                    f" {settings.points - 1}, the rest of a first wave of --points {settings.points}"
                )
        else:
            others = latin(len(names), settings.points, settings.seed)[1:]
        unit = np.vstack([start, others[: settings.points - 1]])
        write_table(path, pd.DataFrame(unit, columns=names))
        return unit
    unit, left, skill = next_design(out.taught, settings, wave)
    out.left.append(left)
    out.skill = skill
    write_table(path, pd.DataFrame(unit, columns=names).assign(left=left))
    return unit


def _jobs(
    design: Floats, wave: int, settings: Settings, evaluate: Evaluate, folder: Path
) -> list[PointJob]:
    return [
        PointJob(f"wave {wave}, point {k + 1}", str(part_of(folder, wave, k)), values, evaluate)
        for k, values in enumerate(settings.space.at(design))
    ]


def _load(out: Search, design: Floats, wave: int, folder: Path) -> None:
    out.points += points_of(folder, out.settings.space, design, wave)
