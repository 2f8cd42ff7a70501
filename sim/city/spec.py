"""Which city: an embedded one, a synthetic one of any size, a recipe, or an imported file."""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from sim.city.geography import GroupTrait
from sim.errors import UserError

SMALLEST, LARGEST = 200, 12_000_000


@dataclass(frozen=True)
class CitySpec:
    """What `build` needs to know of a city, apart from parameters and the seed.

    >>> CitySpec("tiny", residents=500).residents
    500
    """

    name: str
    residents: int
    areas: int = 0
    """Neighbourhoods; 0: chosen by size (8 for 10,000 residents, 77 for 2.7 million)."""
    block_m: float = 150.0
    people_per_block: float = 70.0
    segregation: float = 1.0
    """How strongly groups live apart in a synthetic city: 0 mixed, 1 like a large US city."""
    map_seed: int = 1
    """The map of a synthetic city belongs to the city: the same whatever the run's seed."""
    officers_per_1000: float | None = None
    """The city's own police strength; None: the parameter `officers_per_1000`."""
    groups: tuple[GroupTrait, ...] = ()
    """Empty: the groups of the embedded cities."""
    source: str = ""
    """Path of an imported city file; empty for synthetic cities."""
    digest: str = ""
    """Hash of the imported data, so that two files of one name are two cities."""
    imported: Any = None
    """The imported `Layout` (not part of the identity: `digest` stands for it)."""

    def __post_init__(self) -> None:
        if not SMALLEST <= self.residents <= LARGEST:
            raise UserError(
                f"city {self.name!r}: {self.residents:,} residents; "
                f"expected {SMALLEST:,} to {LARGEST:,}"
            )
        if not 20.0 <= self.block_m <= 2000.0:
            raise UserError(f"city {self.name!r}: block_m is {self.block_m}; expected 20 to 2000 m")
        if not 1.0 <= self.people_per_block <= 5000.0:
            raise UserError(
                f"city {self.name!r}: people_per_block is {self.people_per_block}; "
                "expected 1 to 5000"
            )
        if not 0.0 <= self.segregation <= 3.0:
            raise UserError(
                f"city {self.name!r}: segregation is {self.segregation}; expected 0 to 3"
            )
        if not 0 <= self.areas <= 5000:
            raise UserError(f"city {self.name!r}: {self.areas} areas; expected 0 (choose) to 5000")
        rate = self.officers_per_1000
        if rate is not None and not (isinstance(rate, int | float) and 0.1 <= rate <= 50.0):
            raise UserError(
                f"city {self.name!r}: officers_per_1000 is {rate!r}; expected 0.1 to 50"
            )
        names = [g.name for g in self.groups]
        if len(set(names)) != len(names) or len(names) > 200:
            raise UserError(
                f"city {self.name!r}: groups are {', '.join(names[:20])}; "
                "expected at most 200, each once"
            )
        if not self.groups:
            object.__setattr__(self, "groups", default_groups())
        if self.imported is None and not sum(g.share for g in self.groups) > 0:
            raise UserError(f"city {self.name!r}: the shares of its groups sum to 0")

    def canonical(self) -> dict[str, Any]:
        """What identifies the city, as plain data; `digest` stands for imported data."""
        out = {f.name: getattr(self, f.name) for f in fields(self)}
        del out["imported"], out["source"]
        out["groups"] = [asdict(g) for g in self.groups]
        return out


def hash_of(parts: list[bytes]) -> str:
    """A short content hash."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


@cache
def embedded() -> dict[str, dict[str, Any]]:
    """The recipes shipped with Peel by name, smallest first."""
    folder = resources.files("sim.city") / "data"
    text = (folder / "cities.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text)["city"])


@cache
def known_traits() -> dict[str, GroupTrait]:
    """Traits by name of group: what an import takes where a city file says nothing of its own."""
    folder = resources.files("sim.city") / "data"
    rows = tomllib.loads((folder / "groups.toml").read_text(encoding="utf-8"))["group"]
    return {row["name"]: GroupTrait(**row) for row in rows}


def default_groups() -> tuple[GroupTrait, ...]:
    """The groups of the embedded cities."""
    return tuple(g for g in known_traits().values() if g.share > 0)


def load_spec(name_or_path: str | Path | CitySpec) -> CitySpec:
    """The city of that name (`village`, `synthetic:20000`), or in that file.

    A file is a city file written by `peel city import`, or a TOML recipe with the fields of
    `CitySpec` at the top. Raises UserError for anything else.
    """
    if isinstance(name_or_path, CitySpec):
        return name_or_path
    name = str(name_or_path)
    if name in embedded():
        return CitySpec(name=name, **embedded()[name])
    if name.startswith("synthetic:"):
        return _synthetic(name)
    path = Path(name)
    if path.suffix == ".toml" and path.is_file():
        return _recipe(path)
    if path.is_file():
        from sim.city.store import read_city

        return read_city(path)
    near = difflib.get_close_matches(name, [*embedded(), "synthetic:20000"], n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise UserError(
        f"no city named {name!r} and no such file{hint}. Expected one of {', '.join(embedded())}, "
        "synthetic:NUMBER (any size), or the path of a city file made by `peel city import`"
    )


def _synthetic(name: str) -> CitySpec:
    text = name.split(":", 1)[1].replace("_", "").replace(",", "")
    if not text.isdigit():
        raise UserError(f"city {name!r}: expected synthetic:NUMBER, for example synthetic:20000")
    return sized(CitySpec(name=name, residents=int(text)))


def sized(spec: CitySpec) -> CitySpec:
    """The same city at a density that fits its size: small towns are sparser than metropolises."""
    levels = ((30_000, 45.0), (150_000, 60.0), (1_000_000, 70.0))
    density = next((d for limit, d in levels if spec.residents < limit), 100.0)
    return replace(spec, people_per_block=density)


def _recipe(path: Path) -> CitySpec:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not a TOML file: {error}") from None
    known = {f.name: f for f in fields(CitySpec)}
    for hidden in ("source", "digest", "imported"):
        del known[hidden]
    for key in content:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = (
                f"; did you mean {near[0]!r}?" if near else f"; expected one of {', '.join(known)}"
            )
            raise UserError(f"{path}: unknown key {key!r}{hint}")
    content.setdefault("name", path.stem)
    if "residents" not in content:
        raise UserError(f"{path}: no key 'residents'; expected a whole number of people")
    traits = []
    names = {f.name for f in fields(GroupTrait)}
    for i, row in enumerate(content.pop("groups", [])):
        unknown = sorted(set(row) - names)
        if unknown or "name" not in row:
            wrong = f"unknown key {unknown[0]!r}" if unknown else "no key 'name'"
            raise UserError(f"{path}: group {i + 1}: {wrong}; keys: {', '.join(sorted(names))}")
        traits.append(GroupTrait(**row))
    for key, value in content.items():
        wanted: type | tuple[type, ...] = str if key == "name" else (int, float)
        if key in ("residents", "areas", "map_seed"):
            wanted = int
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise UserError(
                f"{path}: {key} is {value!r}; expected a number"
                if key != "name"
                else f"{path}: name is {value!r}; expected text"
            )
    return CitySpec(groups=tuple(traits), **content)
