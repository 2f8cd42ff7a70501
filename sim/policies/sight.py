"""Sight: all that a policy may see, of the world and of who may be eligible, and its keyed draws.

Nothing here changes the world; what a policy may do is in `sim.policies.desk`. Leaves out any check
that what is seen is something an agency could know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.levers import table_of
from sim.policies.base import Policy
from sim.policies.gunfire import Scores, Shot, View
from sim.policies.lists import NOBODY, Holds, Rows
from sim.policies.pools import Involvement
from sim.policies.ranking import choose
from sim.random import fill_uniforms, philox, stream

if TYPE_CHECKING:
    from sim.engine import State

DRAW = stream("policies.draw")


class Sight:
    """What one policy sees; the base of its Desk, which has the fields."""

    policy: Policy
    id: str
    start: int
    end: int | None
    key: int
    seeing: View | None
    state: State

    @property
    def pools(self) -> Involvement:
        """Who may be eligible, kept from events and shared by all desks of the run."""
        pools: Involvement = self.state.involvement
        return pools

    @property
    def view(self) -> View:
        """The world's tables as plain arrays."""
        seeing = self.seeing
        if self.state is None:
            raise RuntimeError(
                f"the desk of {self.id} sees the city only in its policy's week; keep what is wanted"
                " later in desk.memory, or read the state itself"
            )
        if seeing is None or seeing.world is not self.state.world:
            seeing = self.seeing = self.pools.view(self.state)
        return seeing

    @property
    def today(self) -> int:
        seeing = self.seeing  # asked hundreds of times a week: `view`, written out
        if seeing is None or seeing.world is not self.state.world:
            seeing = self.view
        return int(seeing.day[0])

    @property
    def day(self) -> int:
        """Days since the policy came into force."""
        return self.today - self.start

    @property
    def residents(self) -> Any:
        return self.view.residents

    @property
    def lives(self) -> Any:
        return self.view.lives

    @property
    def officers(self) -> Any:
        return self.view.officers

    @property
    def beats(self) -> Any:
        return self.view.beats

    @property
    def blocks(self) -> Any:
        return self.view.blocks

    @property
    def areas(self) -> Any:
        return self.view.areas

    @property
    def kinds(self) -> Any:
        return self.view.kinds

    @property
    def gangs(self) -> Any:
        return self.view.gangs

    @property
    def in_force(self) -> bool:
        """Has it started, not ended, and does it do anything at all?"""
        return self.in_force_on(self.today)

    def in_force_on(self, day: int) -> bool:
        """Is it in force on a day of the world's clock?"""
        begun = self.start <= day and (self.end is None or day < self.end)
        return begun and self.policy.dose > 0.0

    @property
    def population(self) -> float:
        """Residents, those in jail included."""
        return self.pools.population(self.state)

    def parameter(self, name: str) -> float:
        """A parameter's value in force."""
        return float(self.view.p[name][0])

    def ramp(self, weeks: float) -> float:
        """How far a programme that takes `weeks` to build up is now, above 0 to 1."""
        return 1.0 if weeks <= 0.0 else min(1.0, (self.day / 7 + 1) / weeks)

    def shots(self, days: int) -> list[Shot]:
        """Who was shot in the last `days` days, oldest first."""
        return self.pools.shots_since(self.state, days)

    def shot_table(self, days: int) -> NDArray[np.void]:
        """`shots` as one array with the same names for its columns."""
        return self.pools.shots(self.state, days)

    def arrested(self) -> Rows:
        """Residents arrested in the last week and at liberty now."""
        return self.pools.arrested(self.state)

    def of_age(self, low: float, high: float, holds: Holds | None = None) -> Rows:
        """Residents aged `low` to under `high`, at liberty.

        `holds`, a function of a module, narrows them down by what is fixed or is a need (see
        sim.policies.lists), at less cost than afterwards.
        """
        return self.pools.of_age(self.state, low, high, holds)

    def in_need(self, need: str, level: float = 0.5) -> Rows:
        """Adults at liberty whose `need` (substance, mental, housing; a+b: either) is `level`."""
        return self.pools.in_need(self.state, need, level)

    def victims(self, days: int, since: int = 0, kin: bool = True) -> dict[int, float]:
        """The wounded and (`kin`) the households of the dead, `since` to `days` days ago.

        The score falls from 1 to 0 over that time.
        """
        rows, score = self.hurt(days, since, kin)
        return dict(zip(rows.tolist(), score.tolist(), strict=True))

    def hurt(self, days: int, since: int = 0, kin: bool = True) -> tuple[Rows, Scores]:
        """`victims` as rows, in order, and their scores."""
        return self.pools.victims(self.state, days, since, kin)

    def base(self, lever: str) -> NDArray[np.float64]:
        """A column's values as no policy has moved them."""
        kept = self.state.board.base.get(lever)
        if kept is None:
            kept = table_of(self.state, lever.partition(".")[0])[lever.partition(".")[2]]
        return np.asarray(kept, dtype=np.float64).copy()

    def close_to(self, shot: Shot) -> Rows:
        """Who may take up the grievance of somebody shot: gang, co-offenders and household."""
        return self.pools.side_of(self.state, shot)

    def involved(self, days: int = 730) -> dict[int, float]:
        """Who was close to gunfire in the last `days` days; each event halves yearly.

        Shooters and those shot (at) count 1. Kept from events as they come; who has died or moved
        since is left out.
        """
        return self.pools.scores(self.state, days)

    def ranked(self, rows: Rows, score: NDArray[np.float64], error: float) -> Rows:
        """`rows` best first, as staff see it: the score plus up to `error` of keyed noise.

        The parameter `targeting_error` scales the noise of every programme.
        """
        return self.best(rows, score, error, rows.size)

    def best(self, rows: Rows, score: NDArray[np.float64], error: float, number: int) -> Rows:
        """The first `number` of `ranked`."""
        return self.choose(rows, score, error, number)[1]

    def choose(
        self, rows: Rows, score: Scores, error: float, number: int, taken: Rows = NOBODY
    ) -> tuple[int, Rows]:
        """How many of `rows` are not `taken` (in order), and of those the first of `ranked`."""
        noise = error * self.parameter("targeting_error")
        keys, draws = self.pools.holders(self.state).key, (self.seed, self.today, DRAW + 2)
        return choose(rows, score, taken, keys, number, noise, draws)

    def age(self, rows: Rows) -> NDArray[np.float64]:
        """Age today in years."""
        born = self.pools.holders(self.state).born[rows]
        return np.asarray((self.today - born) / 365.0, dtype=np.float64)

    def keys(self, rows: Rows) -> NDArray[np.uint64]:
        """Names of residents in keyed draws."""
        return np.asarray(self.pools.holders(self.state).key[rows])

    def uniform(
        self, keys: NDArray[np.uint64], purpose: int = 0, daily: bool = True
    ) -> NDArray[np.float64]:
        """One uniform for each key (person, officer, place), the same whatever else is asked.

        Unless `daily`, it is the same on all days.
        """
        day = self.today if daily else 0
        return uniforms(np.asarray(keys, dtype=np.uint64), self.seed, day, DRAW + purpose)

    @property
    def seed(self) -> np.uint64:
        """Of the policy's own draws."""
        if not self.key:
            self.key = stream(f"policy {self.id}")
        return np.uint64(self.view.clock["seed"][0]) ^ np.uint64(self.key)


def uniforms(
    keys: NDArray[np.uint64], seed: np.uint64, day: int, purpose: int
) -> NDArray[np.float64]:
    """The first of `sim.random.draws` for many keys at once."""
    compiled = getattr(philox, "py_func", None) is not None
    if compiled:
        out = np.empty(keys.size, dtype=np.float64)
        fill_uniforms(np.ascontiguousarray(keys), seed, day, purpose, out)
        return out
    mask, half = np.uint64(0xFFFFFFFF), np.uint64(32)  # the source itself works on arrays
    first = philox(keys & mask, keys >> half, np.uint64(day) & mask, np.uint64(purpose), seed)[0]
    return np.asarray((first + 0.5) / 4294967296.0, dtype=np.float64)
