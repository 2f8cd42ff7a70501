"""What a study of the simulated city would collect besides the run's weekly tables.

Survey of residents, sample of victimisations, the force's officers, gangs' dyads, the recorded
co-offending network, and who was likeliest to shoot at the start of each year. All are read from
the world in memory; nothing is changed and every draw is keyed, so asking moves no result.

`Notes` keeps what the world forgets in a run of several years (rows are held by others later); pass
`begin_notes` to `sim.run.run(setup=...)`. Without it the first day and the last one are known.

Leaves out: refusal, recall and lying. People answer what is so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import measures as m
from sim.agents.officers import VACANT
from sim.agents.residents import DEAD, INJURED, RECORDED
from sim.agents.start import Start
from sim.kernel import kernel
from sim.processes.beliefs import fear_of, legitimacy_now
from sim.processes.record import age_years
from sim.processes.reporting import call_chance
from sim.processes.routine import age_factor, carry_chance

if TYPE_CHECKING:
    import pandas as pd

    from sim.engine import State
    from sim.results import RunResult
    from sim.world import World

LARGEST_SURVEY = 200_000
LARGEST_SAMPLE = 50_000
YOUNGEST = 16.0
PRONE_SHARE = 0.002
"""Residents in `drivers`, as a share of all."""
YEAR = 365
RECALL_DAYS = 3 * YEAR
"""How far back "ever carried a gun" asks."""
_ASKED = {
    "robberies": (m.K_ROBBERY, "robbery", True),
    "serious_assaults": (m.K_SERIOUS, "serious assault", True),
    "sexual": (m.K_SEXUAL, "sexual", True),
    "domestic": (m.K_DOMESTIC, "domestic", False),
    "simple_assaults": (m.K_SIMPLE, "simple assault", False),
    "property": (m.K_PROPERTY, "property", False),
}
"""Count of the run -> (kind of offence, its name, whether it means injury or a weapon)."""


@kernel
def answers(w, rows, out):
    """(legitimacy, fear of reprisal, chance of carrying a gun today) of these residents, (n, 3)."""
    people, place, clock, p = w.people, w.place, w.clock, w.p[0]
    day = clock[0].day
    for k in range(rows.size):
        r = people.residents[rows[k]]
        f = place.field[r.area * clock[0].groups + r.group]
        out[k, 0] = legitimacy_now(r, f, day, p)
        out[k, 1] = fear_of(place, r, day, p)
        out[k, 2] = carry_chance(people, place, rows[k], day, p)


@kernel
def chances_to_call(w, rows, kinds, out):
    """The model's own probability that resident rows[k] reports an offence of kinds[k] today."""
    for k in range(rows.size):
        out[k] = call_chance(w, rows[k], kinds[k])


@kernel
def proneness(w, out):
    """Latent propensity to shoot of every row: the trait, by age; 0 for who isn't at liberty."""
    people, clock = w.people, w.clock
    for i in range(people.residents.size):
        r = people.residents[i]
        out[i] = 0.0
        if r.status <= INJURED:
            out[i] = r.propensity * age_factor(age_years(r, clock[0].day))


def begin_notes(state: State) -> None:
    """`setup` of a run: take notes from its first day on."""
    notes = Notes(first_day=state.day)
    notes.take(state, 0)
    state.recorders.append(notes)


@dataclass
class Notes:
    """At the last week's end before each year of a run: who is most prone, who is in the record."""

    first_day: int
    drivers: list[np.ndarray] = field(default_factory=list)
    """By year, persons (uint64) by falling propensity."""
    recorded: list[tuple[int, np.ndarray, np.ndarray]] = field(default_factory=list)
    """(day of the run, rows, persons) inside the recorded network."""

    def __call__(self, state: State) -> None:
        day = state.day - self.first_day
        if day + 7 > YEAR * len(self.drivers):
            self.take(state, day)

    def take(self, state: State, day: int) -> None:
        """Note the world of today as that of `day` of the run."""
        self.drivers.append(most_prone(state.world, state.handle))
        self.recorded.append((day, *in_record(state.world)))


def notes_of(result: RunResult) -> Notes:
    """The run's notes; else those that the burnt-in city, which is the first day's, allows."""
    state = _state(result)
    for recorder in state.recorders:
        if isinstance(recorder, Notes):
            return recorder
    if result.burnt is None:
        raise AttributeError("the run was made without notes (sim.surveys.begin_notes)")
    from sim.compiled import handle

    world = result.burnt.world
    first = most_prone(world, handle(world))
    return Notes(int(world.clock["day"][0]), [first], [(0, *in_record(world))])


def most_prone(world: World, handle: Any) -> np.ndarray:
    """(k,) persons with the highest latent propensity to shoot, highest first."""
    level = np.zeros(world.people.residents.size)
    proneness(handle, level)
    living = int((world.people.residents["status"] < DEAD).sum())
    few = min(int(PRONE_SHARE * living) + 1, level.size)
    rows = np.argpartition(-level, few - 1)[:few]
    person = world.people.lives["key"]
    return np.asarray(person[rows[np.lexsort((person[rows], -level[rows]))]])


def in_record(world: World) -> tuple[np.ndarray, np.ndarray]:
    """(seats, persons) who are inside the recorded co-offending network; ties join seats."""
    rows = np.flatnonzero(world.people.residents["flags"] & RECORDED)
    return world.flow.seat[rows], world.people.lives["key"][rows].copy()


def survey(result: RunResult) -> pd.DataFrame:
    """Residents at liberty aged 16 and over on the last day; above 200,000 a keyed sample.

    `carrying` is a keyed draw with today's chance; `ever_carried` one with the chance of having
    done so on at least one of the last three years' days if all were like today, since the world
    keeps no diary. `weight` is residents per answer; `victimised` counts since the person came or
    the burn-in began.
    """
    import pandas as pd

    state = _state(result)
    people, day = state.world.people, state.day
    r = people.residents
    age = (day - r["born"].astype(np.int64)) / float(YEAR)
    rows = np.flatnonzero((r["status"] <= INJURED) & (age >= YOUNGEST)).astype(np.int64)
    u = _chance(state).uniforms("survey", people.lives["key"][rows], day)
    share = min(1.0, LARGEST_SURVEY / max(rows.size, 1))
    asked = u[:, 0] < share
    rows, u = rows[asked], u[asked]
    said = np.zeros((rows.size, 3))
    answers(state.handle, rows, said)
    lives = people.lives[rows]
    return pd.DataFrame(
        {
            "person": lives["key"],
            "age": age[rows],
            "sex": r["sex"][rows].astype(np.int64),
            "group": r["group"][rows].astype(np.int64),
            "area": r["area"][rows].astype(np.int64),
            "legitimacy": said[:, 0],
            "fear": said[:, 1],
            "carrying": u[:, 1] < said[:, 2],
            "ever_carried": u[:, 2] < 1.0 - (1.0 - said[:, 2]) ** RECALL_DAYS,
            "shot_at_year": day - lives["last_shot"].astype(np.int64) <= YEAR,
            "victimised": lives["victimised"].astype(np.int64),
            "weight": 1.0 / share,
        }
    )


def victimisations(result: RunResult) -> pd.DataFrame:
    """A keyed sample of victimisations: kind, whether serious, the victim's trust, reported or not.

    The engine keeps no row per offence. Kinds are therefore drawn by the run's counts, victims in
    proportion to how often each present resident was victimised (of any kind), and `reported` with
    the probability that the model itself uses (`sim.processes.reporting.call_chance`), all as of
    the last day. `serious`: injury or a weapon (robbery, serious and sexual assault).
    """
    import pandas as pd

    state = _state(result)
    people = state.world.people
    counts = np.array([result.totals[name] for name in _ASKED])
    often = np.where(people.residents["status"] <= INJURED, people.lives["victimised"], 0)
    number = int(min(counts.sum(), LARGEST_SAMPLE)) if often.any() else 0
    u = _chance(state).uniforms("survey of victims", number, state.day)
    whom = np.cumsum(often, dtype=np.float64)
    rows = np.searchsorted(whom, u[:, 0] * whom[-1], side="right").astype(np.int64)
    which = np.searchsorted(np.cumsum(counts), u[:, 1] * counts.sum(), side="right")
    code = np.array([code for code, _, _ in _ASKED.values()], dtype=np.int64)[which]
    said, chance = np.zeros((number, 3)), np.zeros(number)
    answers(state.handle, rows, said)
    chances_to_call(state.handle, rows, code, chance)
    return pd.DataFrame(
        {
            "day": np.full(number, result.days, dtype=np.int64),
            "kind": np.array([name for _, name, _ in _ASKED.values()])[which],
            "serious": np.array([serious for _, _, serious in _ASKED.values()])[which],
            "group": people.residents["group"][rows].astype(np.int64),
            "legitimacy": said[:, 0],
            "fear": said[:, 1],
            "chance": chance,
            "reported": u[:, 2] < chance,
        }
    )


def officers(result: RunResult) -> pd.DataFrame:
    """Officers in post on the last day: complaints and uses of force since hired or the burn-in."""
    import pandas as pd

    state = _state(result)
    rows = state.world.police.officers
    rows = rows[rows["status"] != VACANT]
    return pd.DataFrame(
        {
            "officer": rows["key"],
            "complaints": rows["complaints"].astype(np.int64),
            "force_count": rows["force_count"].astype(np.int64),
            "years": (state.day - rows["hired"].astype(np.int64)) / float(YEAR),
            "unit": rows["unit"].astype(np.int64),
            "beat": rows["beat"].astype(np.int64),
        }
    )


def dyads(result: RunResult) -> pd.DataFrame:
    """Ordered pairs of gangs with a row in the world: standing rivalry (constant) and heat."""
    import pandas as pd

    rows = _state(result).world.groups.dyads
    names = ("attacker", "target", "standing", "heat")
    return pd.DataFrame({name: np.asarray(rows[name]) for name in names})


def ties(result: RunResult) -> pd.DataFrame:
    """The recorded co-offending network, by person: ties whose two ends were both in the record at
    the start, at the end or at a year's turn between; `day` is the first of these (0: before)."""
    import pandas as pd

    state = _state(result)
    people = state.world.people
    start = people.partner_start
    source = np.repeat(np.arange(start.size - 1, dtype=np.int32), np.diff(start))
    once = source < people.partners
    one, two = source[once], people.partners[once]
    seen = [*notes_of(result).recorded, (result.days, *in_record(state.world))]
    person = np.zeros(people.residents.size, dtype=np.uint64)
    parts = []
    for day, rows, persons in seen:
        person[:] = 0
        person[rows] = persons
        both = (person[one] > 0) & (person[two] > 0)
        parts.append(pd.DataFrame({"a": person[one[both]], "b": person[two[both]], "day": day}))
    return pd.concat(parts).drop_duplicates(["a", "b"]).reset_index(drop=True)


def drivers(result: RunResult) -> pd.DataFrame:
    """The top 0.2 % of residents by latent propensity to shoot at the start of each year noted."""
    import pandas as pd

    parts = [
        pd.DataFrame({"year": year, "person": persons, "rank": np.arange(persons.size)})
        for year, persons in enumerate(notes_of(result).drivers)
        if YEAR * year < result.days
    ]
    return pd.concat(parts, ignore_index=True)


def _state(result: RunResult) -> State:
    if result.state is None:
        raise AttributeError("only a run still in memory has this table; run the scenario again")
    return result.state


def _chance(state: State) -> Start:
    """Keyed draws of the run's seed by name of purpose."""
    return Start(np.uint64(state.world.clock["seed"][0]), {})
