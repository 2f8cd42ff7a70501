// Five levers over a table of stored runs. A quadratic without a constant is fitted once, here; a move
// of a slider is then a few multiplications, so the band follows at once.

import * as P from "./policies.js";
import { toQuery } from "./state.js";
import { alertBox, fill, h, num, outcome, signed } from "./ui.js";

const SHOWN = ["persons_shot", "homicides", "legitimacy", "stops", "programme_cost"];
const DIGITS = { legitimacy: 3, programme_cost: 0, persons_shot: 1, homicides: 1, stops: 0 };
const NAMES = { programme_cost: "Cost, dollars in two years" };

/** 1st and 2nd order terms of the doses; none of them is a constant. */
function terms(x) {
  const out = [...x];
  for (let i = 0; i < x.length; i++) for (let j = i; j < x.length; j++) out.push(x[i] * x[j]);
  return out;
}

/** Of the cost: what it is to have a programme at all, and what its dose adds. */
const costs = (x) => [...x.map((v) => Number(v > 0)), ...x];

/** Least squares with a touch of ridge: (X'X + kI) b = X'y, for several y at once. */
export function fit(rows, ys) {
  const n = rows[0].length, m = ys[0].length;
  const a = Array.from({ length: n }, () => new Float64Array(n + m));
  rows.forEach((r, k) => {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) a[i][j] += r[i] * r[j];
      for (let j = 0; j < m; j++) a[i][n + j] += r[i] * ys[k][j];
    }
  });
  for (let i = 0; i < n; i++) a[i][i] += 1e-6 * rows.length;
  for (let i = 0; i < n; i++) {
    let p = i;
    for (let r = i + 1; r < n; r++) if (Math.abs(a[r][i]) > Math.abs(a[p][i])) p = r;
    [a[i], a[p]] = [a[p], a[i]];
    for (let r = 0; r < n; r++) {
      if (r === i) continue;
      const f = a[r][i] / a[i][i];
      if (f) for (let c = i; c < n + m; c++) a[r][c] -= f * a[i][c];
    }
  }
  return a.map((r, i) => Array.from(r.slice(n), (v) => v / r[i]));
}

/** Least squares with coefficients of zero or more, by coordinate descent. */
export function positive(rows, y) {
  const k = rows[0].length, b = new Array(k).fill(0), left = [...y];
  for (let turn = 0; turn < 200; turn++) {
    for (let i = 0; i < k; i++) {
      let up = 0, down = 0;
      rows.forEach((r, n) => { up += r[i] * (left[n] + r[i] * b[i]); down += r[i] * r[i]; });
      const next = Math.max(0, down ? up / down : 0), step = next - b[i];
      if (step) rows.forEach((r, n) => { left[n] -= step * r[i]; });
      b[i] = next;
    }
  }
  return b;
}

export class Levers {
  constructor(root, line, given) {
    Object.assign(this, { root, line, ...given });
    this.doses = null;
  }

  async start() {
    this.all = await P.policies();
    const t = (this.table = await (await fetch("/api/levers.json")).json());
    const intro = [h("p", { class: "kicker" }, "Levers"), h("h1", {}, "Five levers, one band")];
    if (!t.table) return fill(this.root, ...intro, alertBox("The table of stored runs is not in this installation; `python -m viz.view.levers` makes it. The lab works without."));
    const k = t.policies.length;
    this.X = t.table.map((r) => r.slice(1, 1 + k));
    this.Y = t.table.map((r) => r.slice(1 + k));
    this.terms = t.outcomes.map((name) => (name === "programme_cost" ? costs : terms));
    this.beta = this.terms.map((of, j) => fit(this.X.map(of), this.Y.map((y) => [y[j]])).map(([v]) => v));
    this.spread();
    const q = new URLSearchParams(location.search);
    this.doses = t.policies.map((p) => Math.min(t.most_dose, Math.max(0, Number(q.get(p) || 0))));
    this.board = h("div", { class: "bands" });
    this.check = h("p", {});
    const panel = h("div", { class: "lever-panel" }, ...t.policies.map((name, i) => this.lever(name, i)),
      h("p", {}, h("button", { type: "button", onclick: () => this.set(t.policies.map(() => 0)) }, "All to nothing"), " ", h("button", { type: "button", onclick: () => this.set(t.policies.map((_, i) => (i < 3 ? 1 : 0))) }, "A programme of three")));
    fill(this.root, ...intro, h("p", { class: "lede" }, `What two years of a district would be like, at once. The bands are an estimate from ${num(t.rows)} stored runs (${num(t.points)} settings, ${t.seeds.length} seeds), not a run: “check it” makes the real pairs.`),
      h("div", { class: "levers-page" }, panel, h("div", {}, this.board, this.check, h("p", { class: "small" }, `Stored for ${t.city}, ${t.years} years, model version ${t.model_version}. Inner mark: the estimate of the mean. Band: where nine of ten pairs of lives would lie, from the stored runs’ own spread around the estimate. Doses: 1 is the programme as described, 0 none. In the model a programme costs what it costs to run, whatever its dose.`))));
    this.draw();
  }

  /** The stored runs' spread around the fit: a variance per lever, growing with its dose, so that
   * nothing done has none and a lever without noise in an outcome adds none to it. */
  spread() {
    const rows = this.X.map((x) => x.map((v) => v * v));
    this.noise = this.table.outcomes.map((_, j) => {
      const lost = this.X.length / (this.X.length - this.beta[j].length); // to the fit's own terms
      const miss = this.X.map((x, r) => (this.Y[r][j] - this.predict(x, j)) ** 2);
      // a quarter of it is taken as common to all levers: few runs can't show that one has none
      const sum = (values) => values.reduce((s, v) => s + v, 0);
      const common = (lost * sum(miss)) / sum(rows.map(sum));
      const parts = positive(rows, miss.map((m) => lost * m)).map((v) => 0.75 * v + 0.25 * common);
      // stretched, where tails are long, until nine of ten stored runs lie inside as the page says
      const ratio = miss.map((m, r) => Math.sqrt(m / sum(rows[r].map((v, i) => v * parts[i]))));
      const known = ratio.filter(Number.isFinite).sort((a, b) => a - b);
      const stretch = Math.max(1, (known[Math.floor(0.9 * known.length)] ?? 0) / 1.645);
      return parts.map((v) => v * stretch * stretch);
    });
  }

  /** Standard deviation of one pair around the estimate of outcome j. */
  deviation(x, j) { return Math.sqrt(this.noise[j].reduce((sum, v, i) => sum + v * x[i] * x[i], 0)); }

  predict(x, j) { return this.terms[j](x).reduce((sum, v, i) => sum + v * this.beta[j][i], 0); }

  lever(name, i) {
    const p = this.all[name], value = h("output", {}, num(this.doses[i], 2));
    const input = h("input", { type: "range", min: 0, max: this.table.most_dose, step: 0.05, value: this.doses[i], "aria-label": `${p.title}: dose`, oninput: () => { this.doses[i] = Number(input.value); this.draw(); } });
    (this.inputs ||= []).push([input, value]);
    return h("div", { class: "lever" }, h("div", { class: "lever-head" }, h("b", {}, p.title), value, h("span", { class: "badges" }, P.badge(p), p.harm ? h("span", { class: "badge harm" }, "a harm") : "")), h("span", { class: "slide" }, input), h("small", {}, `${p.eligible || "everybody"} · ${p.unit_cost || "cost not known"}`));
  }

  set(doses) { this.doses = doses; this.draw(); }

  draw() {
    const began = performance.now();
    const x = this.doses, idle = this.doses.every((d) => d === 0);
    this.inputs.forEach(([input, value], i) => { input.value = this.doses[i]; value.textContent = num(this.doses[i], 2); input.setAttribute("aria-valuetext", `dose ${num(this.doses[i], 2)}`); });
    fill(this.board, ...SHOWN.map((name) => {
      const j = this.table.outcomes.indexOf(name), mean = this.predict(x, j), half = 1.645 * this.deviation(x, j);
      const reach = this.reach(name, j), at = (v) => 50 + (50 * Math.max(-1, Math.min(1, v / reach)));
      const better = { persons_shot: -1, homicides: -1, legitimacy: 1 }[name] || 0;
      const d = DIGITS[name];
      return h("div", { class: "band" }, h("div", { class: "band-head" }, h("h2", {}, NAMES[name] || outcome(name)),
        h("p", { class: "band-text" }, idle ? "no difference: nothing is done" : [h("b", {}, `${signed(mean - half, d)} to ${signed(mean + half, d)}`), ` around ${signed(mean, d)}`])),
        h("div", { class: "band-line", role: "img", "aria-label": `${signed(mean - half, d)} to ${signed(mean + half, d)}` }, h("i", { class: "nil" }), h("i", { class: mean * better > 0 ? "span better" : better && mean ? "span worse" : "span", style: { left: `${at(mean - half)}%`, width: `${Math.max(0.4, at(mean + half) - at(mean - half))}%` } }), h("i", { class: "dot", style: { left: `${at(mean)}%` } })),
        h("div", { class: "ends" }, h("span", {}, signed(-reach, d)), h("span", {}, "no difference"), h("span", {}, signed(reach, d))));
    }));
    const b = this.table.policies.map((name, i) => ({ name, start: 0, end: null, settings: this.doses[i] === 1 ? {} : { dose: this.doses[i] } })).filter((_, i) => this.doses[i] > 0);
    const spec = { preset: this.table.city, seed: 1, days: Math.round(this.table.years * 364), a: [], b, edits: [] };
    fill(this.check, b.length ? h("a", { class: "main", href: "/luck?" + toQuery(spec, this.presets) }, "Check it: run the real pairs") : "", " ", b.length ? h("a", { href: "/lab?" + toQuery(spec, this.presets) }, "or watch one in the lab") : "Move a lever.");
    const q = new URLSearchParams();
    this.table.policies.forEach((p, i) => this.doses[i] && q.set(p, this.doses[i]));
    history.replaceState(null, "", "/levers" + (q.size ? "?" + q : ""));
    this.took = performance.now() - began;
  }

  reach(name, j) {
    this.reaches ||= {};
    return (this.reaches[name] ||= Math.max(...this.Y.map((y) => Math.abs(y[j])), 1e-9));
  }

  close() {}
}
