"""House rules that a linter does not know."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LISTED = subprocess.run(
    ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
).stdout.split("\n")
FILES = [ROOT / name for name in LISTED if name and (ROOT / name).is_file()] or [
    path
    for path in ROOT.rglob("*")
    if path.is_file() and not {".venv", ".git", "__pycache__", "out"} & set(path.parts)
]
SIM = sorted((ROOT / "sim").rglob("*.py"))

# A bracket in each, so that this file passes its own test.
FORBIDDEN = {
    "a package registry": r"pypi[.]org|pythonhoste[d]|registry[.]npmjs|deb[.]debian|"
    r"index[-]url|find[-]links|index[-]servers",
    "a path of one machine": r"(?<![\w.])/(wor[k]/|roo[t]/|far[m]/|tm[p]/\w|hom[e]/\w|User[s]/\w)",
}
UNSEEDED = {"random", "time", "secrets", "uuid"}


def _text(path: Path) -> str:
    raw = path.read_bytes()
    return "" if b"\0" in raw[:4096] else raw.decode("utf-8", errors="replace")


@pytest.mark.parametrize("what", FORBIDDEN)
def test_nothing_ties_the_project_to_one_machine(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in FILES
        for number, line in enumerate(_text(path).splitlines(), start=1)
        if pattern.search(line)
    ]
    assert not found, f"names {what}: {found}"


def _imports(tree: ast.AST) -> set[str]:
    out: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            out.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            out.update(f"{node.module}.{alias.name}" for alias in node.names)
            out.add(node.module or "")
    return out


def _attributes(tree: ast.AST) -> set[str]:
    return {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("path", SIM, ids=lambda path: str(path.relative_to(ROOT)))
def test_sim_draws_only_keyed_numbers_and_reads_no_clock(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    used = _attributes(tree)
    assert not {name for name in used if re.match(r"(np|numpy|scipy)\.random\b", name)}
    assert not {name for name in _imports(tree) if name.startswith(("numpy.random", "scipy.stats"))}
    assert not {name for name in used if re.search(r"\b(datetime|date)\.(now|today|utcnow)$", name)}
    if path.name in TIMED:
        return
    assert not UNSEEDED & {name.split(".")[0] for name in _imports(tree)}


TIMED = {"run.py", "kept_cities.py"}
"""May measure how long a run took; what it measures enters no result."""


def _decorated(node: ast.FunctionDef) -> list[str]:
    return [ast.unparse(decorator) for decorator in node.decorator_list]


@pytest.mark.parametrize("path", SIM, ids=lambda path: str(path.relative_to(ROOT)))
def test_kernels_use_no_unordered_arithmetic(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            for decorator in _decorated(node):
                assert "fastmath" not in decorator and "parallel" not in decorator


def test_sim_knows_nothing_of_what_is_built_on_it() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in SIM
        for name in _imports(ast.parse(path.read_text(encoding="utf-8")))
        if name.split(".")[0] in ("experiments", "viz")
    ]
    assert not wrong


def test_only_one_file_touches_mesa() -> None:
    users = {
        path.name
        for path in SIM
        for name in _imports(ast.parse(path.read_text(encoding="utf-8")))
        if name.split(".")[0] == "mesa"
    }
    assert users <= {"model.py"}


def test_readme_fits_on_a_few_screens() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_constraints_pin_versions_and_name_no_address() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    wrong = [
        line
        for line in pins
        if not re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.+!]+( *; *python_version .+)?", line)
    ]
    assert pins and not wrong


def test_the_citation_names_this_version() -> None:
    from sim.version import MODEL_VERSION

    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {MODEL_VERSION}\n" in citation
    assert f"\n## {MODEL_VERSION}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
