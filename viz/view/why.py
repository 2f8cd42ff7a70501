"""Why something happened: chains, cascades and divergence from a finished recording's logs.

Texts come from `sim.explain`, which `peel explain` prints too; here they are arranged for a page.
"""

from __future__ import annotations

from typing import Any

from sim.errors import UserError
from sim.explain import Causes, hexed
from sim.undo import _SAME  # the columns in which two logs are compared
from viz.view.recording import Recording

MOST_ROWS = 400
EMPTY = (
    "nothing of that kind was logged in this run: try a larger city, a longer run or another seed"
)


def causes_of(recording: Recording, arm: str) -> Causes:
    """An arm's causes. Raises UserError before the run is over, or for no such arm."""
    if arm not in ("a", "b"):
        raise UserError(f"arm {arm[:8]!r}: expected a or b")
    if not recording.tables:
        if recording.ended in ("failed", "stopped", "time"):
            raise UserError("this run has no complete event log; run it again")
        raise UserError("the run is still being recorded; causes are known when it is over")
    return recording.causes[arm]


def explain(recording: Recording, arm: str, text: str) -> dict[str, Any]:
    """The chain behind an event, itself first, and all that followed as rows in reading order."""
    causes = causes_of(recording, arm)
    id = causes.find(text or "worst")
    chain = [one(causes, k) for k in causes.chain(id)]
    root = causes.chain(id)[-1]
    top = root if root in causes.row else causes.chain(id)[-2] if len(chain) > 1 else id
    return {
        "arm": arm, "event": one(causes, id), "chain": chain,
        "same": [one(causes, k) for k in causes.together(id) if k != id],
        "tree": tree(causes, top, id), "after": tree(causes, id, id),
        "can": can(causes, id),
        "text": as_text(causes, id),
    }  # fmt: skip


def one(causes: Causes, id: int) -> dict[str, Any]:
    """An event as the page shows it."""
    e = causes.describe(id)
    if e["logged"]:
        row = causes.get(id)
        e |= {
            "actor_row": int(row["actor"]), "target_row": int(row["target"]),
            "cleared": int(row.get("cleared_day", -1)),
        }  # fmt: skip
    return e


def tree(causes: Causes, top: int, chosen: int) -> dict[str, Any]:
    """The cascade below `top`: rows with depth, and its size, generations and reproduction number.

    The reproduction number is the mean number of shootings that a shooting of the cascade led to
    directly or through events that are not shootings, which for a finished tree is (n - 1) / n.
    """
    rows: list[dict[str, Any]] = []
    shootings, deepest = 0, 0
    last = int(causes.table["day"].max()) if len(causes.table) else 0
    for node, depth in causes.tree(top).walk():
        shot = node.id in causes.row and causes.get(node.id)["kind"] == "shooting"
        shootings += shot
        deepest = max(deepest, depth)
        if len(rows) < MOST_ROWS:
            e = one(causes, node.id)
            keep = ("id", "logged", "day", "date", "kind", "fatal", "area", "block", "rule", "part",
                    "cleared", "target", "actor", "why")  # fmt: skip
            rows.append(
                {**{k: e.get(k) for k in keep}, "depth": depth, "chosen": node.id == chosen}
            )
    size = sum(1 for _ in causes.tree(top).walk())
    return {
        "rows": rows, "size": size, "shown": len(rows), "shootings": shootings,
        "generations": deepest + 1, "last_day": last,
        "reproduction": (shootings - 1) / shootings if shootings > 1 else 0.0,
    }  # fmt: skip


def can(causes: Causes, id: int) -> list[dict[str, str]]:
    """What-ifs that a replay can answer about this event."""
    from sim.undo import OWN_KEY

    if id not in causes.row:
        return []
    row = causes.get(id)
    out = []
    if row["kind"] == "shooting" and int(row["day"]) >= 0:
        if int(row.get("cleared_day", -1)) < 0:
            out.append({"verb": "solve", "label": "What if this had been solved?"})
        else:
            out.append({"verb": "unsolve", "label": "What if this had stayed unsolved?"})
    if row["kind"] in OWN_KEY and int(row["day"]) >= 0:
        out.append({"verb": "undo", "label": "What if this had not happened?"})
    for what in out:
        incident = what["verb"] == "undo" and row["kind"] == "shooting"
        what["key"] = hexed(int(row["incident"]) if incident else id)
    return out


def as_text(causes: Causes, id: int) -> str:
    """The chain as plain text, to be copied."""
    lines = []
    for k, step in enumerate(causes.chain(id)):
        e = causes.describe(step)
        if not e["logged"]:
            lines.append(f"{k + 1}. {e['id']}: {e['why']}")
            continue
        where = f"day {e['day']} ({e['date']}), {e['area']}, block {e['block']}"
        figures = f"probability or hazard {e['probability']:.4g}, drawn {e['draw']:.4g}"
        lines.append(
            f"{k + 1}. {e['id']} {str(e['kind']).replace('_', ' ')}, {where}\n"
            f"   because {e['why']}\n   rule {e['rule']}, part {e['part']}; {figures}"
        )
    return "\n".join(lines)


def cascades(recording: Recording, arm: str) -> dict[str, Any]:
    """The roots after which most people were shot, and how many events of each kind there are."""
    causes = causes_of(recording, arm)
    roots: dict[int, int] = {}
    for id in causes.own:
        chain = causes.chain(id)
        root = chain[-1] if chain[-1] in causes.row else chain[-2] if len(chain) > 1 else id
        roots.setdefault(root, 0)
    table = causes.table.set_index("id")["kind"]
    sizes = []
    for root in roots:
        ids = [n.id for n, _ in causes.tree(root).walk()]
        shot = sum(1 for i in ids if i in table.index and table[i] == "shooting")
        if shot:
            sizes.append((shot, len(ids), root))
    sizes.sort(reverse=True)
    top = [{**one(causes, r), "shot": s, "size": n} for s, n, r in sizes[:12]]
    kinds = {str(k): int(v) for k, v in causes.table.loc[causes.table["day"] >= 0, "kind"]
             .value_counts().items()}  # fmt: skip
    return {"arm": arm, "cascades": top, "kinds": kinds, "empty": "" if top else EMPTY}


def divergence(recording: Recording) -> dict[str, Any]:
    """The first life that differs, and the first logged event that does: which, where, because of
    what.
    """
    parted = recording.parted
    out: dict[str, Any] = {"parted": parted, "event": None, "arm": None}
    if not recording.tables:
        return out
    a, b = recording.causes["a"], recording.causes["b"]
    one_rows, two_rows = (
        {int(r[0]): tuple(r[1:]) for r in c.table[["id", *_SAME]].itertuples(index=False)}
        for c in (a, b)
    )
    first: tuple[int, int, str] | None = None
    for mine, other, arm in ((two_rows, one_rows, "b"), (one_rows, two_rows, "a")):
        for id, row in mine.items():
            if row[0] >= 0 and other.get(id) != row and (first is None or (row[0], id) < first[:2]):
                first = (int(row[0]), id, arm)
    if first is not None:
        causes = {"a": a, "b": b}[first[2]]
        out |= {"event": one(causes, first[1]), "arm": first[2],
                "only": first[1] not in (one_rows if first[2] == "b" else two_rows)}  # fmt: skip
    return out


def block(recording: Recording, arm: str, number: int) -> dict[str, Any]:
    """What the log tells of a block, newest first."""
    causes = causes_of(recording, arm)
    t = causes.table
    here = t[(t["block"] == number) & (t["day"] >= -365)].sort_values("day", ascending=False)
    rows = [one(causes, int(id)) for id in here["id"][:60]]
    return {"arm": arm, "block": number, "events": rows, "more": max(0, len(here) - 60)}
