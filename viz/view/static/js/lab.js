// The lab: one question, two cities, what is shown of them, and the numbers with their luck.

import { Band, Chart } from "./chart.js";
import { Inspector } from "./inspector.js";
import { sentence } from "./luckview.js";
import * as P from "./policies.js";
import { Recording } from "./recording.js";
import { LAYERS } from "./map.js";
import { Stage, VIEWS } from "./stage.js";
import { changedFrom, fromQuery, presetSpec, toQuery } from "./state.js";
import { alertBox, dateOf, digits, fill, h, LEVELS, num, outcome, say, signed, words } from "./ui.js";
import { called, copy, explanation, kindOf, remember } from "./whyview.js";

const NUMBERS = ["persons_shot", "homicides", "retaliatory_incidents", "violent_reported", "stops", "legitimacy"];
const CHARTS = ["persons_shot", "legitimacy", "calls", "stops"];
const SEEDS = 20;

export class Lab {
  /** `given`: {presets, first, embedded} */
  constructor(root, line, given) {
    Object.assign(this, { root, line, ...given });
    this.past = [];
    this.future = [];
    const read = given.link ?? location.search;
    const { spec, show, old } = fromQuery(read, this.presets, this.first);
    Object.assign(this, { spec, shown: show, old });
    this.frame();
    this.keys = (e) => this.key(e);
    document.addEventListener("keydown", this.keys);
  }

  frame() {
    this.head = h("header", { class: "lab-head" });
    this.status = h("div", { class: "status", role: "status" });
    this.main = h("div", { class: "lab-main" });
    this.below = h("div", { class: "lab-below" });
    this.drawer = h("section", { class: "drawer", "aria-label": "Why", hidden: true });
    fill(this.root, h("div", { class: "lab" }, this.head, this.status, this.main, this.drawer, this.below));
  }

  async start() {
    this.all = await P.policies();
    if (this.old) this.warning = "This link was made by another version of the view; it is read as well as can be.";
    this.drawHead();
    await this.run();
  }

  // --- what is asked -----------------------------------------------------------------------------

  drawHead() {
    const preset = this.presets[this.spec.preset] || {};
    const field = (label, input) => h("label", { class: "field" }, h("span", {}, label), input);
    const seed = h("input", { type: "number", min: 0, max: 2147483647, step: 1, value: this.spec.seed, class: "seed", onchange: () => this.change({ ...this.spec, seed: Number(seed.value), edits: [] }) });
    const years = h("select", { onchange: () => this.change({ ...this.spec, days: Number(years.value) }) }, ...[182, 364, 728, 1092, 1820, 3640].filter((d) => d <= this.limits.days || d === this.spec.days).concat([182, 364, 728, 1092, 1820, 3640].includes(this.spec.days) ? [] : [this.spec.days])
      .map((d) => h("option", { value: d, selected: d === this.spec.days }, d === 365 ? "1 year, all 365 days" : d % 364 === 0 ? `${d / 364} year${d > 364 ? "s" : ""}` : d === 182 ? "half a year" : `${d} days`)));
    const pick = h("select", { onchange: () => this.change(presetSpec(pick.value, this.presets[pick.value])) }, ...(preset.title ? [] : [h("option", { value: this.spec.preset, selected: true }, words(this.spec.preset))]), ...Object.entries(this.presets).map(([id, p]) => h("option", { value: id, selected: id === this.spec.preset }, p.title)));
    fill(this.head,
      this.embedded ? "" : h("p", { class: "kicker" }, "The lab"),
      this.embedded ? "" : h("h1", {}, preset.question || "Two cities that are one, until you change something."),
      h("div", { class: "controls" },
        this.embedded ? "" : field("Question", pick), field("Seed", seed), field("Length", years),
        h("span", { class: "undo" }, h("button", { type: "button", disabled: !this.past.length, onclick: () => this.undo(), title: "Undo the last change" }, "Undo"), h("button", { type: "button", disabled: !this.future.length, onclick: () => this.redo() }, "Redo")),
        h("button", { type: "button", onclick: (e) => copy(this.link(), e.target), title: "A link that opens to this very life" }, "Copy link"),
        h("button", { type: "button", onclick: () => this.help(), "aria-label": "Keys and help" }, "?")),
      h("div", { class: "arms" }, this.armRow("b", "With"), this.spec.a.length ? this.armRow("a", "Without, apart from") : ""),
      this.spec.edits.length ? h("p", { class: "edits" }, ...this.spec.edits.map(([verb, key], k) => h("span", { class: "chip" }, `${{ solve: "Solved", unsolve: "Never solved", undo: "Never happened" }[verb]}: ${called(key)} `, h("button", { class: "chip-x", type: "button", "aria-label": "Take this change back", onclick: () => this.change({ ...this.spec, edits: this.spec.edits.filter((_, j) => j !== k) }) }, "×")))) : "",
      this.spec.b.length ? P.timeline(this.all, this.spec.b, this.spec.days, (k, c) => this.change({ ...this.spec, b: this.spec.b.map((x, j) => (j === k ? c : x)) })) : "",
      this.warning ? alertBox(this.warning) : "");
  }

  armRow(arm, label) {
    const list = this.spec[arm], put = (next) => this.change({ ...this.spec, [arm]: next });
    const edit = (k) => P.form(this.all, list[k], { days: this.spec.days, day: this.day, done: (c, from) => put(from === null ? list.map((x, j) => (j === k ? c : x)) : changedFrom(list, k, c, from)), remove: (from) => put(from === null ? list.filter((_, j) => j !== k) : changedFrom(list, k, null, from)) });
    const add = () => P.choose(this.all, (name) => P.form(this.all, { name, start: arm === "b" ? this.day : 0, end: null, settings: {} }, { days: this.spec.days, day: this.day, fresh: true, done: (c) => put([...list, c]) }));
    return h("div", { class: "arm-row" }, h("span", { class: "arm-name" }, h("i", { class: `swatch ${arm}` }), label), P.chips(this.all, list, this.spec.days, { edit, remove: (k) => put(list.filter((_, j) => j !== k)), add }));
  }

  get day() { return this.stage ? this.stage.player.day : Number(this.shown.day || 0); }

  change(spec, { keep = true } = {}) {
    if (keep) { this.past.push(this.spec); this.future = []; }
    this.shown = { ...this.shown, day: this.day, id: null };
    this.spec = spec;
    this.warning = null;
    this.drawHead();
    this.run();
  }
  undo() { if (this.past.length) { this.future.push(this.spec); this.change(this.past.pop(), { keep: false }); } }
  redo() { if (this.future.length) { this.past.push(this.spec); this.change(this.future.pop(), { keep: false }); } }

  // --- the run -----------------------------------------------------------------------------------

  async run() {
    const token = (this.token = {});
    this.leave();
    fill(this.status, h("p", {}, "Asking for the run …"));
    const recording = (this.recording = new Recording(this.line));
    recording.on((what) => this.token === token && this.heard(what));
    const opened = await recording.open(this.spec);
    if (this.token !== token) return recording.close();
    if (opened.error) return this.failed(opened);
    this.spec = { ...this.spec, ...recording.spec };
    this.stage = new Stage(recording, { layer: this.shown.layer in LAYERS ? this.shown.layer : "trust", view: this.shown.view in VIEWS ? this.shown.view : "both", selected: Number(String(this.shown.sel || "").split(":")[1] ?? -1) }, {
      day: (day) => this.onDay(day), block: (b, f, d) => this.inspector.showBlock(b, f, d), shown: () => this.keepLink() });
    this.inspector = new Inspector(this.line, recording, { why: (arm, id) => this.why(arm, id), follow: (who) => { this.stage.follow(who); this.stage.element.scrollIntoView({ block: "nearest" }); } });
    this.charts = CHARTS.map((n) => new Chart(n, Math.floor(this.spec.days / 7), recording.shape.start));
    this.numbers = h("section", { class: "numbers-box", "aria-label": "Numbers so far" });
    this.causesBox = h("section", { class: "causes-box" });
    fill(this.main, this.stage.element, this.inspector.box);
    fill(this.below, this.numbers, h("section", { class: "charts", "aria-label": "Over time" }, ...this.charts.map((c) => c.box)), this.causesBox, this.embedded ? "" : this.keepBox());
    this.stage.player.day = Math.min(Number(this.shown.day || 0), Math.floor(this.spec.days / 7) * 7 - 1);
    this.keepLink();
    this.heard("progress");
    this.luck(token);
  }

  leave() {
    this.stage?.close();
    this.recording?.close();
    this.stage = this.band = null;
    this.spreads = {};
    this.drawer.hidden = true;
  }

  failed(got) {
    const report = JSON.stringify({ spec: this.spec, problem: got.error || got.problem, version: this.recording.version }, null, 1);
    fill(this.status, alertBox(got.error || got.problem,
      h("details", {}, h("summary", {}, "What to send along with a report"), h("pre", { tabindex: 0 }, report + "\n" + (got.details || ""))),
      h("p", {}, h("button", { type: "button", onclick: () => this.run() }, "Try again"), this.past.length ? h("button", { type: "button", onclick: () => this.undo() }, "Undo the last change") : "")));
  }

  heard(what) {
    const r = this.recording, s = r.state;
    if (!s) return;
    if (what === "progress" || what === "ended") {
      const part = Math.round((100 * r.weeks * 7) / this.spec.days);
      const bits = [];
      if (!r.ended) bits.push(h("p", {}, s.ahead && !r.shape ? `${s.ahead} ahead of you, about ${num(Math.max(1, s.seconds))} s. ` : r.weeks ? `Recorded ${part} % … ` : `${capital(s.stage)} … `,
        h("progress", { max: 100, value: part, "aria-label": "Recorded" }), h("button", { type: "button", onclick: () => this.line.ask("stop") }, "Stop")));
      if (["failed", "stopped", "time"].includes(r.ended)) {
        if (!r.weeks) return this.failed(s);
        bits.push(alertBox(r.ended === "time" ? `The time for one run here was up: it stopped on day ${r.weeks * 7}; what was recorded is kept.` : r.ended === "stopped" ? `Stopped on day ${r.weeks * 7}; what was recorded is kept.` : s.problem,
          h("p", {}, h("button", { type: "button", onclick: () => this.run() }, "Run it again"))));
      }
      bits.push(this.parting(), this.sameLife());
      fill(this.status, ...bits);
      if (r.weeks && !this.hinted) this.stage && (this.stage.player.dirty = true);
      this.drawCharts();
      this.drawNumbers();
    }
    if (what === "ended") {
      this.drawCauses();
      this.lookAgain();
    }
  }

  /** A link that names a block opens to it. */
  lookAgain() {
    const block = this.stage.show.selected, frame = this.stage.frame;
    if (block < 0 || block >= this.recording.shape.blocks || this.inspector.block >= 0) return;
    if (frame) this.inspector.showBlock(block, frame, this.day);
    else setTimeout(() => this.recording.alive && this.lookAgain(), 100);
  }

  /** Whether the two cities have the same policies and no event is changed. */
  get same() { return !this.spec.edits.length && JSON.stringify(this.spec.a) === JSON.stringify(this.spec.b); }

  /** "Identical until day d", and what parted them. */
  parting() {
    const r = this.recording;
    if (!r.shape) return "";
    if (!r.parted) return h("p", { class: "parting" }, r.ended !== "whole" ? "Identical so far."
      : this.same ? "Nothing is changed yet, so the two cities are one: add a policy, or ask what if of an event." : "The two cities are identical to the last day: what was changed touched nobody.");
    const p = r.parted, s = r.shape;
    const first = h("button", { class: "link", type: "button", onclick: () => this.divergence() }, "what parted them");
    return h("p", { class: "parting" }, h("b", {}, `Identical until day ${p.day}`), `, ${dateOf(s.start, p.day)}. Then ${p.residents === 1 ? "one life differs" : `${num(p.residents)} lives differ`}, the first in block ${p.block}: `, r.ended ? first : "what parted them is known when the run is over", ".",
      this.goThere = h("button", { type: "button", class: "small-button", hidden: this.day >= p.day || r.lastDay <= p.day, onclick: () => this.stage.player.go(p.day) }, `Go to day ${p.day}`));
  }

  /** Of a run that was opened, or a link that was copied: whether this is the very same life. */
  sameLife() {
    const r = this.recording, s = r.state, log = this.presets[this.spec.preset]?.event_log_hash;
    if (r.ended === "whole" && log && this.untouched) {
      return log === s.logs?.b ? h("p", { class: "small" }, "The same life as the run that was opened: its event log has the same hash.")
        : alertBox("Not the same life as the run that was opened: that one was made by another version of the model or with other plug-ins.");
    }
    const { id, m } = this.shown;
    if (!id || id === r.identity?.slice(0, 8)) return "";
    return alertBox(`This link was copied from another ${m && m !== r.version ? `version of the model (${m}; this is ${r.version})` : "state of the model or its plug-ins"}: what you see is the same question, not the same lives.`);
  }

  /** Nothing was changed of the preset or run that was opened. */
  get untouched() {
    const base = presetSpec(this.spec.preset, this.presets[this.spec.preset]);
    return toQuery(this.spec, this.presets) === toQuery(base, this.presets);
  }

  async divergence() {
    const got = await this.line.ask("divergence");
    if (got.error) return this.open(alertBox(got.error));
    if (!got.event) return this.open(h("p", { class: "lede" }, "No logged event differs: what the policy changed are everyday contacts (stops, calls, talk), which the log leaves out."));
    this.why(got.arm, got.event.id, h("p", { class: "lede" }, `The first event in the log that differs is in the city ${got.arm === "b" ? "with" : "without"}: ${kindOf(got.event)} on day ${got.event.day}, ${got.event.area}, block ${got.event.block}. `
      + `${got.parted.day < got.event.day ? `From day ${got.parted.day} everyday contacts (stops, calls, talk) differed already. ` : ""}${got.only ? "The other city has no such event." : "In the other city it went another way."}`));
  }

  // --- numbers, charts, luck ----------------------------------------------------------------------

  onDay(day) {
    const now = performance.now();
    if (now - (this.drawn || 0) < 250 && this.stage.player.playing) return;
    this.drawn = now;
    this.drawCharts();
    this.drawNumbers();
    this.keepLink();
    if (this.goThere && this.recording.parted) this.goThere.hidden = day >= this.recording.parted.day;
  }

  weeksShown() { return Math.max(1, Math.min(this.recording.weeks, Math.floor((this.day + 1) / 7) || 1)); }

  drawCharts() {
    if (!this.charts || !this.recording.weeks) return;
    const flags = this.spec.b.flatMap((c) => [{ day: c.start }, ...(c.end !== null && c.end < this.spec.days ? [{ day: c.end, end: true }] : [])]).filter((f) => f.day >= 0);
    for (const c of this.charts) {
      c.note.textContent = this.band ? ` · band: 90 % of ${this.n} pairs` : " · one pair; the band of many is on its way";
      c.draw(this.recording, this.day / 7, flags, this.band);
    }
  }

  total(arm, name, weeks) {
    if (LEVELS.has(name)) return this.recording.value(arm, name, weeks - 1);
    let sum = 0;
    for (let w = 0; w < weeks; w++) sum += this.recording.value(arm, name, w);
    return sum;
  }

  drawNumbers() {
    if (!this.numbers || !this.recording.weeks) return;
    const whole = this.recording.ended === "whole" && this.day >= this.recording.lastDay - 6;
    const weeks = this.weeksShown();
    const narrow = innerWidth < 600; // on a phone luck stands below its number, not beyond an edge
    const rows = NUMBERS.flatMap((name) => {
      const [a, b] = ["a", "b"].map((arm) => this.total(arm, name, weeks)), d = digits(name);
      const luck = h("td", { class: "luck", colspan: narrow ? 4 : null }, sentence(this.spreads[name]));
      const row = h("tr", {}, h("th", { scope: "row" }, outcome(name)), h("td", { class: "a" }, num(a, d)), h("td", { class: "b" }, num(b, d)), h("td", { class: "difference" }, signed(b - a, d)), narrow ? "" : luck);
      return narrow ? [row, h("tr", { class: "below" }, luck)] : [row];
    });
    fill(this.numbers, h("h2", {}, whole ? "In the whole run" : `Up to day ${weeks * 7 - 1}`, h("small", {}, ` one pair of lives, seed ${this.spec.seed}; beside it: what ${this.n || SEEDS} pairs say of the whole run`)),
      h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Numbers" }, h("table", { class: "numbers big" }, h("thead", {}, h("tr", {}, ...["", "without", "with", "with − without", ...(narrow ? [] : ["and in other lives"])].map((t) => (t ? h("th", { scope: "col" }, t) : h("td", {}))))), h("tbody", {}, ...rows))),
      h("p", {}, h("a", { href: "/luck?" + toQuery({ ...this.spec, edits: [] }, this.presets) }, "Was it luck? Every pair as a dot →")));
  }

  /** Many seeds in the background: ranges beside the numbers, bands in the charts. */
  async luck(token) {
    while (this.token === token && !this.recording.ended) await new Promise((r) => setTimeout(r, 200));
    if (this.token !== token || this.recording.ended !== "whole" || this.recording.shape.residents > 150000) return;
    for (let seen = -1; this.token === token; ) {
      const got = await this.line.ask("luck", { seeds: SEEDS, outcomes: NUMBERS, bands: true });
      if (this.token !== token || got.error || got.problem) return;
      if (got.n !== seen) {
        seen = this.n = got.n;
        this.spreads = Object.fromEntries(got.spreads.map((s) => [s.outcome, s]));
        if (got.parts.length) this.band = new Band(got.parts[0], got.band_weeks, this.recording.shape.series);
        this.drawNumbers();
        this.drawCharts();
      }
      if (got.n >= Math.min(SEEDS, got.wanted)) return;
      await new Promise((r) => setTimeout(r, 900));
    }
  }

  // --- why ---------------------------------------------------------------------------------------

  async drawCauses() {
    const got = await this.line.ask("cascades", { arm: "b" });
    if (got.error || !this.causesBox) return;
    fill(this.causesBox, h("h2", {}, "Where violence came from"),
      got.empty ? h("p", {}, capital(got.empty) + ".") : h("p", {}, "Roots of the largest cascades in the city with; each opens to its tree and to why each step happened."),
      h("ol", { class: "roots" }, ...got.cascades.slice(0, 8).map((e) => h("li", {}, h("button", { class: "link", type: "button", onclick: () => this.why("b", e.id) }, `${kindOf(e)}, ${e.area}`), h("small", {}, ` day ${num(e.day)}${e.burn_in ? " (before the run)" : ""}: ${num(e.shot)} people shot in ${num(e.size)} events that followed`)))));
  }

  open(...content) {
    this.drawer.hidden = false;
    fill(this.drawer, h("button", { class: "plain close", type: "button", "aria-label": "Close", onclick: () => { this.drawer.hidden = true; } }, "×"), ...content);
    this.drawer.scrollIntoView({ block: "nearest", behavior: "auto" });
  }

  async why(arm, id, intro = "") {
    this.open(h("p", { role: "status" }, "Looking it up …"));
    const got = await this.line.ask("why", { arm, event: id });
    const link = `/why/${arm}/${id}?` + toQuery(this.spec, this.presets);
    this.open(intro, h("p", { class: "small" }, `City ${arm === "b" ? "with" : "without"} · `, h("a", { href: link }, "on a page of its own")), explanation(got, {
      open: (x) => this.why(arm, x), life: (who) => this.inspector.showLife(who, Math.max(0, got.event?.day ?? 0)),
      whatIf: (verb, key, e) => {
        remember(key, e);
        this.change(arm === "b" || !this.spec.b.length ? { ...this.spec, edits: [...this.spec.edits, [verb, key]] }
          : { ...this.spec, b: [...this.spec.a], edits: [[verb, key]] });
      } }));
  }

  // --- keeping -----------------------------------------------------------------------------------

  showState() {
    const s = this.stage?.show || {};
    return { day: this.day || null, layer: s.layer && s.layer !== "trust" ? s.layer : null, view: s.view && s.view !== "both" ? s.view : null, sel: s.selected >= 0 ? `A:${s.selected}` : null };
  }
  link() { return `${location.origin}/lab?${toQuery(this.spec, this.presets, { ...this.showState(), m: this.recording.version, id: this.recording.identity.slice(0, 8) })}`; }
  keepLink() { if (!this.embedded) history.replaceState(null, "", "/lab?" + toQuery(this.spec, this.presets, this.showState())); }

  keepBox() {
    const base = `/download/${this.recording.identity}`;
    const link = (name, text) => h("li", {}, h("a", { href: `${base}/${name}`, download: true }, text));
    return h("section", { class: "keep" }, h("h2", {}, "Keep it"), h("ul", { class: "downloads" }, link("series.csv", "Series, CSV"), link("events.csv", "Events, CSV"), link("frames.npz", "Maps, NPZ"), link("config.json", "Configuration, JSON"),
      link("figure.svg", "Figure, SVG"), link("figure.png", "PNG"), link("figure.pdf", "PDF"), link("replay.html", "Replay, one HTML file"), link("report.html", "Report of 20 pairs")));
  }

  // --- keys --------------------------------------------------------------------------------------

  key(e) {
    if (!this.stage || e.ctrlKey || e.metaKey || e.altKey || document.querySelector("dialog[open]")) return;
    if (e.target.closest?.("input:not([type=range]):not([type=radio]):not([type=checkbox]), select, textarea, [role=tree]")) return;
    const p = this.stage.player, on = e.target.tagName;
    const f = { " ": () => p.toggle(), ArrowLeft: () => p.go(p.day - 1), ArrowRight: () => p.go(p.day + 1), Home: () => p.go(0), End: () => p.go(this.recording.lastDay),
      d: () => this.stage.setView(this.stage.show.view === "difference" ? "both" : "difference"), D: () => this.stage.setView(this.stage.show.view === "difference" ? "both" : "difference"), "?": () => this.help() }[e.key];
    if (!f || (e.key === " " && ["BUTTON", "A", "SUMMARY", "INPUT"].includes(on)) || (e.key.startsWith("Arrow") && on === "INPUT")) return;
    e.preventDefault();
    f();
  }

  help() {
    const rows = [["Space", "play or pause"], ["← →", "a day back, a day on (on a map: the next block)"], ["Home, End", "first day, last day"], ["D", "difference on and off"], ["Enter", "on a map: look at the block"], ["+ −", "on a map: zoom"], ["?", "this help"]];
    P.dialog("Keys", h("table", { class: "numbers" }, h("tbody", {}, ...rows.map(([k, t]) => h("tr", {}, h("th", { scope: "row" }, h("kbd", {}, k)), h("td", {}, t))))),
      h("p", {}, "Both cities have the same seed: every draw is keyed by who, what and when, so that they stay the same city until the policy reaches somebody."));
  }

  close() {
    this.token = null;
    document.removeEventListener("keydown", this.keys);
    this.leave();
  }
}

const capital = (t) => (t ? t[0].toUpperCase() + t.slice(1) : t);
export const shorten = words;
export const announce = say;
