"""A built city in figures: what `peel city describe` prints, as plain data."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.agents.officers import DETECTIVE, VACANT
from sim.agents.residents import FREE
from sim.city.geography import Geography
from sim.city.spec import CitySpec
from sim.world import Groups, People, Place, Police


def describe(
    spec: CitySpec,
    built: tuple[Geography, People, Place, Police, Groups],
) -> dict[str, Any]:
    """Population, groups, areas, beats, gangs, officers, ties and how unequal places are."""
    geography, people, place, police, gangs = built
    r = people.residents
    living = r["status"] == FREE
    age = -r["born"] / 365.25
    officers = police.officers
    serving = officers["status"] != VACANT
    degree = np.diff(people.partner_start)
    sizes = gangs.gangs["members"]
    return {
        "city": geography.name,
        "source": spec.source or "synthetic",
        "digest": spec.digest,
        "residents": int(living.sum()),
        "rows": int(r.size),
        "groups": {
            name: {
                "share": float((r["group"][living] == g).mean()),
                "stop_ratio": float(people.kinds[g].stop_ratio),
                "force_ratio": float(people.kinds[g].force_ratio),
                "fairness": _mean(r["fairness"][living & (r["group"] == g)]),
            }
            for g, name in enumerate(geography.group_names)
        },
        "ages": {
            "below_18": float((age[living] < 18).mean()),
            "males_15_to_29": float(((age >= 15) & (age < 30) & (r["sex"] == 1))[living].mean()),
            "from_65": float((age[living] >= 65).mean()),
        },
        "areas": _areas(geography, people, place, living),
        "blocks": {
            "number": int(place.blocks.size),
            "metres": geography.block_m,
            "grid": [geography.width, geography.height],
            "with_market": int(place.market_blocks.size),
            "gang_turf": int((place.blocks["turf"] >= 0).sum()),
        },
        "police": {
            "officers": int(serving.sum()),
            "per_1000": float(1000.0 * serving.sum() / living.sum()),
            "detectives": int((officers["unit"] == DETECTIVE).sum()),
            "beats": int(police.beats.size),
            "residents_per_beat": float(living.sum() / police.beats.size),
        },
        "gangs": {
            "number": int(sizes.size),
            "members": int(sizes.sum()),
            "mean_size": _mean(sizes),
            "rivals_per_gang": float((gangs.dyads["standing"] > 0).sum() / max(1, sizes.size)),
        },
        "ties": {
            "friends_mean": float(np.diff(people.friend_start)[living].mean()),
            "recorded_network": int((degree > 0).sum()),
            "partners_mean": _mean(degree[degree > 0]),
        },
        "propensity_share_of_top_0.06_percent": _top_share(r["propensity"][living], 0.0006),
        "notes": list(geography.notes),
    }


def _mean(values: NDArray[Any]) -> float | None:
    return float(values.mean()) if values.size else None


def _top_share(values: NDArray[Any], share: float) -> float:
    ordered = np.sort(values.astype(np.float64))[::-1]
    return float(ordered[: max(1, round(share * ordered.size))].sum() / ordered.sum())


def _areas(
    geography: Geography, people: People, place: Place, living: NDArray[np.bool_]
) -> list[dict[str, Any]]:
    areas = place.areas
    groups = len(geography.group_names)
    cell = people.residents["area"].astype(np.int64) * groups + people.residents["group"]
    counts = np.bincount(cell[living], minlength=areas.size * groups).reshape(areas.size, groups)
    out = []
    for a, name in enumerate(geography.area_names):
        number = int(areas[a].population)
        out.append(
            {
                "area": name,
                "residents": number,
                "disadvantage": float(areas[a].disadvantage),
                "violence_weight": float(areas[a].violence_weight),
                **{
                    f"share_{g}": float(counts[a, i] / number) if number else None
                    for i, g in enumerate(geography.group_names)
                },
                **{f"{k}_a_year": v[a] for k, v in geography.targets.items()},
            }
        )
    return out
