"""`peel sensitivity`, `discover`, `decide` and `surface`: questions asked of a finished sweep."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments import options
from sim.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    from experiments.sweep.reading import Sweep


def add_parsers(subparsers: Any) -> None:
    """Add the four commands to `peel`."""
    _sensitivity(subparsers)
    _discover(subparsers)
    _decide(subparsers)
    _surface(subparsers)


def _parser(subparsers: Any, name: str, line: str, text: str, call: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(name, help=line, description=text)
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder that `peel sweep` wrote")
    parser.set_defaults(call=call)
    return parser


def _asked(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--outcome", default="persons_shot", metavar="NAME", help="default: persons_shot"
    )
    parser.add_argument(
        "--effect",
        metavar="FACTOR",
        help="take the effect on it of a crossed factor, e.g. policy.gang_fellowship, pair by pair",
    )
    parser.add_argument(
        "--relative", action="store_true", help="effects as a share of the mean without it"
    )


def _kept(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--plots", type=Path, metavar="DIR", help="where to put the picture and the table"
        " (default: DIR/analysis)",
    )  # fmt: skip
    options.add(parser, "json")


def _sensitivity(subparsers: Any) -> None:
    parser = _parser(
        subparsers, "sensitivity", "what drives an outcome of a sweep: Sobol or Morris indices",
        "Sobol indices of a saltelli design, Morris's of a morris design, else slopes, first-order and PAWN"
        " indices; with how much of the variance is run-to-run noise. Refused where runs are missing.",
        sensitivity_command,
    )  # fmt: skip
    _asked(parser)
    parser.add_argument(
        "--docs", type=Path, metavar="FILE.md",
        help="with --effect: also write the study as a page, its picture in pictures/ beside it",
    )  # fmt: skip
    _kept(parser)


def _discover(subparsers: Any) -> None:
    parser = _parser(
        subparsers, "discover", "under which conditions something happens: PRIM boxes, CART leaves",
        "Find conditions under which an outcome (or a policy's effect) meets --when, as boxes with"
        " coverage and density, measured on points that had no part in finding them too.",
        discover_command,
    )  # fmt: skip
    _asked(parser)
    parser.add_argument(
        "--when", default=">=0", metavar="TEST",
        help="what is of interest, e.g. '>=0' (default: a policy that doesn't lower the outcome)",
    )  # fmt: skip
    parser.add_argument("--boxes", type=options.several, default=2, metavar="N")
    parser.add_argument("--density", type=float, default=0.7, metavar="SHARE",
                        help="least density of a box (default 0.7)")  # fmt: skip
    parser.add_argument("--cart", action="store_true", help="a classification tree instead of PRIM")
    _kept(parser)


def _decide(subparsers: Any) -> None:
    parser = _parser(
        subparsers, "decide", "which option is robust: regret, satisficing, Pareto set",
        "Hold options (values of crossed or gridded factors) together over all other factors.",
        decide_command,
    )  # fmt: skip
    parser.add_argument("--option", required=True, metavar="FACTOR,..", help="what can be chosen")
    parser.add_argument("--outcome", default="persons_shot", metavar="NAME")
    parser.add_argument(
        "--better", choices=("lower", "higher"), help="default: as the outcome says"
    )
    parser.add_argument("--enough", type=float, metavar="VALUE", help="a value that would do")
    parser.add_argument("--pareto", metavar="NAME,..", help="outcomes for the Pareto set")
    _kept(parser)


def _surface(subparsers: Any) -> None:
    parser = _parser(
        subparsers, "surface", "an emulator of an outcome over the factors, with its own error",
        "Fit a Gaussian process to a sweep and draw it over two factors.", surface_command,
    )  # fmt: skip
    _asked(parser)
    parser.add_argument("--over", metavar="A,B", help="two factors (default: the most active ones)")
    _kept(parser)


# --- the commands -----------------------------------------------------------------------------


def sensitivity_command(args: argparse.Namespace) -> int:
    """Print the indices, strongest factor first."""
    from experiments.analysis import asking, plots, study

    sweep = _sweep(args)
    if args.docs is not None:
        if args.relative:
            raise UserError("--docs: the page tells effects in the outcome's unit, not --relative")
        study.check(sweep, args.effect, args.docs)
    found = asking.indices(sweep, args.outcome, args.effect, args.relative)
    made = _save(args, f"sensitivity-{_slug(found.outcome)}", found.table, plots.indices(found))
    if args.docs is not None:
        made["page"] = str(study.write(sweep, args.outcome, args.effect, args.docs))
    if args.json:
        options.print_json({**found.to_dict(), **made})
        return 0
    names = {"sobol": "Sobol indices", "morris": "Morris's elementary effects",
             "given data": "Regression slopes, first-order and PAWN indices"}  # fmt: skip
    print(f"{names[found.method]} of {found.outcome} "
          f"(mean {found.mean:.4g}, spread over points {found.deviation:.3g})\n")  # fmt: skip
    _print(found.table.reset_index())
    print(f"\n{found.noise.line()}")
    print(_where(made))
    return 0


def discover_command(args: argparse.Namespace) -> int:
    """Print boxes, as found and as they hold on other points."""
    from experiments.analysis import asking, discovery, plots

    found = asking.cases(_sweep(args), args.outcome, args.effect, args.relative)
    interest = _when(args.when, found.means)
    smallest = 0.05
    if args.cart:
        boxes = discovery.cart(found.factors, interest, smallest=smallest)
        checked: list[Any] = []
        drawn = None
    else:
        asked = {"boxes": args.boxes, "threshold": args.density, "smallest": smallest}
        made = discovery.prim(found.factors, interest, **asked)
        boxes = [one.box for one in made]
        checked = discovery.checked(found.factors, interest, **asked)
        drawn = plots.peeling(made[0]) if made else None
    name = f"discover-{_slug(found.outcome)}"
    told = _save(args, name, _box_table(boxes), drawn)
    if args.json:
        options.print_json({
            "outcome": found.outcome, "when": args.when, "cases": len(interest),
            "of_interest": int(interest.sum()), "boxes": [_box_dict(b) for b in boxes],
            "half": [{"found": _box_dict(a), "elsewhere": _box_dict(b)} for a, b in checked],
            **told,
        })  # fmt: skip
        return 0
    print(f"{found.outcome} {args.when}: {int(interest.sum())} of {len(interest)} points\n")
    for k, box in enumerate(boxes, start=1):
        print(f"{k}. {box.line()}")
        for factor, p in box.quasi_p.items():
            print(f"     {factor}: quasi p {p:.2g}")
    if not boxes:
        print(f"No box reaches a density of {args.density:.0%}.")
    for inside, outside in checked:
        print(f"\nFound on half of the points: {inside.line()}")
        print(
            f"  on the other half: coverage {outside.coverage:.0%}, density {outside.density:.0%}"
        )
    print(_where(told))
    return 0


def decide_command(args: argparse.Namespace) -> int:
    """Print one row per option."""
    from experiments import decisions, outcomes
    from experiments.analysis import plots

    sweep = _sweep(args)
    chosen = [f"param.{n.removeprefix('param.')}" for n in args.option.split(",") if n]
    known = [f"param.{f.name}" for f in sweep.design.factors]
    runs = sweep.finished
    worlds = [c for c in known if c not in chosen]
    column = f"out.{args.outcome}"
    better = args.better or outcomes.describe(args.outcome).better
    if not better:
        raise UserError(f"{args.outcome}: say which way is better, with --better lower or higher")
    table = decisions.outcome_table(runs, chosen, worlds, column)
    result = decisions.summary(table, better, args.enough)
    if args.pareto:
        names = [n for n in args.pareto.split(",") if n]
        sides: dict[str, Any] = {n: outcomes.describe(n).better or "lower" for n in names}
        means = runs.groupby(chosen)[[f"out.{n}" for n in names]].mean()
        means.columns = names
        result = result.join(means.assign(pareto=decisions.pareto(means, sides)))
    drawn = plots.regrets(decisions.regret(table, better), args.outcome)
    told = _save(args, f"decide-{_slug(args.outcome)}", result, drawn)
    if args.json:
        options.print_json({
            "outcome": args.outcome, "better": better, "worlds": len(table),
            "options": result.reset_index().to_dict("records"), **told,
        })  # fmt: skip
        return 0
    print(f"{args.outcome} ({better} is better) over {len(table)} worlds, which count alike\n")
    _print(result.reset_index())
    print(_where(told))
    return 0


def surface_command(args: argparse.Namespace) -> int:
    """Print what the emulator is worth and draw it."""
    from experiments.analysis import asking, plots, sensitivity
    from experiments.analysis.surface import surface

    found = asking.cases(_sweep(args), args.outcome, args.effect, args.relative)
    numbers = found.factors[[c for c in found.factors if found.factors[c].dtype.kind in "iuf"]]
    if len(numbers.columns) < len(found.factors.columns):
        named = [str(c) for c in found.factors if c not in numbers]
        raise UserError(f"an emulator takes numbers; this design also varies {', '.join(named)}")
    means = found.means
    noise = sensitivity.means_and_noise(found.values)[1]
    luck = noise.variance / noise.seeds if noise.seeds > 1 else None
    fitted = surface(numbers, means, luck=luck)
    lengths = sorted(fitted.lengths.items(), key=lambda pair: pair[1])
    over = args.over.split(",") if args.over else [name for name, _ in lengths[:2]]
    if len(over) != 2 or any(name not in fitted.names for name in over):
        raise UserError(f"--over {args.over}: expected two of {', '.join(fitted.names)}")
    import pandas as pd

    table = pd.DataFrame({"factor": [n for n, _ in lengths], "length": [v for _, v in lengths]})
    told = _save(args, f"surface-{_slug(found.outcome)}", table,
                 plots.contours(fitted, over[0], over[1], found.outcome))  # fmt: skip
    if args.json:
        options.print_json({"outcome": found.outcome, "error": vars(fitted.error),
                            "lengths": dict(lengths), **told})  # fmt: skip
        return 0
    print(f"{found.outcome}: {fitted.error.line()}\n{noise.line()}\n")
    _print(table)
    print(_where(told))
    return 0


# --- inside -----------------------------------------------------------------------------------


def _sweep(args: argparse.Namespace) -> Sweep:
    from experiments.sweep.reading import Sweep

    return Sweep(args.folder)


def _when(text: str, values: Any) -> Any:
    """ ">=0" and its like, applied."""
    import operator

    signs = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
    match = re.fullmatch(r"\s*(>=|<=|>|<)\s*([-+.\deE]+)\s*", text)
    try:
        if match:
            return signs[match[1]](values, float(match[2]))
    except ValueError:
        pass
    raise UserError(f"--when {text!r}: expected a comparison with a number, e.g. '>=0' or '<12.5'")


def _box_table(boxes: list[Any]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([{k: v for k, v in _box_dict(b).items() if k != "limits"} | {
        "box": b.line()} for b in boxes])  # fmt: skip


def _box_dict(box: Any) -> dict[str, Any]:
    limits = {n: sorted(map(str, v)) if isinstance(v, frozenset) else list(v)
              for n, v in box.limits.items()}  # fmt: skip
    return {"limits": limits, "coverage": box.coverage, "density": box.density, "mass": box.mass,
            "inside": box.inside, "of_interest": box.of_interest,
            "quasi_p": dict(box.quasi_p)}  # fmt: skip


def _save(args: argparse.Namespace, name: str, table: pd.DataFrame, drawn: Any) -> dict[str, Any]:
    from experiments.analysis import plots

    folder = args.plots or args.folder / "analysis"
    folder.mkdir(parents=True, exist_ok=True)
    out = {"table": str(folder / f"{name}.csv")}
    table.to_csv(out["table"])
    if drawn is not None:
        out["plot"] = str(folder / f"{name}.png")
        plots.save(drawn, Path(out["plot"]))
    return out


def _where(told: dict[str, Any]) -> str:
    return f"\nKept: {', '.join(told.values())}"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _print(frame: pd.DataFrame) -> None:
    from experiments.lookup import table

    def cell(value: Any) -> str:
        return f"{value:.3g}" if isinstance(value, float) else str(value)

    table(tuple(str(c).removeprefix("param.") for c in frame.columns),
          [tuple(cell(v) for v in row) for row in frame.itertuples(index=False)])  # fmt: skip
