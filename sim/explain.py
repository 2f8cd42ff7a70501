"""Causes: from an event back to its root, and from an event to all that followed.

Each logged row names the event that caused it, so a run's log (its burn-in included) is a forest.
The people shot in one incident are several rows; each can be the parent of what followed from it.
Some causes are not in the log: robberies, beatings and other offences without a gun are counted,
not logged, so a chain may end at such an id, and then says so.

A shooting's parent was drawn by the rule that produced it (see sim.processes: violence, feuds,
reprisals): "caused by" means "the candidate that happened was born of", not "would not have happened
without": that is what `sim.undo` finds out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import UserError
from sim.words import nearest

if TYPE_CHECKING:
    import pandas as pd

    from sim.results import RunResult

WORDS = {
    "worst": "the event of the run after which most people were shot",
    "deepest": "the event with the longest chain of causes",
    "last": "the last event of the run",
}
"""What may stand for an id, besides a kind of event (its last one)."""


@dataclass
class Node:
    """An event and what followed from it."""

    id: int
    children: list[Node] = field(default_factory=list)

    def walk(self, depth: int = 0) -> Iterator[tuple[Node, int]]:
        """Every node below and this one, with its depth; earlier branches first."""
        stack = [(self, depth)]
        while stack:
            node, at = stack.pop()
            yield node, at
            stack += [(child, at + 1) for child in reversed(node.children)]


class Causes:
    """The causes in one run: `events` and `before` of a RunResult, indexed by id."""

    def __init__(
        self, events: pd.DataFrame, before: pd.DataFrame, area_names: list[str], groups: list[str]
    ) -> None:
        import pandas as pd

        both = [part for part in (before, events) if len(part)]
        self.table = pd.concat(both, ignore_index=True) if both else events
        self.row = {int(id): k for k, id in enumerate(self.table["id"])}
        self.own = [int(id) for id in events["id"]]
        self.area_names, self.group_names = area_names, groups

    @classmethod
    def of(cls, result: RunResult) -> Causes:
        """Of a run, in memory or loaded."""
        geography = result.geography
        return cls(result.events, result.before, geography.area_names, geography.group_names)

    def get(self, id: int) -> dict[str, Any]:
        """The event's row as plain values."""
        values = self.table.iloc[self.row[id]].to_dict()
        return {k: v.item() if hasattr(v, "item") else v for k, v in values.items()}

    @cached_property
    def children(self) -> dict[int, list[int]]:
        """Ids by cause, in order of day and id."""
        table = self.table.sort_values(["day", "id"], kind="stable")
        out: dict[int, list[int]] = {}
        for id, cause in zip(table["id"], table["cause"], strict=True):
            if cause:
                out.setdefault(int(cause), []).append(int(id))
        return out

    def chain(self, id: int) -> list[int]:
        """The event, its cause, that one's cause ... to the root (which may not be in the log)."""
        out = [id]
        while out[-1] in self.row:
            cause = int(self.table["cause"].iloc[self.row[out[-1]]])
            if not cause or cause in out:
                break
            out.append(cause)
        return out

    def tree(self, id: int) -> Node:
        """The event and all that followed from it."""
        top = Node(id)
        stack, seen = [top], {id}
        while stack:
            node = stack.pop()
            for child in self.children.get(node.id, []):
                if child not in seen:
                    seen.add(child)
                    node.children.append(Node(child))
            stack += node.children
        return top

    def descendants(self, ids: Iterable[int]) -> list[int]:
        """All that followed from any of `ids`, themselves left out; in order of day and id."""
        top = set(ids)
        found = {node.id for id in top for node, _ in self.tree(id).walk()} - top
        order = self.table["day"]
        return sorted(found, key=lambda id: (int(order.iloc[self.row[id]]), id))

    def together(self, id: int) -> list[int]:
        """Everybody's rows of the same incident, the event's own among them."""
        if id not in self.row:
            return [id]
        incident = self.table["incident"].iloc[self.row[id]]
        same = self.table.loc[self.table["incident"] == incident, "id"]
        return [int(x) for x in same] if len(same) > 1 else [id]

    # --- finding an event -------------------------------------------------------------------------

    def find(self, text: str) -> int:
        """The id that `text` means: decimal, hexadecimal, a kind of event, or one of WORDS.

        Raises UserError with the nearest possibilities.
        """
        word = text.strip().lower()
        if not len(self.table):
            raise UserError(f"event {text[:40]!r}: nothing was logged in this run")
        if word in WORDS:
            return self._named(word)
        kinds = self.table.loc[self.table["kind"] == word, "id"]
        if len(kinds):
            return int(kinds.iloc[-1])
        numbers = _numbers(word)
        for number in numbers:
            if number in self.row:
                return number
        raise UserError(f"event {text[:40]!r}: {self._hint(word, numbers)}")

    def _named(self, word: str) -> int:
        ids = self.own or list(self.row)
        if word == "last":
            return ids[-1]
        if word == "deepest":
            return max(ids, key=lambda id: (len(self.chain(id)), -self.row[id]))
        return max(ids, key=lambda id: (self._shot_after(id), -self.row[id]))

    def _shot_after(self, id: int) -> int:
        return self._shot.get(id, 0)

    @cached_property
    def _shot(self) -> dict[int, int]:
        """People shot in the event and in all that followed from it, by id (newest first)."""
        table = self.table.sort_values(["day", "id"], kind="stable", ascending=False)
        total: dict[int, int] = {}
        for id, cause, kind in zip(table["id"], table["cause"], table["kind"], strict=True):
            here = total.get(int(id), 0) + (kind == "shooting")
            total[int(id)] = here
            if cause:
                total[int(cause)] = total.get(int(cause), 0) + here
        return total

    def _hint(self, word: str, numbers: list[int]) -> str:
        kinds = sorted(set(self.table["kind"]))
        if not numbers:
            names = [*WORDS, *kinds]
            return f"expected an id from events.parquet, or a word{nearest(word, names)}"
        close = sorted(self.row, key=lambda id: min(abs(id - n) for n in numbers))[:3]
        told = ", ".join(f"{hexed(id)} ({self.get(id)['kind']})" for id in close)
        return (
            f"no event of this run has that id; the nearest are {told}"
            f" (ids have 64 bits: read them as whole numbers, not as floats)"
        )

    # --- in words ---------------------------------------------------------------------------------

    def describe(self, id: int) -> dict[str, Any]:
        """An event for people and programs: what, when, where, who, by which rule, and why."""
        if id not in self.row:
            return {"id": hexed(id), "logged": False, "why": NOT_LOGGED}
        e = self.get(id)
        area = int(e["area"])
        return {
            "id": hexed(id),
            "logged": True,
            "day": int(e["day"]),
            "date": str(e["date"])[:10],
            "burn_in": int(e["day"]) < 0,
            "kind": e["kind"],
            "fatal": bool(e["fatal"]),
            "area": self.area_names[area] if 0 <= area < len(self.area_names) else area,
            "block": int(e["block"]),
            "actor": self._who(e, "actor"),
            "target": self._who(e, "target"),
            "known": bool(e["known"]),
            "rule": e["rule"],
            "part": e["part"],
            "probability": float(e["probability"]),
            "draw": float(e["draw"]),
            "cause": hexed(int(e["cause"])) if e["cause"] else None,
            "incident": hexed(int(e["incident"])),
            "why": why(e),
        }

    def _who(self, e: dict[str, Any], side: str) -> str | None:
        row = int(e[side])
        if row < 0:
            return None
        officer = side == "actor" and e["kind"] in ("force", "police_killing")
        traits = []
        group = int(e[f"{side}_group"])
        if 0 <= group < len(self.group_names) and not officer:
            traits.append(self.group_names[group])
        if side == "target" and int(e["target_sex"]) >= 0:
            traits.append("male" if int(e["target_sex"]) else "female")
        if side == "target" and int(e["target_age"]) >= 0:
            traits.append(f"{int(e['target_age'])}")
        gang = int(e.get(f"{side}_gang", -1))
        if gang >= 0 and not officer:
            traits.append(f"gang {gang}")
        what = "officer" if officer else "resident"
        return f"{what} {row}" + (f" ({', '.join(traits)})" if traits else "")


NOT_LOGGED = (
    "an act that is counted but not logged, such as a robbery or a beating without a gun; its own"
    " cause is not kept"
)

_RULES = {
    "dispute": "a dispute turned violent: its hazard that day was {p:.3g}, and the height drawn for"
    " this candidate, {d:.3g}, lay below",
    "gang attack": "a gang attacked a rival: the hazard of that pair of gangs was {p:.3g} that day,"
    " the height drawn {d:.3g}",
    "grievance": "the side of somebody attacked settled it: they were ready for {p:.3g} reprisals"
    " in all, and this one's height, {d:.3g}, lay below",
    "exposure": "somebody close to an earlier shooting was drawn in: readiness for {p:.3g} attacks"
    " in all, and this one's height, {d:.3g}, lay below",
    "wound": "the wound was fatal",
    "stop": "in a stop the chance of force was {p:.3g}, and {d:.3g} was drawn",
    "response": "in an answer to a call the chance of force was {p:.3g}, and {d:.3g} was drawn",
    "case": "the evidence and effort on the case had summed to a hazard of {p:.3g}, past its"
    " threshold of {d:.3g}",
    "gun after victimisation": "somebody who had been victimised got a gun",
    "gun after a tie was shot": "somebody got a gun after a friend or co-offender was shot",
    "market opening": "a vice arrest had left an opening in a market, and others fought over it",
    "raid": "a tactical team came to the home: police also stop people like those who live there",
    "kit": "physical evidence was taken after a founded report",
    "support at the scene": "a support team was on shift and free",
    "publicity": "it became known through the media",
    "scheduled": "the scenario says so",
    "enrol": "a programme gave somebody a place",
    "lapse": "somebody left a programme",
}
_PARTS = {
    "market": ", at an illicit market",
    "rivalry": ", out of standing rivalry",
    "inertia": ", kept hot by earlier attacks (the one named was drawn in proportion to what each"
    " left)",
    "contact": "",
}
_KINDS = {
    "retaliation_averted": "a reprisal was mediated: the chance was {p:.3g}, and {d:.3g} was drawn",
    "dna_hit": "the profile matched somebody in the database: arrested before, or since",
    "arrest_dna": "the match was followed up, and the victim took part once more",
    "police_killing": "the use of force was fatal",
}


def why(e: dict[str, Any]) -> str:
    """One sentence on why an event happened, with the figures that decided it."""
    text = _KINDS.get(e["kind"]) or _RULES.get(e["rule"], "no rule was noted")
    text = text.format(p=float(e["probability"]), d=float(e["draw"]))
    return text + _PARTS.get(e["part"], "")


def hexed(id: int) -> str:
    """An id as it is printed; `peel explain` takes it back, as it does the decimal."""
    return f"0x{id:016x}"


def _numbers(word: str) -> list[int]:
    """What a text may mean as an id: the decimal first, then hexadecimal digits."""
    out = []
    for base in (10, 16):
        try:
            out.append(int(word, base))
        except ValueError:
            continue
    return [n for n in out if 0 < n < 2**64]


def folders_near(folder: Path) -> list[str]:
    """Folders of runs beside or below where `folder` was looked for, nearest places first."""
    found: list[str] = []
    for place in (folder, folder.parent, Path(), Path("out")):
        try:
            if place.is_dir():
                found += [str(p.parent) for p in sorted(place.glob("*/run.json"))[:20]]
        except (OSError, ValueError):
            continue
    return list(dict.fromkeys(found))


def load(folder: Path) -> RunResult:
    """The run in `folder`. Raises UserError that names runs nearby where there is none."""
    from sim.results import RunResult

    try:
        there = (folder / "run.json").is_file()
    except (OSError, ValueError):
        there = False
    if not there:
        near = folders_near(folder)
        what = "is not the folder of a run" if folder.exists() else "there is no such folder"
        tail = nearest(str(folder), near) if near else "; none is nearby"
        raise UserError(f"{folder}: {what}; expected what `peel run --out` wrote{tail}")
    return RunResult.load(folder)
