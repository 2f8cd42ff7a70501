"""The documents in docs/ are what the code says."""

from __future__ import annotations

import re

import pytest

from experiments import docs
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return docs.documents()


def test_docs_are_current(root) -> None:
    stale = docs.stale_in(root / "docs")
    assert not stale, f"out of date: {stale}; run `peel docs`"


def test_the_day_has_every_step_with_a_description(pages) -> None:
    from sim.engine import STEPS

    for title, step, _ in STEPS:
        assert title[1:] in pages["day.md"]
        assert (getattr(step, "py_func", step).__doc__ or "").strip()


def test_every_parameter_policy_lever_and_row_is_in(pages) -> None:
    from sim.evidence import ledger
    from sim.parameters import all_parameters
    from sim.policies import registry

    for name in all_parameters():
        assert f"| `{name}` |" in pages["parameters.md"]
    for name in registry():
        assert f"`{name}`, row" in pages["policies.md"]
    for name in ledger():
        assert f'<a id="{name}"></a>' in pages["evidence.md"]


def test_every_process_is_in_the_catalogue_and_the_tests_that_hold_it_exist(pages, root) -> None:
    from sim.parameters import all_parameters
    from sim.policies import registry
    from sim.processes.catalogue import PROCESSES

    modules = {path.stem for path in (root / "sim" / "processes").glob("*.py")}
    assert set(PROCESSES) == modules - {"__init__", "catalogue"}
    for name, entry in PROCESSES.items():
        assert f"`sim.processes.{name}`" in pages["processes.md"]
        assert set(entry.policies) <= set(registry())
        for test in (*entry.theory, *entry.knock_out):
            file, _, function = test.partition("::")
            assert f"def {function}(" in (root / file).read_text(encoding="utf-8"), test
    kinds = [kind for entry in PROCESSES.values() for kind in entry.reads]
    assert len(kinds) == len(set(kinds))
    read = {row.process for row in all_parameters().values()}
    assert read - set(kinds) == {"city", "start", "programmes"}  # of the build, and of policies


def test_links_between_the_pages_lead_somewhere(pages) -> None:
    for text in pages.values():
        for page, anchor in re.findall(r"\]\(([a-z]+\.md)(?:#(\w+))?\)", text):
            kept = ROOT / "docs" / page  # by hand, or by a command that takes long
            told = pages[page] if page in pages else kept.read_text(encoding="utf-8")
            assert not anchor or f'<a id="{anchor}"></a>' in told


def test_writing_checks_and_refuses(peel, tmp_path) -> None:
    folder = tmp_path / "docs"
    assert peel("docs", folder, "--check").code == 1
    assert peel("docs", folder).code == 0
    assert peel("docs", folder, "--check").code == 0
    assert sorted(path.name for path in folder.iterdir()) == sorted(docs.documents())
    (folder / "day.md").write_text("mine")
    said = peel("docs", folder)
    assert said.code == 2 and "not written by `peel docs`" in said.err
    assert (folder / "day.md").read_text() == "mine"
