"""What of care, kits and the street is there on the first day: smokers, and nothing else yet."""

from __future__ import annotations

import numpy as np

from sim import world as worlds
from sim.agents.start import Floats, Start
from sim.numerics import exp_array


def smoking_share(age: Floats, initiation: float, quit_rate: float) -> Floats:
    """Share of smokers at each age (years) where both rates have held for a lifetime."""
    begun = 1.0 - exp_array(-initiation * np.clip(age - 12.0, 0.0, 13.0))
    out: Floats = begun * exp_array(-quit_rate * np.maximum(age - 25.0, 0.0))
    return out


def draw_smoking(start: Start, lives: worlds.Array, age: Floats) -> None:
    """Write who smokes."""
    share = smoking_share(age, start.value("initiation"), start.value("quit_rate"))
    lives["smokes"] = start.uniforms("start smoking", lives.size)[:, 0] < share


def found_civic(people: worlds.People, p: worlds.Array) -> worlds.Civic:
    """Tables for kits, care and sellers, and the levels that a settled city has."""
    n = people.residents.size
    stock = worlds.records(worlds.STOCK, 1)
    stock["street_share"], stock["organisations"] = p["street_share"], p["organisations"]
    stock["smokers"] = int(people.lives["smokes"].sum())
    stock["scene_day"] = -1
    return worlds.Civic(
        stock=stock,
        kits=worlds.records(worlds.KIT, n // 1000 + 256),
        care=worlds.records(worlds.CARE, n // 200 + 256),
        sellers=worlds.records(worlds.SELLER, n // 200 + 64),
    )
