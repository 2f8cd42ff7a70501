"""Named rival theories, each a preset of parameter values.

Scholars disagree about what moves violence, about whether lost trust silences witnesses, and about
whether police withdraw after scrutiny. Each theory here is a setting of the same model, so that any
comparison can be run under all of them and a conclusion that flips is seen to flip. A value in a
scenario's [parameters] overrides the preset's.

Violence (weights multiply the named parts of one intensity; a preset that turns one part down turns
others up, so that the total stays of the same order):

- blend: every part at its default;
- rivalry: standing rivalries and habit decide who attacks whom [H06]; no contagion through ties;
- contagion: exposure to shot ties spreads violence [H04]; rivalry and habit matter little;
- background: place and propensity explain nearly all; incidents hardly trigger others [H02].

Reporting (trust moving calls): default, a small slope on trust and a drop after nationally salient
incidents; dpk, a beating that one's own city hears of silences callers too (Desmond, Papachristos &
Kirk 2016) [S01, S02]; zoorob, neither incidents nor trust move calls (Zoorob 2020) [S01, L11];
salient-only, only nationally salient incidents do (Ang and co-authors 2025) [S04].

Withdrawal (police cutting self-initiated work after scrutiny) [M07]: on or off.
"""

from __future__ import annotations

from collections.abc import Mapping

from sim.errors import UserError
from sim.words import nearest, shown

PRESETS: dict[str, dict[str, dict[str, float]]] = {
    "violence": {
        "blend": {},
        "rivalry": {
            "weight_background": 0.5,
            "weight_rivalry": 2.1,
            "weight_inertia": 1.3,
            "weight_retaliation": 0.75,
            "weight_contagion": 0.0,
        },
        "contagion": {
            "weight_background": 0.95,
            "weight_rivalry": 0.3,
            "weight_inertia": 0.3,
            "weight_retaliation": 0.5,
            "weight_contagion": 3.2,
        },
        "background": {
            "weight_background": 2.6,
            "weight_rivalry": 0.25,
            "weight_inertia": 0.0,
            "weight_retaliation": 0.1,
            "weight_contagion": 0.0,
        },
    },
    "reporting": {
        "default": {},
        # A salience of 0.45 that halves in nine months averages 0.29 over the first year, which
        # takes 17 % from calls made at odds of 0.42 [S02].
        "dpk": {
            "trust_reporting_slope": 0.2,
            "incident_reporting_drop": 1.0,
            "local_incident_salience": 0.45,
        },
        "zoorob": {
            "trust_reporting_slope": 0.0,
            "incident_reporting_drop": 0.0,
            "local_incident_salience": 0.0,
        },
        "salient-only": {
            "trust_reporting_slope": 0.0,
            "incident_reporting_drop": 1.0,
            "local_incident_salience": 0.0,
        },
    },
    "withdrawal": {
        "on": {},
        "off": {"withdrawal_strength": 0.0},
    },
}
"""Question -> theory -> the parameter values it sets; each question's first is the default."""

DEFAULTS: dict[str, str] = {
    question: next(iter(theories)) for question, theories in PRESETS.items()
}


class UnknownTheory(UserError):
    """A question, or a theory about it, that is not among the presets."""

    def __init__(self, question: str, text: str) -> None:
        self.question, self.text = question, text
        super().__init__(f"hypotheses.{question}: {text}")


def resolve(chosen: Mapping[str, str]) -> dict[str, str]:
    """Every question with its theory, defaults filled in.

    Raises UnknownTheory for a question or theory that does not exist.
    """
    for question, theory in chosen.items():
        if question not in PRESETS:
            raise UnknownTheory(question, f"no such hypothesis{nearest(question, PRESETS)}")
        if not isinstance(theory, str) or theory not in PRESETS[question]:
            near = nearest(str(theory), PRESETS[question]) if isinstance(theory, str) else ""
            raise UnknownTheory(question, f"no theory {shown(theory)}{near}")
    return {**DEFAULTS, **chosen}


def values(chosen: Mapping[str, str]) -> dict[str, float]:
    """The parameter values that the chosen theories set (those of the defaults set none)."""
    out: dict[str, float] = {}
    for question, theory in resolve(chosen).items():
        out.update(PRESETS[question][theory])
    return out


def combinations() -> list[dict[str, str]]:
    """What "under all hypotheses" runs: the default, then each rival with the rest at default."""
    rivals = [
        {**DEFAULTS, question: theory}
        for question, theories in PRESETS.items()
        for theory in theories
        if theory != DEFAULTS[question]
    ]
    return [dict(DEFAULTS), *rivals]
