"""The report: one page, nothing from outside, every figure described, every statement as sure as
its interval."""

import html.parser
import json
import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from fake_city import FakeRunner, scenario

from experiments import cli, comparing
from experiments.comparing import compare
from experiments.comparison import Comparison
from experiments.geography import Map
from sim.scenario import Scenario
from viz.figures import Picture, Whisker, whiskers
from viz.report import build, places

HEADLINES = (
    "homicides",
    "persons_shot",
    "legitimacy",
    "clearance_fatal",
    "force",
    "police_killings",
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    out = tmp_path_factory.mktemp("report") / "out"
    arms = [
        scenario("baseline"),
        scenario("fellowship", about="With a <fellowship> & more."),
        scenario("training"),
    ]
    return compare(
        arms,
        replicates=5,
        workers=1,
        out=out,
        runner=FakeRunner(),
        headlines=HEADLINES,
        hypotheses="withdrawal",
    )


@pytest.fixture(scope="module")
def gathered(finished):
    return build.gather(finished, finished.differences(), build.save_scenarios(finished))


@pytest.fixture(scope="module")
def page(gathered):
    return build.render(gathered)


@pytest.fixture
def quickly(monkeypatch):
    """PNGs take long to draw and are looked at elsewhere."""
    monkeypatch.setattr(Picture, "png", lambda self: b"")


class Outline(html.parser.HTMLParser):
    VOID = frozenset({"meta", "link", "br", "img", "hr", "path", "use", "rect", "wbr"})

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.figures, self.open, self.unbalanced = [], [], [], [], []
        self.attributes = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.attributes += [(tag, k, v or "") for k, v in attrs]
        self.ids += [found["id"]] if "id" in found else []
        if tag == "a":
            self.links.append(found["href"])
        if tag == "svg":
            self.figures.append(found)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag in self.VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)


def test_page_is_one_whole_file(page):
    outline = Outline(page)
    assert page.startswith("<!doctype html>") and '<html lang="en">' in page
    assert not outline.unbalanced and not outline.open
    assert len(page.encode()) < 5_000_000
    assert len(set(outline.ids)) == len(outline.ids)
    assert all(link.startswith("#") and link[1:] in outline.ids for link in outline.links)
    outside = [
        (tag, k, v)
        for tag, k, v in outline.attributes
        if k in ("src", "href", "xlink:href", "style") and re.search(r"https?:|//", v)
    ]
    assert outside == [] and "<script" not in page and "@import" not in page


def test_names_are_copied_as_they_are(page):
    assert "_<wbr>" in page and "\u200b" not in page


def test_every_figure_is_described(page):
    outline = Outline(page)
    assert len(outline.figures) > 10
    for figure in outline.figures:
        assert figure["role"] == "img"
        for part in figure["aria-labelledby"].split():
            assert re.search(rf'<(title|desc) id="{part}">[^<]+', page)


def test_first_page_says_what_the_intervals_say(finished, page):
    brief = page[page.index('id="brief"') : page.index('id="headlines"')]
    (shot,) = (r for r in finished.differences(names=["persons_shot"]) if r.arm == "fellowship")
    assert shot.verdict == "better" and "Fewer people shot:" in brief
    assert "no clear difference." in brief and "not a forecast" in brief
    assert "fellowship&gt; &amp; more" in brief  # the user's words stay words
    assert "Rival theories" not in brief or "1 rival theories" not in brief


def test_unclear_costs_are_not_estimated(page):
    cost = page[page.index('id="cost"') : page.index('id="grounds"')]
    assert "not estimable" in cost and "per resident" in cost


def test_an_interval_that_goes_on_beyond_the_edge_says_so():
    near = [
        Whisker(-19.0, -35.0, -6.0, 0, True),
        *(Whisker(0.1, 0.1, 0.2, k, True) for k in (1, 2, 3)),
    ]
    marks = lambda one: [line.get_marker() for line in one.axes[0].lines]  # noqa: E731
    whole = whiskers([("homicides", near)], "%", list("abcd"))
    assert whole.axes[0].get_xlim()[0] < -35.0 and "<" not in marks(whole)
    far = whiskers(
        [("homicides", [*near, Whisker(1.0, -900.0, 902.0, 1, False)])], "%", list("abcd")
    )
    assert far.axes[0].get_xlim()[0] > -900.0 and {"<", ">"} <= set(marks(far))


def test_theories_have_their_table(page):
    assert "withdrawal = off" in page[page.index('id="theories"') : page.index('id="time"')]


def test_report_command_rebuilds_page_figures_tables_and_scenarios(finished, page, capsys):
    assert cli.main(["report", str(finished.folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["report"].endswith("report.html")
    folder = finished.folder
    assert (folder / "report.html").read_text(encoding="utf-8") == page
    figures = {p.name for p in (folder / "figures").iterdir()}
    assert {"headlines.svg", "headlines.png", "time-persons_shot.svg"} <= figures
    assert any(name.startswith("map-") for name in figures)
    written = pd.read_csv(folder / "tables" / "differences.csv")
    assert set(written["world"]) == {"as given", "withdrawal = off"}
    for name in ("areas", "groups", "runs", "weekly"):
        assert (folder / "tables" / f"{name}.parquet").exists()
    for arm in finished.plan.arms:
        text = (folder / "scenarios" / f"{arm.name}.toml").read_text()
        again = Scenario.from_toml(text)
        assert again == arm.scenario and again.hash(3) == arm.scenario.hash(3)
        assert text.split("\n")[0] in html.unescape(page)


def test_a_page_that_would_be_too_large_drops_figures(gathered, monkeypatch):
    monkeypatch.setattr(build, "LARGEST", 300_000)
    text = build.render(gathered)
    assert "figures are only in the folder" in text and len(text) < 400_000


def test_one_pair_claims_nothing(tmp_path, quickly):
    arms = [scenario("baseline"), scenario("fellowship")]
    result = compare(arms, replicates=1, workers=1, out=tmp_path / "o", runner=FakeRunner())
    text = result.report().read_text(encoding="utf-8")
    brief = text[text.index('id="brief"') : text.index('id="headlines"')]
    assert "nothing here can be called a finding" in brief
    assert "Fewer" not in brief and "More people" not in brief


def test_compare_command_writes_and_prints(tmp_path, monkeypatch, capsys, quickly):
    monkeypatch.setattr(comparing, "Engine", FakeRunner)
    for name in ("baseline", "fellowship"):
        (tmp_path / f"{name}.toml").write_text(scenario(name, years=0.5).to_toml())
    files = [str(tmp_path / f"{name}.toml") for name in ("baseline", "fellowship")]
    out = tmp_path / "out"
    common = ["compare", *files, "--workers", "1", "--quiet"]
    assert cli.main([*common, "--replicates", "2", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "2 paired seeds; baseline: baseline" in printed and str(out / "report.html") in printed
    assert cli.main([*common, "--replicates", "2", "--out", str(out)]) == 2
    assert "exists already" in capsys.readouterr().err
    assert cli.main([*common, "--replicates", "3", "--out", str(out), "--resume", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["seeds"] == [1, 2, 3] and data["outcomes"]
    assert cli.main([*common, "--replicates", "6", "--plan", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["replicates"] == 6 and data["outcomes"][0]["difference"] > 0
    assert cli.main([*common, "--baseline", "fellowshop"]) == 2
    assert "did you mean 'fellowship'" in capsys.readouterr().err
    assert cli.main(["report", str(tmp_path)]) == 2


def test_ctrl_c_says_what_was_kept(tmp_path, monkeypatch, capsys, quickly):
    class Interrupting(FakeRunner):
        def run(self, scenario, seed, burnt):
            if seed == 2:
                raise KeyboardInterrupt
            return super().run(scenario, seed, burnt)

    monkeypatch.setattr(comparing, "Engine", Interrupting)
    for name in ("baseline", "fellowship"):
        (tmp_path / f"{name}.toml").write_text(scenario(name, years=0.5).to_toml())
    files = [str(tmp_path / f"{name}.toml") for name in ("baseline", "fellowship")]
    out = tmp_path / "out"
    words = ["compare", *files, "--workers", "1", "--quiet", "--replicates", "3", "--out", str(out)]
    assert cli.main(words) == 130
    told = capsys.readouterr().err
    assert "2 finished runs kept" in told and "--resume" in told
    assert Comparison.load(out).seeds() == [1]
    assert "interrupted" in Comparison.load(out).report().read_text(encoding="utf-8")


CHECK = """
<script>
addEventListener("load", () => {
  const page = document.getElementById("page").contentDocument;
  page.querySelectorAll("details").forEach(d => d.open = true);
  setTimeout(look, 500, page);  // a timeline of scrolling takes a frame to find out what can be scrolled
});
function look(page) {
  const wide = page.documentElement.clientWidth, out = [], bad = [];
  page.querySelectorAll("body *").forEach(e => {
    if (e.closest("svg, .scroll, pre, .skip")) return;
    if (e.getBoundingClientRect().right > wide + 1) out.push(e.tagName + "." + e.className);
  });
  page.querySelectorAll("figure").forEach(f => {
    const s = f.querySelector("svg[role=img]");
    const said = name => s && s.querySelector(name) && s.querySelector(name).textContent;
    if (!said("title") || !said("desc")) bad.push(f.innerText);
  });
  page.querySelectorAll("img:not([alt])").forEach(e => bad.push(e.outerHTML));
  const focus = page.querySelectorAll(".scroll:not([tabindex='0'])").length;
  const scroll = page.documentElement.scrollWidth, boxes = [];
  page.querySelectorAll(".scroll").forEach(box => {
    const beyond = box.scrollWidth - box.clientWidth, left = box.getBoundingClientRect().left + 1;
    const told = parseFloat(page.defaultView.getComputedStyle(box, "::before").height) > 10;
    box.scrollLeft = beyond;
    const strays = [...box.querySelectorAll("tbody tr:not(.narrow)")].filter(row => {
      const key = [...row.querySelectorAll(wide > 960 ? "th" : "th, .key")].find(e => e.getBoundingClientRect().width);
      return key && Math.abs(key.getBoundingClientRect().left - left) > 1;
    });
    const heads = [...box.querySelectorAll("thead th")].filter(e => e.getBoundingClientRect().width);
    const kept = heads.filter(e => page.defaultView.getComputedStyle(e).position == "sticky");
    if (kept.length !== 1 || kept[0] !== heads[0]) strays.push(heads[0]);
    boxes.push({name: box.ariaLabel, beyond, told, strays: strays.length});
  });
  document.body.dataset.found = JSON.stringify({wide, scroll, out, bad, focus, boxes,
    figures: page.querySelectorAll("figure").length});
}
</script>
"""


@pytest.mark.long
@pytest.mark.parametrize("width", [390, 768, 1280])
def test_in_a_real_browser(page, tmp_path, width):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("chromium is not installed")
    inside = html.escape(page, quote=True)
    style = f"border:0;width:{width}px;height:900px"
    frame = f'<iframe id="page" style="{style}" srcdoc="{inside}"></iframe>'
    (tmp_path / "check.html").write_text(
        f"<!doctype html><body>{frame}{CHECK}</body>", encoding="utf-8"
    )
    done = subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--window-size=1400,1000",
            "--enable-logging=stderr",
            "--virtual-time-budget=5000",
            "--dump-dom",
            str(tmp_path / "check.html"),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
    found = json.loads(html.unescape(re.search(r'data-found="([^"]*)"', done.stdout)[1]))
    assert found["wide"] == width and found["scroll"] <= width
    assert found["out"] == [] and found["bad"] == [] and found["focus"] == 0
    assert found["figures"] > 10
    on = [box for box in found["boxes"] if box["beyond"] > 0]
    assert len(on) > 5 or width > 390
    # what names a row stays in sight, and a table that goes on says so (an inactive timeline: it doesn't)
    assert [box for box in on if box["strays"] or not box["told"]] == []
    assert [box for box in found["boxes"] if box["told"] and box["beyond"] <= 0] == []


def test_outlines_keep_holes_and_follow_blocks():
    square = np.array([[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]], float)
    hole = np.array([[1, 1], [2, 1], [2, 2], [1, 2], [1, 1]], float)
    far = square + 10.0
    with_polygons = Map("t", ("a", "b"), ("g",), 150.0, ((square, hole), (far,)), None, ())
    first, second = places.outlines(with_polygons)
    assert (len(first), len(second)) == (2, 1)
    assert signed_area(first[0]) == 16.0 and signed_area(first[1]) == -1.0
    raster = np.array([[0, 0, 1], [0, 0, -1]])
    by_blocks = Map("t", ("a", "b"), ("g",), 100.0, None, raster, ())
    first, second = places.outlines(by_blocks)
    assert signed_area(first[0]) == 40_000.0 and signed_area(second[0]) == 10_000.0
    assert places.outlines(Map("t", ("a",), ("g",), 100.0, None, None, ())) == []


def signed_area(ring):
    x, y = ring.T
    return 0.5 * float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum())
