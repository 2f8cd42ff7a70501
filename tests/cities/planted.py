"""A made-up city's list of victims, with known figures and known faults."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

HEADER = ["when", "lat", "lon", "died", "status", "race", "who", "case"]


def rows(
    n: int = 600, years: tuple[int, int] = (2010, 2013), seed: int = 3, places: int = 60
) -> list[list[str]]:
    """n victims in 60 places; every fifth dies, every third case is closed, summers are worse."""
    rng = np.random.default_rng(seed)
    first = np.datetime64(f"{years[0]}-01-01", "D")
    span = int((np.datetime64(f"{years[1]}-01-01", "D") - first).astype(int))
    wave = 1.0 + 0.3 * np.cos(2 * np.pi * (np.arange(span) - 200) / 365.25)
    days = np.sort(rng.choice(span, size=n, p=wave / wave.sum()))
    days[0], days[-1] = 0, span - 1
    place = rng.choice(places, size=n, p=(w := 1.0 / np.arange(1, places + 1)) / w.sum())
    lat, lon = 41.0 + rng.uniform(-0.04, 0.04, places), -87.0 + rng.uniform(-0.05, 0.05, places)
    out = []
    for k in range(n):
        out.append(
            [
                str(first + int(days[k])),
                f"{lat[place[k]] + rng.normal(0, 5e-4):.6f}",
                f"{lon[place[k]] + rng.normal(0, 5e-4):.6f}",
                "1" if k % 5 == 0 else "0",
                "arrest" if k % 3 == 0 else "open",
                "blue" if k % 4 else "green",
                f"PERSON-{k % 500:05d}",
                f"CASE-{k:05d}",
            ]
        )
    return out


def write(path: Path, body: list[list[str]], header: list[str] = HEADER) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *body])
    return path


WORDS = (
    "--event", "date=when", "--event", "fatal=died", "--event", "cleared=status:arrest",
    "--event", "person=who", "--event", "incident=case",
)  # fmt: skip
