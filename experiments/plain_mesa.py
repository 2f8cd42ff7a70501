"""The same rules as a plain Mesa model, one Python object per resident: what `peel bench` compares with.

Written the way Mesa's own examples are, for people who know Mesa to read: each resident decides
each day, with the same hazards and the same parameters as the engine's processes, whether they are
stopped, offend, call, quarrel, talk, move or die. It keeps the loop (contacts move beliefs,
beliefs move calls, cases clear or not, grievances come due) and leaves out what would only make it
slower still: gangs' dyads, exposure of ties, investigations, households, and the record.
"""

from __future__ import annotations

import math
from typing import Any

import mesa
from mesa.discrete_space import CellAgent, OrthogonalMooreGrid

from sim.parameters import all_parameters


class Resident(CellAgent):
    """A resident with a home and an activity cell, beliefs that fade back, and a few friends."""

    def __init__(self, model: City, propensity: float, base: float) -> None:
        super().__init__(model)
        draw = model.random
        self.age = draw.uniform(0, 85)
        self.male = draw.random() < 0.5
        self.propensity = propensity
        self.base = self.fairness = self.effectiveness = base
        self.fear = self.trauma = self.arms = 0.0
        self.gun = draw.random() < 0.1
        self.jailed_until = -1
        self.alive = True
        self.friends: list[Resident] = []
        self.grievances: list[tuple[int, Resident]] = []
        self.home = self.cell = draw.choice(model.cells)
        self.activity = draw.choice(model.cells)

    def fade(self) -> None:
        """Everything that decays does so every day, for everybody."""
        m = self.model
        self.fairness = self.base + (self.fairness - self.base) * m.belief_left
        self.effectiveness = self.base + (self.effectiveness - self.base) * m.belief_left
        self.fear *= m.fear_left
        self.trauma *= m.trauma_left
        self.arms *= m.arms_left

    def youth(self) -> float:
        """Offending by age, relative to the peak."""
        if self.age < 11:
            return 0.0
        if self.age < 18:
            return (self.age - 11) / 7
        return max(0.02, 1.0 - max(0.0, self.age - 24) / 35)

    def legitimacy(self) -> float:
        w = self.model.p["fairness_weight"]
        return w * self.fairness + (1 - w) * self.effectiveness

    def step(self) -> None:
        """One day."""
        if not self.alive:
            return
        m, p, draw = self.model, self.model.p, self.model.random.random
        self.fade()
        self.age += 1 / 365
        if self.jailed_until >= m.steps:
            return
        self.cell = self.home if draw() < 0.5 else self.activity
        young = self.youth()
        rate = m.everyday * young * (1 + p["trauma_offending"] * self.trauma) / 365e5
        if draw() < rate:
            self.offend()
        if draw() < p["service_rate"] / 365:
            self.respond()
        quarrel = p["dispute_rate"] / 365e5 * young * self.propensity
        if draw() < quarrel and self.friends:
            self.attack(m.random.choice(self.friends))
        if draw() < p["conversations"] / 365 and self.friends:
            self.talk(m.random.choice(self.friends))
        if draw() < p["death_base"] * math.exp(p["death_slope"] * self.age) / 365:
            self.alive = False
        for due, other in [g for g in self.grievances if g[0] <= m.steps]:
            self.grievances.remove((due, other))
            if other.alive and draw() < 0.3 * (
                1 + p["legitimacy_restraint"] * (0.5 - self.legitimacy())
            ):
                self.attack(other)

    def contact(self, tension: float) -> None:
        """A contact with an officer moves beliefs; a bad one is told to friends."""
        p, draw = self.model.p, self.model.random.random
        good = draw() < 0.9 - 0.2 * tension + 0.2 * (self.legitimacy() - 0.5)
        if good:
            self.fairness += p["good_contact"] * (1 - self.fairness)
            return
        push = p["good_contact"] * p["bad_good_ratio"]
        self.fairness -= push * self.fairness
        for friend in self.friends[: int(p["friends_told"])]:
            friend.fairness -= p["vicarious_share"] * push * friend.fairness

    def respond(self) -> None:
        self.contact(tension=0.15)
        self.effectiveness += self.model.p["service_push"] * 0.4 * (1 - self.effectiveness)

    def offend(self) -> None:
        """An everyday offence against somebody who is about, reported or not."""
        p, draw = self.model.p, self.model.random.random
        about = [
            a for a in self.cell.neighborhood.agents if isinstance(a, Resident) and a is not self
        ]
        if not about:
            return
        victim = self.model.random.choice(about)
        odds = 0.6 * math.exp(
            p["trust_reporting_slope"] * (victim.legitimacy() - 0.5) / 0.15 - 0.5 * victim.fear
        )
        if draw() < odds / (1 + odds):
            victim.respond()
            if draw() < p["scene_arrest"]:
                self.jailed_until = self.model.steps + int(
                    self.model.random.expovariate(1 / p["days_minor"])
                )

    def attack(self, other: Resident) -> None:
        """A shooting if a gun is carried: wounds, fear, grievances, a case that clears or not."""
        m, p, draw = self.model, self.model.p, self.model.random.random
        carries = self.gun and draw() < p["carry_base"] + p["carry_propensity"] * 0.5 + self.arms
        if not carries or draw() >= p["hit_share"]:
            other.fear += 0.2 * (1 - other.fear)
            return
        m.shot += 1
        other.trauma += p["trauma_shot"] * (1 - other.trauma)
        other.arms += p["arms_victim"] * (1 - other.arms)
        for friend in other.friends:
            friend.fear += p["fear_tie"] * (1 - friend.fear)
        if draw() < p["lethality"]:
            other.alive = False
        avenger = m.random.choice(other.friends) if other.friends else other
        avenger.grievances.append((m.steps + 1 + int(m.random.expovariate(1 / 60)), self))
        if draw() < 0.3:
            self.jailed_until = m.steps + int(m.random.expovariate(1 / p["days_shooting"]))

    def talk(self, other: Resident) -> None:
        step = 0.5 * self.model.p["talk_weight"] * (other.fairness - self.fairness)
        self.fairness += step
        other.fairness -= step


class Officer(CellAgent):
    """An officer who patrols a cell a day and stops some of those who are there."""

    def __init__(self, model: City) -> None:
        super().__init__(model)
        self.cell = model.random.choice(model.cells)

    def step(self) -> None:
        m = self.model
        self.cell = self.cell.neighborhood.select_random_cell()
        for other in list(self.cell.neighborhood.agents):
            if not (isinstance(other, Resident) and other.alive):
                continue
            # the city-wide rate, shared among those whom this officer meets
            rate = m.p["stop_rate"] / 365 * m.per_meeting * (0.2 + 0.8 * other.youth())
            if m.random.random() < rate:
                other.contact(tension=0.6)


class City(mesa.Model):
    """A city of plain Mesa agents."""

    def __init__(self, residents: int = 2000, seed: int = 1) -> None:
        super().__init__(seed=seed)
        self.p = {name: row.default for name, row in all_parameters().items()}
        self.shot = 0
        rates = ("property_rate", "disorder_rate", "sales_rate", "simple_rate", "robbery_rate",
                 "domestic_rate", "sexual_rate")  # fmt: skip
        self.everyday = sum(self.p[name] for name in rates)
        for name in ("belief", "fear", "trauma", "arms"):
            setattr(self, f"{name}_left", 0.5 ** (1 / self.p[f"{name}_half_life"]))
        side = max(3, round(math.sqrt(residents / 50)))
        grid = OrthogonalMooreGrid((side, side), torus=False, random=self.random)
        self.cells = list(grid.all_cells)
        officers = max(1, round(residents * self.p["officers_per_1000"] / 1000))
        self.per_meeting = residents / (officers * 9 * residents / side**2)
        people: list[Any] = [
            Resident(
                self,
                self.random.lognormvariate(-0.8, 1.3),
                min(0.95, max(0.05, self.random.gauss(0.6, 0.2))),
            )
            for _ in range(residents)
        ]
        for k, one in enumerate(people):
            for _ in range(6):
                other = people[(k + self.random.randrange(1, 60)) % residents]
                one.friends.append(other)
                other.friends.append(one)
        for _ in range(officers):
            Officer(self)

    def step(self) -> None:
        """One day of everybody, in random order."""
        self.agents.shuffle_do("step")
