"""The state of a run: plain NumPy records in a few named tuples, which compiled code reads by name.

Nothing in here is an object with behaviour: a world can be copied, saved and compared array by array,
and a process takes only the part it needs (`people`, `place`, `police`, ...), which keeps compiled
signatures small and compilation fast.
"""

import sys
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.void]


class People(NamedTuple):
    """Residents and their ties. Rows are residents; ties are compressed rows (start, then rows)."""

    residents: Array  # RESIDENT (N,)
    lives: Array  # LIFE (N,)
    kinds: Array  # KIND (groups,): how each named group of residents is treated, levers included
    side: Array  # SIDE (M,): personal levers of the few who are enrolled somewhere
    members: NDArray[np.int32]  # (N,) rows ordered by household and block
    friend_start: NDArray[np.int64]  # (N + 1,)
    friends: NDArray[np.int32]
    partner_start: NDArray[np.int64]  # (N + 1,) co-offending ties
    partners: NDArray[np.int32]


class Place(NamedTuple):
    blocks: Array  # BLOCK (B,)
    areas: Array  # AREA (A,)
    field: Array  # FIELD (A * groups,): row area * groups + group
    market_blocks: NDArray[np.int32]  # blocks with an illicit market
    market_cumulative: NDArray[np.float64]  # cumulative weight, last = 1


class Police(NamedTuple):
    officers: Array  # OFFICER
    beats: Array  # BEAT
    department: Array  # DEPARTMENT (1,)


class Groups(NamedTuple):
    gangs: Array  # GANG
    roster: NDArray[np.int32]
    dyads: Array  # DYAD
    dyad_of: NDArray[np.int32]  # (gangs * gangs,) row of dyads for attacker * gangs + target, or -1


class Flow(NamedTuple):
    """What may happen: candidate tables, and what is scheduled for later."""

    tables: Array  # TABLE: one row per process that draws candidates
    slots: Array  # SLOT: alias tables of all processes, one after another
    buffer: Array  # CANDIDATE: the candidates of one process on one day
    queue: Array  # ENTRY: scheduled for a later day
    heads: NDArray[np.int32]  # (days,) first entry of each day, or -1
    due: NDArray[np.int32]  # scratch: today's entries in canonical order
    cases: Array  # CASE
    holder: NDArray[np.int32]  # (N,) who holds the street seat that this row was born with
    seat: NDArray[np.int32]  # (N,) the seat that each resident holds: holder[seat[i]] == i
    roles: NDArray[np.int32]  # seats with ties or a driver's propensity: who holds these is watched
    role_gang: NDArray[np.int16]  # the gang whose roster such a seat belongs to, or -1
    roster_seat: NDArray[np.int32]  # the seat that goes with a slot of a roster, or -1
    grid: NDArray[np.int32]  # (height, width) block at a place of the grid, -1 where there is none


class Civic(NamedTuple):
    """What few people pass through: kits on their way to a laboratory, care, sellers in the street."""

    stock: Array  # STOCK (1,): counters and levels of the city as a whole
    kits: Array  # KIT, in the order in which they were taken
    care: Array  # CARE, in the order in which people joined
    sellers: Array  # SELLER


class Log(NamedTuple):
    events: Array  # EVENT: since the last flush
    area_counts: NDArray[np.int32]  # (A, measures) since they were last taken
    people_counts: NDArray[np.int32]  # (group * sex * age band, measures)
    suppressed: NDArray[np.uint64]  # names of the events a replay leaves out; 0 where unused
    diary: Array  # NOTE: who came, left, was arrested or changed in need or schooling, since the week began


class World(NamedTuple):
    people: People
    place: Place
    police: Police
    groups: Groups
    flow: Flow
    civic: Civic
    log: Log
    p: Array  # one record: every parameter's value in force, policies included
    clock: Array  # CLOCK (1,)


TABLE = np.dtype(
    [
        ("first", "i4"),  # its alias slots: `slots[first : first + size]`; -1: all rows weigh alike
        ("size", "i4"),
        ("mass", "f8"),  # sum of static weights
        ("unit", "f8"),  # hazard of the first layer's upper bound, per unit weight and day
        ("purpose", "i8"),  # random stream
    ],
    align=True,
)

SLOT = np.dtype([("keep", "f4"), ("own", "i4"), ("other", "i4")], align=True)

CANDIDATE = np.dtype(
    [("key", "u8"), ("height", "f8"), ("who", "i4"), ("mark", "i4")],
    align=True,
)

ENTRY = np.dtype(
    [
        ("key", "u8"),
        ("parent", "u8"),
        ("value", "f8"),
        ("next", "i4"),
        ("kind", "i4"),
        ("who", "i4"),
        ("other", "i4"),
        ("day", "i4"),
        ("place", "i4"),
    ],
    align=True,
)

CASE = np.dtype(
    [
        ("key", "u8"),  # the event it is about
        ("threshold", "f8"),  # unit exponential: cleared when the cumulative hazard passes it
        ("hazard", "f8"),  # cumulative so far
        ("victim", "i4"),
        ("offender", "i4"),
        ("block", "i4"),
        ("opened", "i4"),  # -1: the row is free
        ("witnesses", "f4"),  # cooperation, 0..1
        ("evidence", "f4"),  # physical evidence, relative to 1
        ("kind", "i2"),
        ("fatal", "u1"),
        ("delayed", "u1"),  # 1 once the neighbourhood has counted it as unsolved
        ("closed", "i4"),  # day cleared, -1 while open
        ("victim_gang", "i2"),  # then: the dead are in no gang any more, and rows pass to others
        ("offender_gang", "i2"),
        ("victim_person", "u8"),
        ("offender_person", "u8"),
        ("officer", "i4"),
        ("scene", "u1"),  # 1: a support team came to this shooting
        ("stays", "u1"),  # 1: the victim of this sexual assault stays with the case
    ],
    align=True,
)

STOCK = np.dtype(
    [
        ("kits", "i4"),  # rows in use
        ("care", "i4"),
        ("sellers", "i4"),
        ("kits_waiting", "i4"),  # at the laboratory
        ("kits_shelved", "i4"),  # never sent in
        ("care_waiting", "i4"),
        ("in_care", "i4"),
        ("scene_day", "i4"),  # the day that `scenes` counts
        ("scenes", "i4"),  # shootings that a support team went to on that day
        ("smokers", "i4"),
        ("kits_tested", "i4"),  # since the build
        ("pad", "i4"),
        ("lab_left", "f8"),  # fraction of a kit that last week's capacity left
        ("submitted_left", "f8"),  # the same for kits sent in from the shelf
        ("street_share", "f8"),  # share of tobacco that is bought in the street
        ("organisations", "f8"),  # community organisations per 100,000 residents
        ("seized", "f8"),  # dollars seized since the build
    ],
    align=True,
)

KIT = np.dtype(
    [
        ("key", "u8"),  # its name in the log
        ("person", "u8"),  # the offender, whom nobody knows yet
        ("victim_person", "u8"),
        ("case_key", "u8"),
        ("case_row", "i4"),
        ("offender", "i4"),  # row
        ("victim", "i4"),
        ("block", "i4"),
        ("taken", "i4"),  # day
        ("state", "i4"),  # see sim.processes.kits
    ],
    align=True,
)

CARE = np.dtype(
    [
        ("person", "u8"),
        ("resident", "i4"),  # row
        ("joined", "i4"),  # day
        ("begun", "i4"),  # day, -1 while waiting
        ("pad", "i4"),
    ],
    align=True,
)

SELLER = np.dtype(
    [("person", "u8"), ("resident", "i4"), ("since", "i4")],
    align=True,
)

EVENT = np.dtype(
    [
        ("key", "u8"),
        ("cause", "u8"),  # key of the event that caused it, 0: none
        ("probability", "f8"),
        ("draw", "f8"),
        ("day", "i4"),
        ("actor", "i4"),  # row of a resident (or officer, for force), -1: none
        ("target", "i4"),
        ("block", "i4"),
        ("x_m", "f4"),
        ("y_m", "f4"),
        ("severity", "f4"),
        ("incident", "u8"),  # the shooting incident that this victim belongs to
        ("kind", "i2"),
        ("rule", "i2"),
        ("part", "i2"),
        ("known", "i2"),  # known to police
        ("actor_gang", "i2"),
        ("target_gang", "i2"),
        ("flags", "i4"),  # bit 0: fatal (shootings), or arrested (arrests)
        ("actor_person", "u8"),  # the persons' names: rows are held by others later
        ("target_person", "u8"),
        ("home", "i4"),  # the target's home block, -1: no target
        ("actor_group", "i2"),
        ("target_group", "i2"),
        ("target_sex", "i2"),
        ("target_age", "i2"),  # years
    ],
    align=True,
)

NOTE = np.dtype([("row", "i4"), ("what", "i4")], align=True)

CLOCK = np.dtype(
    [
        ("day", "i8"),
        ("seed", "u8"),
        ("events", "i8"),  # rows in use
        ("noted", "i8"),  # rows of the diary in use; more than it has: some were not written down
        ("cases", "i8"),  # high-water mark
        ("free_case", "i8"),  # head of the free list (linked through `opened` as -2 - next), or -1
        ("free_entry", "i8"),
        ("entries", "i8"),
        ("groups", "i8"),
        ("trouble", "i8"),  # 0, or the code of what went wrong (see engine.TROUBLE)
        ("trouble_at", "i8"),
        ("start_weekday", "i8"),  # 0 = Monday
        ("start_doy", "i8"),  # day of the year of day 0
        ("gangs", "i8"),
        ("block_m", "f8"),
        (
            "most_violence",
            "f8",
        ),  # the largest personal levers in force this week: what ceilings need
        ("most_offending", "f8"),
        ("grievances", "i8"),  # entries of that kind on the calendar
    ],
    align=True,
)


LINE = 64  # bytes of a line of memory, where records of that size are to start


def room(size: int) -> NDArray[np.uint8]:
    """`size` zeroed bytes that start with a line of memory."""
    raw = np.zeros(size + LINE, dtype=np.uint8)
    first = -raw.ctypes.data % LINE
    return raw[first : first + size]


def records(dtype: np.dtype, n: int) -> Array:
    """n zeroed records whose fields read as attributes, compiled or not."""
    return room(n * dtype.itemsize).view(dtype).view(np.recarray)


SETTLED = frozenset({
    "members", "friend_start", "friends", "partner_start", "partners", "market_blocks", "market_cumulative",
    "dyad_of", "slots", "roles", "role_gang", "roster_seat", "grid",
})  # fmt: skip
"""Tables that stay as the city was built: no process writes to them, so that copies share them."""


_pieces: list[NDArray[np.uint8]] = []  # the memory of the last copy
LARGEST_PIECE = 64_000_000  # bytes of it that are worth holding on to


def _piece(size: int) -> NDArray[np.uint8]:
    """`size` bytes of any content: those of the last copy once nothing of it is left, else new ones.

    A run in a small city takes so little time that a good part of it would go into asking the system
    for fresh memory.
    """
    piece = _pieces.pop() if _pieces else None  # a second thread finds none
    unused = piece is not None and sys.getrefcount(piece) == 2  # this name and the count's own
    if piece is None or not unused or piece.size != size:
        piece = np.empty(size, dtype=np.uint8)
    if size <= LARGEST_PIECE:
        _pieces.append(piece)
    return piece


def copy(world: World) -> World:
    """A world of which nothing that changes is shared with `world`.

    What is SETTLED is shared, and can't be written to in the copy. The other arrays lie in one piece of
    memory, which is quicker to have than fifty, and each starts with a line, so that a record of 64
    bytes is one line and not the ends of two.
    """
    parts = world._asdict()
    tables = {n: {"": x} if isinstance(x, np.ndarray) else x._asdict() for n, x in parts.items()}
    size = sum(
        a.nbytes + -a.nbytes % LINE
        for part in tables.values()
        for name, a in part.items()
        if name not in SETTLED
    )
    raw = _piece(size + LINE)
    at = -raw.ctypes.data % LINE
    for part in tables.values():
        for name, a in part.items():
            if name in SETTLED:
                if a.flags.writeable:
                    part[name] = a.view()
                    part[name].flags.writeable = False
                continue
            mine = raw[at : at + a.nbytes]
            # byte by byte, since NumPy copies records field by field
            mine[:] = np.ascontiguousarray(a).reshape(-1).view(np.uint8)
            part[name] = mine.view(a.dtype).reshape(a.shape).view(type(a))
            at += a.nbytes + -a.nbytes % LINE
    return World(
        **{n: part[""] if "" in part else type(parts[n])(**part) for n, part in tables.items()}
    )
