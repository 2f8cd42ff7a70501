"""The about page, and the page for teachers. Lists come from the registries, never by hand."""

from __future__ import annotations

import html
import re
from typing import Any

from viz.view.settings import Server

E = html.escape
BADGES = {
    "experiment": "trial", "quasi": "quasi-experiment", "descriptive": "descriptive",
    "advocacy": "advocacy", "none": "no evidence",
}  # fmt: skip
IS = (
    "A simulator of a city day by day: residents with beliefs about the police, officers with"
    " habits,"
    " gangs with quarrels; offences, calls, cases, arrests, reprisals.",
    "A way to ask what a policy would change, with the same dice in both cities, and to follow any"
    " event back to its causes.",
    "A place to see disagreement: rival theories are settings, and each lever says how good its"
    " evidence is.",
)
IS_NOT = (
    "A forecast. No figure here says what will happen in any city.",
    "About anybody. Every resident is drawn from tables of shares; nobody real is in it, and"
    " nothing"
    " in it may be used to judge a person or a place.",
    "Complete. There is no politics, no protest, no court case, no family history; police are an"
    " institution with hours and habits, and not much else.",
    "Neutral by being numerical. What is counted, and what is left out, is somebody’s choice; the"
    " lists of parameters and sources are there to be argued with.",
)


def about(server: Server, request: Any) -> str:
    """What the model is and isn't, on what evidence, and what its pictures show."""
    from sim import evidence, hypotheses
    from sim.policies import registry
    from sim.version import MODEL_VERSION

    ledger = evidence.ledger()
    theories = "".join(
        f"<li><b>{E(topic)}</b>: {E(', '.join(options))}</li>"
        for topic, options in hypotheses.PRESETS.items()
    )
    rows = "".join(
        _policy_row(kind)
        for kind in sorted(registry().values(), key=lambda k: (k.harm, k.row, k.name))
    )
    sources = "".join(
        f'<li id="{E(row.id)}"><b>{E(row.id)}</b> {E(row.quantity)}. {E(row.source)}.'
        + (f" <i>Disputed: {E(row.contested_by)}.</i>" if row.contested_by else "")
        + "</li>"
        for row in ledger.values()
    )
    return (
        '<p class="kicker">About</p><h1>What this is, and what it can’t tell you</h1>'
        '<div class="prose"><div class="alert content-note"><p><b>What you will see.</b> Shootings,'
        " killings and police force, as marks on a map and lines in a chart. No images, no real"
        " people, no real events. Some readers have lived what is counted here; nobody should"
        " have to"
        " look.</p></div><h2>It is</h2><ul>"
        + "".join(f"<li>{E(t)}</li>" for t in IS)
        + "</ul><h2>It is not</h2><ul>"
        + "".join(f"<li>{E(t)}</li>" for t in IS_NOT)
        + "</ul><h2>Why one pair is not an answer</h2><p>Two cities with the same dice differ"
        " only by"
        " what a policy caused, yet what it causes depends on the dice. So no number of one pair"
        " stands alone here: beside it is what many pairs say, and <a href='/luck'>Luck</a> shows"
        " every one of them as a dot.</p><h2>Rival theories</h2><p>Where scholars disagree, each"
        " side"
        " is a setting of the same model (<code>peel compare --hypotheses all</code> runs them"
        " all):"
        f"</p><ul>{theories}</ul><h2>How it is drawn</h2><p>Fields by block in cividis, which"
        " reads the"
        " same with any colour vision; marks differ in shape as well as in colour. Where officers"
        " stand within their beat, and where in a block somebody is, is for the eye only: the model"
        " knows beats and blocks. Trust and fear are the model’s quantities, not a survey’s.</p>"
        "<h2>Every lever and its evidence</h2><p>“Trial” means that somebody ran one; it does not"
        " mean that the size here is right. Settings marked (assumption) are"
        ' guesses.</p></div><div class="scroll" '
        'tabindex="0" role="region" aria-label="Policies and their evidence"><table class="levers">'
        "<thead><tr><th scope=col>Policy</th><th scope=col>Evidence</th><th scope=col>Sources</th>"
        f"<th scope=col>Disputed</th></tr></thead><tbody>{rows}</tbody></table></div>"
        f'<div class="prose"><details class="sources"><summary>All {len(ledger)} rows of the'
        " evidence"
        f" ledger</summary><ul>{sources}</ul></details><p>Model version {E(MODEL_VERSION)}. Program"
        " under the MIT licence; results under CC0.</p></div>"
    )


def _policy_row(kind: Any) -> str:
    badge = BADGES.get(kind.badge, kind.badge)
    harm = ' <span class="badge harm">a harm</span>' if kind.harm else ""
    sources = ", ".join(f'<a href="#{E(id)}">{E(id)}</a>' for id in kind.evidence)
    guess = ' <span class="badge none">size is a guess</span>' if kind.speculative else ""
    return (
        f"<tr><th scope=row>{E(kind.title)}{harm}</th><td><span class='badge {E(kind.badge)}'>"
        f"{E(badge)}</span>{guess}</td><td>{sources or '–'}</td>"
        f"<td>{E(kind.contested_by) or '–'}</td></tr>"
    )


def teach(server: Server, request: Any) -> str:
    """For teachers: the class's link, how to present, and the notes of every lesson."""
    from viz.view.lessons import lessons

    address = E(server.class_address or str(request.base_url).rstrip("/"))
    caps = server.limits
    notes = "".join(
        f"<section><h3>{k}. {E(one['title'])} <small>{one['minutes']} minutes ·"
        f' <a href="/learn/{id}">open</a> · <a'
        f' href="/learn/{id}?present=1">present</a></small></h3>'
        f"<p>{_code(one['teacher']['notes'])}</p></section>"
        for k, (id, one) in enumerate(lessons().items(), start=1)
    )
    public = (
        "This server takes a class." if server.public
        else "This server answers this machine alone. Start it with <code>peel view --public</code>"
        " and it prints the address for the class."
    )  # fmt: skip
    return (
        '<p class="kicker">For teachers</p><h1>A class in the lab</h1><div class="prose">'
        f"<h2>The class’s link</h2><p>{public}</p><p class='class-link'><code>{address}/</code></p>"
        f"<p>Up to {caps.sessions} people at once; the next one sees a page that says how many"
        " wait."
        f" A run may have {caps.residents:,} residents and {caps.days:,} days; what is stopped"
        " keeps"
        " what it has. Pupils who ask for the same run watch one recording, so a class that starts"
        " from a lesson’s link waits for one run, not thirty. There are no accounts, and a guess"
        " never leaves the pupil’s browser.</p><h2>Presenting</h2><p>“Present” opens a lesson in"
        " larger type with every result hidden until you reveal it: collect the guesses first,"
        " aloud"
        " or by hands, then run.</p><h2>Say beforehand</h2><p>That shootings and police force"
        " will be"
        " on the screen, as marks. That no resident is real. That anybody may step out, and need"
        " not"
        ' say why.</p><h2>Notes, lesson by lesson</h2></div><div class="prose notes">'
        + notes
        + "</div>"
    )


def _code(text: str) -> str:
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", E(text))
