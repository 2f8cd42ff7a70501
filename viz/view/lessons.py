"""Lessons: text files with gaps for numbers, filled from what the model gave when they were built.

`python -m viz.view.lessons` runs each lesson's pair over its seeds and writes
`texts/numbers.json`; no figure stands in a lesson's text itself. A gap is {outcome.what}: a and b
are means of the arms; mean, low, high, mean_low, mean_high, worse and same are those of
`viz.view.luck.spread`; {n} counts.
"""

from __future__ import annotations

import html
import json
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from viz.view.spec import PairSpec

TEXTS = Path(__file__).parent / "texts"
SEEDS = tuple(range(1, 13))
GAP = re.compile(r"\{(n|[a-z_]+\.[a-z_]+)\}")
DIGITS = {"legitimacy": 3}


@cache
def lessons() -> dict[str, dict[str, Any]]:
    """Every lesson by id, in order of file names, gaps unfilled."""
    out = {}
    for path in sorted((TEXTS / "lessons").glob("*.toml")):
        lesson = tomllib.loads(path.read_text(encoding="utf-8"))
        out[str(lesson["id"])] = lesson
    return out


def pair_of(lesson: dict[str, Any]) -> PairSpec:
    """The lesson's pair."""
    keys = ("preset", "seed", "days", "a", "b")
    return PairSpec.from_json({k: lesson[k] for k in keys if k in lesson})


@cache
def numbers() -> dict[str, Any]:
    """What the model gave: lesson -> {n, seeds, spreads by outcome}."""
    path = TEXTS / "numbers.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def count(lesson: dict[str, Any], seeds: tuple[int, ...] = SEEDS) -> dict[str, Any]:
    """Run a lesson's pair over `seeds`: spreads by outcome, and each seed's totals."""
    from viz.view import luck

    scenarios = pair_of(lesson).scenarios()
    totals = []
    for seed in seeds:
        a, b = luck.weekly(scenarios, seed)
        totals.append((luck.totals(a), luck.totals(b)))
    spreads = {
        name: luck.spread([(a[name], b[name]) for a, b in totals], name)
        for name in lesson["outcomes"]
    }
    for one in spreads.values():
        one["differences"] = [round(d, 6) for d in one["differences"]]
    return {"n": len(seeds), "seeds": list(seeds), "spreads": spreads}


def filled(lesson: dict[str, Any], text: str) -> str:
    """`text` with its gaps filled. Raises KeyError for a gap that the numbers don't have."""
    found = numbers()[lesson["id"]]

    def value(match: re.Match[str]) -> str:
        if match[1] == "n":
            return str(found["n"])
        outcome, what = match[1].split(".")
        x = float(found["spreads"][outcome][what])
        if what in ("worse", "same"):
            return f"{100 * x:.0f} %"
        digits = DIGITS.get(outcome, 0 if abs(x) >= 10 else 1)
        said = f"{abs(x):,.{digits}f}"
        sign = "−" if x < 0 and float(said.replace(",", "")) else ""
        plus = "+" if x > 0 and float(said.replace(",", "")) and what not in ("a", "b") else ""
        return f"{sign or plus}{said}"

    return GAP.sub(value, text)


def ready(id: str) -> dict[str, Any]:
    """A lesson for its page: texts filled, paragraphs apart."""
    lesson = dict(lessons()[id])
    explain = lesson["explain"]["text"].strip()
    known = id in numbers()
    text = filled(lesson, explain) if known else GAP.sub("…", explain)
    order = list(lessons())
    at = order.index(id)
    return {
        **{k: lesson[k] for k in ("id", "title", "summary", "minutes", "layer", "outcomes")},
        "number": at + 1,
        "predict": lesson["predict"], "run": lesson["run"]["text"],
        "explain": [" ".join(p.split()) for p in text.split("\n\n")],
        "challenge": lesson["challenge"]["text"], "spec": pair_of(lesson).as_json(),
        "next": order[at + 1] if at + 1 < len(order) else None,
        "next_title": lessons()[order[at + 1]]["title"] if at + 1 < len(order) else None,
    }  # fmt: skip


def home(server: Any, request: Any) -> str:
    """The first page: what this is, the lessons, and the way into the lab."""
    cards = []
    for k, (id, one) in enumerate(lessons().items(), start=1):
        cards.append(
            f'<li><a href="/learn/{id}"><span'
            f' class="number">{k}</span><h2>{html.escape(one["title"])}'
            f"</h2><p>{html.escape(one['summary'])}</p><small>{one['minutes']}"
            " minutes</small></a></li>"
        )
    return (
        '<section class="hero"><p class="kicker">A city, twice</p><h1>What would have happened'
        ' otherwise?</h1><p class="lede">A synthetic city of fifty thousand people lives twice,'
        " with"
        " the same dice. In one of the two, something is done about violence. Until it reaches"
        " somebody the two are the same city; afterwards everything that differs was caused, and"
        ' each event can say by what.</p><p><a class="main" href="/lab">Open the lab</a>'
        ' <a href="/levers">Try five levers</a></p></section>'
        '<h2 class="section">Eight lessons: guess, run, explain, try</h2><ol class="cards">'
        + "".join(cards)
        + '</ol><p class="small content-note">The lessons show gun violence and police force as'
        " numbers and marks on a map. No person, place or event in them is real.</p>"
    )


def build(seeds: tuple[int, ...] = SEEDS) -> dict[str, Any]:
    """Numbers of all lessons; equal pairs are run once."""
    done: dict[str, dict[str, Any]] = {}
    for id, one in lessons().items():
        done[id] = count(one, seeds)
        print(id, flush=True)
    return done


if __name__ == "__main__":
    text = json.dumps(build(), indent=0, default=float)
    (TEXTS / "numbers.json").write_text(text + "\n", encoding="utf-8")
