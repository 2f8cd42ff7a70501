"""RunResult: the tables of a run, its summary, its hash; saved whole and read back.

The true world (`weekly`, `areas`, `groups`, `events`) and the record (`recorded`) are separate tables.
Tables are made when asked for, so a run that only needs its summary makes none.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import measures as m
from sim import plugins
from sim.agents.residents import AGE_BANDS
from sim.city.geography import Geography
from sim.means import STATES, state_means
from sim.recording import Recorder
from sim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from sim.engine import State
    from sim.run import Burnt

TABLES = ("weekly", "recorded", "areas", "groups", "events", "before", "policies")
VIOLENT = ("persons_shot", "serious_assaults", "robberies", "simple_assaults", "domestic", "sexual")
_HASHED = (
    "day", "key", "cause", "kind", "actor_person", "target_person", "block", "rule", "part", "known",
    "severity", "incident",
)  # fmt: skip


@dataclass
class RunResult:
    """What one run left. `state` (the world at the end) is kept in memory only."""

    scenario: Scenario
    seed: int
    geography: Geography
    residents: int
    days: int
    seconds: float
    """Simulation alone, burn-in excluded."""
    burn_in_seconds: float
    recorder: Recorder | None = None
    state: State | None = None
    burnt: Burnt | None = None
    loaded: dict[str, Any] | None = None
    """Tables read from a folder."""

    @classmethod
    def of(
        cls, scenario: Scenario, seed: int, geography: Geography, state: State, recorder: Recorder,
        burnt: Burnt, seconds: float,
    ) -> RunResult:  # fmt: skip
        if not recorder.by_people:
            people, areas = state_means(state)
            recorder.by_people.append(people)
            recorder.by_area.append(areas)
        alive = int((state.world.people.residents["status"] < 3).sum())
        return cls(
            scenario,
            seed,
            geography,
            alive,
            scenario.days,
            seconds,
            burnt.seconds,
            recorder,
            state,
            burnt,
        )

    # --- tables ---------------------------------------------------------------------------------

    def _table(self, name: str) -> pd.DataFrame:
        from sim import frames

        if self.loaded is not None:
            return self.loaded[name]
        assert self.recorder is not None
        return getattr(frames, name)(self)  # type: ignore[no-any-return]

    @cached_property
    def weekly(self) -> pd.DataFrame:
        """True world, whole city, by week."""
        return self._table("weekly")

    @cached_property
    def recorded(self) -> pd.DataFrame:
        """What police and surveys see, by week."""
        return self._table("recorded")

    @cached_property
    def areas(self) -> pd.DataFrame:
        """True world by week and area."""
        return self._table("areas")

    @cached_property
    def groups(self) -> pd.DataFrame:
        """True world by week, group, sex and age band."""
        return self._table("groups")

    @cached_property
    def events(self) -> pd.DataFrame:
        """Every consequential event of the run, with its cause."""
        return self._table("events")

    @cached_property
    def before(self) -> pd.DataFrame:
        """Events of the burn-in, to which causes may lead back; their days are below 0."""
        return self._table("before")

    @cached_property
    def policies(self) -> pd.DataFrame:
        """Reach, dose, waiting, drop-outs, hours and cost by week and policy."""
        return self._table("policies")

    @cached_property
    def survey(self) -> pd.DataFrame:
        """Residents aged 16 and over at the end (see sim.surveys); needs the run in memory."""
        return self._memory("survey")

    @cached_property
    def officers(self) -> pd.DataFrame:
        return self._memory("officers")

    @cached_property
    def dyads(self) -> pd.DataFrame:
        return self._memory("dyads")

    @cached_property
    def ties(self) -> pd.DataFrame:
        return self._memory("ties")

    @cached_property
    def drivers(self) -> pd.DataFrame:
        return self._memory("drivers")

    @cached_property
    def victimisations(self) -> pd.DataFrame:
        return self._memory("victimisations")

    def _memory(self, name: str) -> pd.DataFrame:
        from sim import surveys

        if self.state is None:
            raise AttributeError(
                f"{name}: only a run still in memory has it; run the scenario again"
            )
        return getattr(surveys, name)(self)  # type: ignore[no-any-return]

    # --- figures --------------------------------------------------------------------------------

    @cached_property
    def event_log_hash(self) -> str:
        """Of every event of the run, in order of day and name; equal hashes mean equal lives."""
        if self.loaded is not None:
            return str(self.loaded["run"]["event_log_hash"])
        assert self.recorder is not None
        rows = self.recorder.all_events()
        digest = hashlib.blake2b(digest_size=16)
        for name in _HASHED:
            digest.update(np.ascontiguousarray(rows[name]).tobytes())
        return digest.hexdigest()

    @cached_property
    def totals(self) -> dict[str, float]:
        """Counts of the whole run by measure."""
        assert self.recorder is not None
        total = np.sum(self.recorder.area_counts, axis=(0, 1), dtype=np.int64)
        return {name: float(v) for name, v in zip(m.PLACE_MEASURES, total, strict=True)}

    @cached_property
    def summary(self) -> dict[str, float]:
        """The figures a reader looks at first; rates per 100,000 residents and year."""
        if self.loaded is not None:
            return dict(self.loaded["run"]["summary"])
        assert self.recorder is not None
        t, years = self.totals, self.days / 365.0
        last = self.recorder.by_people[-1].sum(axis=0)
        people = max(last[0], 1.0)
        rate = 1e5 / people / years

        def share(a: str, *of: str) -> float:
            total = sum(t[name] for name in of)
            return t[a] / total if total else float("nan")

        violent = sum(t[name] for name in VIOLENT)
        out = {f"{name}_per_100k": t[name] * rate for name in (
            "homicides", "persons_shot", "shooting_incidents", "serious_assaults", "robberies", "stops",
            "force", "arrests", "calls",
        )}  # fmt: skip
        out |= {
            "lethality": share("gun_deaths", "persons_shot"),
            "clearance_fatal": share("cleared_fatal", "homicides_recorded"),
            "clearance_nonfatal": share("cleared_nonfatal", "nonfatal_recorded"),
            "violent_reporting": (t["violent_reported"] + t["persons_shot"]) / violent
            if violent
            else float("nan"),
            "retaliatory_share": share("retaliatory_incidents", "shooting_incidents"),
            "linked_share": share("linked_incidents", "shooting_incidents"),
            "gang_share": share("gang_incidents", "shooting_incidents"),
        }
        for k, name in enumerate(STATES[1:7], start=1):
            out[name if name != "carrying" else "carrying_share"] = float(last[k] / people)
        out["in_jail_per_100k"] = float(last[7] / people * 1e5)
        out["programme_cost"] = float(sum(x["programme_cost"] for x in self.recorder.extras))
        return out

    # --- files ----------------------------------------------------------------------------------

    def about(self) -> dict[str, Any]:
        """run.json: everything needed to run it again, and what came out."""
        from sim.version import MODEL_VERSION

        return {
            "name": self.scenario.name,
            "scenario": self.scenario.canonical(),
            "scenario_toml": self.scenario.to_toml(),
            "seed": self.seed,
            "hash": self.scenario.hash(self.seed),
            "model_version": MODEL_VERSION,
            "numpy": np.__version__,
            "residents": self.residents,
            "days": self.days,
            "seconds": self.seconds,
            "burn_in_seconds": self.burn_in_seconds,
            "event_log_hash": self.event_log_hash,
            "area_names": self.geography.area_names,
            "group_names": self.geography.group_names,
            "age_bands": list(AGE_BANDS),
            "notes": list(self.geography.notes),
            "plugins": plugins.identity(),
            "summary": self.summary,
        }

    def save(self, folder: Path | str) -> None:
        """Write run.json, the tables as Parquet and the city's shape into an existing folder."""
        import pickle

        folder = Path(folder)
        for name in TABLES:
            getattr(self, name).to_parquet(folder / f"{name}.parquet", index=False)
        with open(folder / "geography.pickle", "wb") as file:
            pickle.dump(self.geography, file)
        (folder / "run.json").write_text(
            json.dumps(self.about(), indent=1, allow_nan=True), encoding="utf-8"
        )

    @classmethod
    def load(cls, folder: Path | str) -> RunResult:
        """A run read from its folder. Raises UserError where the folder holds no whole run."""
        import pickle

        import pandas as pd

        from sim.errors import UserError

        folder = Path(folder)
        try:
            about = json.loads((folder / "run.json").read_text(encoding="utf-8"))
            tables: dict[str, Any] = {n: pd.read_parquet(folder / f"{n}.parquet") for n in TABLES}
            with open(folder / "geography.pickle", "rb") as file:
                geography = pickle.load(file)
        except (OSError, ValueError, pickle.PickleError) as problem:
            raise UserError(
                f"{folder}: not the folder of a whole run ({problem}); expected what `peel run --out` writes"
            ) from None
        tables["run"] = about
        scenario = Scenario.from_toml(about["scenario_toml"], str(folder / "run.json"))
        return cls(
            scenario, int(about["seed"]), geography, about["residents"], about["days"], about["seconds"],
            about["burn_in_seconds"], loaded=tables,
        )  # fmt: skip
