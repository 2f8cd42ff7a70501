"""Policy: what a programme, reform or harm is, as data plus one method.

A policy is a frozen dataclass. Its class attributes say what it is and on what evidence; its
fields are the settings a scenario may change; `week` is called before each week while it is in
force (and `after` once it has ended, while its effect fades) with a Desk, through which it enrols,
proposes moves of levers, spends money and takes hours. It never touches a process or an outcome.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from sim.policies.desk import Desk


@dataclass(frozen=True)
class Policy:
    """Base of all policies. Subclasses override `week`, perhaps `plan` and `after`, and no more.

    For the usual kinds there are bases that leave only a few lines: Programme (people enrol),
    Course (officers are trained), Hiring, and Switch (city-wide), in the modules of those names.
    """

    name: ClassVar[str] = ""
    row: ClassVar[int] = 0
    """Row of the catalogue of policies (0: none)."""
    harm: ClassVar[bool] = False
    title: ClassVar[str] = ""
    eligible: ClassVar[str] = ""
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {}
    """Lever -> (default move, low, high) at full dose."""
    capacity: ClassVar[str] = ""
    unit_cost: ClassVar[str] = ""
    cost_year: ClassVar[int] = 2024
    badge: ClassVar[str] = "none"
    """Best evidence of an effect: experiment, quasi, descriptive, advocacy or none."""
    evidence: ClassVar[tuple[str, ...]] = ()
    contested_by: ClassVar[str] = ""
    speculative: ClassVar[bool] = False
    """True where no estimate of the effect exists."""
    moves: ClassVar[dict[str, str]] = {}
    """Lever -> the setting that holds its move at full dose; range and default as in `levers`."""
    trial: ClassVar[dict[str, float]] = {}
    """Settings at which it shows within weeks in a small city, for check_policy."""
    lasting: ClassVar[bool] = False
    """True where an effect outlives the end in those reached (trained, hired), until it fades."""
    bounds: ClassVar[dict[str, tuple[float, float]]] = {}
    """Range of each numeric setting; those of base classes and of `moves` are added."""
    unread: ClassVar[dict[str, str]] = {}
    """Settings of a base class that this policy has no use for -> what says it here instead.
    A scenario that gives one is refused: it would change nothing, and nobody would be told."""

    dose: float = 1.0
    """Strength relative to the programme as described, 0 (changes nothing) to 2."""

    def __init_subclass__(cls) -> None:
        merged: dict[str, tuple[float, float]] = {}
        for one in reversed(cls.__mro__):
            merged.update(vars(one).get("bounds", {}))
        for lever in cls.moves:
            if lever not in cls.levers:
                raise ValueError(
                    f"{cls.__name__}: moves names {lever!r}, which levers does not declare"
                )
        merged.update((name, cls.levers[lever][1:]) for lever, name in cls.moves.items())
        cls.bounds = merged

    def __post_init__(self) -> None:
        limits = {"dose": (0.0, 2.0), **self.bounds}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                continue
            if not math.isfinite(value):
                raise ValueError(f"{self.name}: {field.name} = {value}: expected a finite number")
            low, high = limits.get(field.name, (-math.inf, math.inf))
            if not low <= value <= high:
                raise ValueError(
                    f"{self.name}: {field.name} = {value}: expected {low:g} to {high:g}"
                )

    @property
    def outlasts(self) -> bool:
        """Does something of it stay, for a while, with those it reached when it ends?"""
        return self.lasting

    def plan(self, desk: Desk) -> tuple[float, float]:
        """Officers' hours and dollars wanted this week; `desk.share` falls if all want too much."""
        return 0.0, 0.0

    def week(self, desk: Desk) -> None:
        """One week in force."""
        raise NotImplementedError(f"{type(self).__name__} must say what it does in a week")

    def after(self, desk: Desk) -> None:
        """One week after the end; by default nothing is left at once."""
        desk.withdraw_all()
