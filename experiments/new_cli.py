"""`peel new policy NAME`: a file with a policy of one's own to start from."""

from __future__ import annotations

import argparse
import keyword
import re
from pathlib import Path
from typing import Any

from experiments import options
from sim.errors import UserError

_TEMPLATE = '''"""{title}: say here in one line what it is.

Mechanism. People lately close to gunfire are offered a place. While they have one they are less
ready to attack (`violence`); nothing is assumed to last after they leave. Replace this by what your
programme makes people do differently, and the levers by those that say so (`peel docs` lists all).

Sources: none yet; both settings are assumptions. Leaves out: what you know it leaves out.

Knock-out: without disputes and gang attacks there is nothing left for it to change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.policies import register
from sim.policies.programme import Programme, close_to_gunfire


@register
@dataclass(frozen=True)
class {kind}(Programme):
    """{title}."""

    name: ClassVar[str] = "{name}"
    title: ClassVar[str] = "{title}"
    eligible: ClassVar[str] = "people aged 16 to 30 lately close to gunfire"
    # lever: (move at full dose, lowest, highest); never an effect that a study saw
    levers: ClassVar[dict[str, tuple[float, float, float]]] = {{
        "resident.violence": (0.8, 0.5, 1.0),
    }}
    moves: ClassVar[dict[str, str]] = {{"resident.violence": "violence"}}
    capacity: ClassVar[str] = "places per 100,000 residents"
    unit_cost: ClassVar[str] = "$10,000 per person and year"
    badge: ClassVar[str] = "none"
    speculative: ClassVar[bool] = True

    violence: float = 0.8
    """Readiness to attack while enrolled, relative (assumption)."""
    places_per_100k: float = 50.0
    cost_per_year: float = 10000.0

    def candidates(self, desk):  # type: ignore[no-untyped-def]
        """Who may be asked now, and how urgent each is."""
        return close_to_gunfire(desk, 16, 30)


if __name__ == "__main__":  # python {file}: does it keep the contract?
    from sim.policies import check_policy

    check_policy({kind})
    print("{name} keeps the contract of policies")
'''


def add_parsers(subparsers: Any) -> None:
    """Add the command to `peel`."""
    parser = subparsers.add_parser(
        "new",
        help="write a policy of your own to start from",
        description="Write NAME.py with a small policy that keeps the contract; change it, check it"
        " with `python NAME.py`, and use it with `peel run --plugin NAME.py`.",
    )
    parser.add_argument("what", choices=["policy"], help="what to write")
    parser.add_argument("name", metavar="NAME", help="its name in scenarios, such as night_walks")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="file to write (default: NAME.py here)"
    )
    options.add(parser, "json")
    parser.set_defaults(call=new_command)


def new_command(args: argparse.Namespace) -> int:
    """Write the file; raises UserError for a name that cannot be or a file that exists."""
    name = args.name
    if not re.fullmatch(r"[a-z][a-z0-9_]{2,60}", name) or keyword.iskeyword(name):
        raise UserError(
            f"{name!r} cannot name a policy: expected 3 to 61 small letters, digits and _,"
            " a letter first"
        )
    from sim.policies import registry

    if name in registry():
        raise UserError(f"{name!r} is the name of a policy of Peel; choose another")
    path = args.out or Path(f"{name}.py")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(template(name, path.name))
    except FileExistsError:
        raise UserError(f"{path} exists already; name another file with --out") from None
    except (OSError, ValueError) as problem:
        raise UserError(f"{path}: cannot be written: {problem}") from None
    if args.json:
        options.print_json({"wrote": str(path), "policy": name})
        return 0
    print(f"wrote {path}; check it with `python {path}`, run it with `peel run --plugin {path}`")
    return 0


def template(name: str, file: str) -> str:
    """The source of a policy called `name`."""
    words = name.strip("_").split("_")
    kind = "".join(word.capitalize() for word in words)
    return _TEMPLATE.format(
        name=name, kind=kind, title=" ".join(words).capitalize(), file=file.replace("\n", " ")
    )
