"""`peel explain`: the causes behind an event of a run, what followed, and a replay without it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments import options

if TYPE_CHECKING:
    from sim.explain import Causes, Node
    from sim.undo import Undone

_MOST = 40  # lines of one list; --json has all of it
_KINDS = {"arrest_shooting": "arrest", "gun": "gun acquired"}
ONE_WORLD = (
    "One replay is one possible world: it tells what hung on this event in this life, all draws"
    " being equal, not how much such events matter on average. For that, compare scenarios over"
    " many seeds."
)


def add_parsers(subparsers: Any) -> None:
    """Add the command to `peel`."""
    parser = subparsers.add_parser(
        "explain",
        help="show the chain of causes behind an event of a run",
        description="Show the chain of causes behind an event, back to its root (in the burn-in, if"
        " need be), and what followed from it. With --undo, replay the city without the event and"
        " tell what else then did and didn't happen.",
    )
    parser.add_argument("run", metavar="RUN", type=Path, help="folder written by `peel run --out`")
    parser.add_argument(
        "event",
        metavar="EVENT",
        help="id of an event (events.parquet; decimal or hexadecimal), or: worst (most people shot"
        " in what followed), deepest (longest chain), last, or a kind such as shooting (its last)",
    )
    parser.add_argument("--undo", action="store_true", help="replay the city without the event")
    options.add(parser, "json", "plugin", "quiet")
    parser.set_defaults(call=explain_command)


def explain_command(args: argparse.Namespace) -> int:
    """Print the chain and what followed; with --undo, the replay's differences too."""
    options.load_plugins(args.plugin)
    from sim.explain import Causes, load

    run = load(args.run)
    causes = Causes.of(run)
    id = causes.find(args.event)
    undone = None
    if args.undo:
        from experiments.run_cli import Bar
        from sim.undo import undo

        bar = Bar(quiet=args.quiet)
        bar.say(f"replaying {run.scenario.name}, seed {run.seed}, from its burn-in, without it")
        undone = undo(run, id, progress=bar.show)
        bar.close()
    if args.json:
        data = as_json(causes, id)
        if undone is not None:
            data["undo"] = undo_json(undone)
        options.print_json(data)
        return 0
    print_causes(causes, id)
    if undone is not None:
        print()
        print_undo(undone)
    return 0


# --- as JSON ----------------------------------------------------------------------------------


def as_json(causes: Causes, id: int) -> dict[str, Any]:
    """What `peel explain --json` prints: the event, its chain (itself first), what followed."""
    tree = causes.tree(id)
    return {
        "event": causes.describe(id),
        "chain": [causes.describe(one) for one in causes.chain(id)],
        "same_incident": [causes.describe(i)["id"] for i in causes.together(id) if i != id],
        "followed": [_branch(causes, child) for child in tree.children],
        "followed_events": sum(1 for _ in tree.walk()) - 1,
    }


def _branch(causes: Causes, top: Node) -> dict[str, Any]:
    """A tree as nested tables, without recursion: chains of causes may be hundreds long."""
    made: dict[int, dict[str, Any]] = {}
    nodes = [node for node, _ in top.walk()]
    for node in reversed(nodes):
        made[node.id] = {
            **causes.describe(node.id),
            "followed": [made[child.id] for child in node.children],
        }
    return made[top.id]


def undo_json(undone: Undone) -> dict[str, Any]:
    """The key `undo` of `peel explain --undo --json`."""
    from sim.explain import hexed

    before, after = undone.before, undone.after
    return {
        "suppressed": hexed(undone.act.key),
        "instead": undone.act.said or None,
        "acts": [before.describe(i) for i in undone.act.head],
        "vanished": [before.describe(i) for i in undone.vanished],
        "vanished_that_followed": [hexed(i) for i in undone.followed],
        "happened_all_the_same": [after.describe(i) for i in undone.anyway],
        "changed": [
            {"before": before.describe(i), "after": after.describe(i)} for i in undone.changed
        ],
        "new": [after.describe(i) for i in undone.new],
        "first_difference": {
            "event_day": undone.first_day, "week": undone.first_week, "counts": undone.first_counts,
        },
        "events": {k: {"run": a, "without": b} for k, (a, b) in undone.counts.items()},
        "totals": {k: {"run": a, "without": b, "difference": b - a}
                   for k, (a, b) in undone.headlines.items()},
        "event_log_hash": undone.replay.event_log_hash if undone.replay else None,
        "note": ONE_WORLD,
    }  # fmt: skip


# --- in print ---------------------------------------------------------------------------------


def print_causes(causes: Causes, id: int) -> None:
    """The event, its causes back to the root, and what followed."""
    from experiments.lookup import wrapped

    chain = causes.chain(id)
    print(_headline(causes, id))
    others = [i for i in causes.together(id) if i != id]
    if others:
        print("  in the same incident:")
        for other in others:
            print(wrapped(_short(causes, other), "    "))
    print()
    if len(chain) == 1:
        print("It is a root: no earlier event caused it.")
        _explain(causes, id)
    else:
        print(f"Why: {len(chain)} events, from this one back to the root")
        for number, one in enumerate(chain, start=1):
            print(f"\n{number:>3}  {_headline(causes, one)}")
            _explain(causes, one)
    print()
    tree = causes.tree(id)
    nodes = list(tree.walk())[1:]
    if not nodes:
        print("Nothing in the log followed from it.")
        return
    count = len(nodes)
    print(f"What followed: {count} event{'s' if count > 1 else ''}")
    for node, depth in nodes[:_MOST]:
        print(wrapped(_short(causes, node.id, id), "  " * min(depth, 12)))
    if count > _MOST:
        print(f"  ... and {count - _MOST} more (--json has them all)")


def _explain(causes: Causes, id: int) -> None:
    from experiments.lookup import wrapped

    e = causes.describe(id)
    print(wrapped(e["why"] + ".", "     because  "))
    if not e["logged"]:
        return
    towards = " for the attack on " if e["kind"] == "arrest_shooting" else " on "
    who = towards.join(str(x) for x in (e["actor"], e["target"]) if x)
    if who:
        print(wrapped(who, "     who      "))
    figures = f"probability or hazard {e['probability']:.4g}, drawn {e['draw']:.4g}"
    print(f"     rule     {e['rule']}, part {e['part']}; {figures}")


def _headline(causes: Causes, id: int) -> str:
    e = causes.describe(id)
    if not e["logged"]:
        return f"{e['id']}  not in the log"
    when = f"day {e['day']} ({e['date']}{', burn-in' if e['burn_in'] else ''})"
    return f"{e['id']}  {_kind(e)}, {when}, {e['area']}, block {e['block']}"


def _short(causes: Causes, id: int, since: int | None = None) -> str:
    e = causes.describe(id)
    if not e["logged"]:
        return f"{e['id']} not in the log"
    when = f"day {e['day']}"
    if since is not None and since in causes.row:
        when += f" (+{e['day'] - causes.describe(since)['day']})"
    return f"{when} {_kind(e)}, {e['area']}{_whom(e)} [{e['rule']}, {e['part']}] {e['id']}"


def _whom(e: dict[str, Any]) -> str:
    """Whom it befell; of an arrest for a shooting, who was arrested, and for an attack on whom."""
    if e["kind"] == "arrest_shooting" and e["actor"] and e["target"]:
        return f", {e['actor']} for the attack on {e['target']}"
    whom = e["target"] or e["actor"]
    return f", {whom}" if whom else ""


def _kind(e: dict[str, Any]) -> str:
    words = _KINDS.get(e["kind"]) or str(e["kind"]).replace("_", " ")
    return f"fatal {words}" if e["fatal"] and e["kind"] == "shooting" else words


def print_undo(undone: Undone) -> None:
    """What the replay without the event did and didn't bring."""
    from experiments.lookup import table, wrapped
    from sim.explain import hexed

    said = f" ({undone.act.said})" if undone.act.said else ""
    print(wrapped(f"Replayed without {hexed(undone.act.key)}{said}."))
    if undone.first_day is None and undone.first_week is None:
        print("Nothing else is different: every other event and count is the same.")
    else:
        _print_first(undone)
    lists = (
        ("Did not happen, and had followed from it", undone.before, undone.followed),
        ("Did not happen either, though not logged as following", undone.before,
         [i for i in undone.vanished if i not in set(undone.followed)]),
        ("Had followed, and happened all the same (for another reason, or by another cause)",
         undone.after, undone.anyway),
        ("Happened otherwise", undone.after, [i for i in undone.changed if i not in undone.anyway]),
        ("Happened only without it", undone.after, undone.new),
    )  # fmt: skip
    for title, causes, ids in lists:
        if ids:
            print(f"\n{title}: {len(ids)}")
            for i in ids[: _MOST // 2]:
                print(wrapped(_short(causes, i), "  "))
            if len(ids) > _MOST // 2:
                print(f"  ... and {len(ids) - _MOST // 2} more (--json has them all)")
    rows = [(k, a, b, f"{b - a:+d}") for k, (a, b) in undone.counts.items() if a != b]
    if rows:
        print()
        table(("events, burn-in included", "run", "without", "difference"), rows)
    shown = [(k, f"{a:.6g}", f"{b:.6g}", f"{b - a:+.3g}") for k, (a, b) in undone.headlines.items()]
    if shown and undone.first_week is not None:
        print()
        table(("over the run (levels: at its end)", "run", "without", "difference"), shown[:24])
    print()
    print(wrapped(ONE_WORLD))


def _print_first(undone: Undone) -> None:
    from experiments.lookup import wrapped

    told = f"Until day {undone.day} the two lives are the same; "
    if undone.first_day is None:
        told += "no other logged event differs"
    else:
        days = undone.first_day - undone.day
        told += f"the first other event that differs is on day {undone.first_day}"
        told += f", {days} day{'' if days == 1 else 's'} later"
    if undone.first_week is not None:
        names = ", ".join(undone.first_counts[:8])
        told += f"; the first week whose counts differ is week {undone.first_week} ({names})"
    print(wrapped(told + "."))
