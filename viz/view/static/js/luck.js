// The page of luck: one pair of scenarios, many seeds, a dot for each.

import { dotKey, dots, table, verdict } from "./luckview.js";
import * as P from "./policies.js";
import { fromQuery, presetSpec, toQuery } from "./state.js";
import { alertBox, days, fill, h, num, outcome } from "./ui.js";

const SHOWN = ["persons_shot", "homicides", "legitimacy", "retaliatory_incidents", "violent_reported", "stops", "force", "cleared_nonfatal"];

const lasting = (n) => (n % 364 ? days(n) : n === 364 ? "One year" : `${num(n / 364)} years`);

export class Luck {
  constructor(root, line, given) {
    Object.assign(this, { root, line, ...given });
    const { spec, show } = fromQuery(location.search, this.presets, this.first);
    this.spec = { ...spec, edits: [] };
    this.edited = spec.edits.length > 0;
    this.main = show.outcome || "persons_shot";
    this.seeds = 20;
  }

  async start() {
    this.all = await P.policies();
    const preset = this.presets[this.spec.preset] || {};
    const pick = h("select", { "aria-label": "Question", onchange: () => { location.search = toQuery(presetSpec(pick.value, this.presets[pick.value]), this.presets); } },
      ...(preset.title ? [] : [h("option", { value: this.spec.preset, selected: true }, this.spec.preset)]), ...Object.entries(this.presets).map(([id, p]) => h("option", { value: id, selected: id === this.spec.preset }, p.title)));
    const names = this.spec.b.map((c) => `${this.all[c.name]?.title || c.name} (${P.span(c, this.spec.days)})`);
    this.progress = h("div", { role: "status" });
    this.board = h("div", { class: "luck-board" });
    fill(this.root, h("p", { class: "kicker" }, "Luck"), h("h1", {}, "Was it luck?"),
      h("p", { class: "lede" }, `The same two cities, begun again with other dice. Each dot is one pair of lives: how much more, or less, there was with the policy than without it. ${preset.question || ""}`),
      h("div", { class: "controls" }, h("label", { class: "field" }, h("span", {}, "Question"), pick),
        h("button", { type: "button", onclick: () => { this.seeds = Math.min(this.limits.seeds, this.seeds + 20); this.watch(); } }, "20 more seeds"),
        h("a", { class: "main", href: "/lab?" + toQuery(this.spec, this.presets) }, "Watch one pair in the lab")),
      h("p", { class: "small" }, names.length ? `With: ${names.join("; ")}. ` : "Nothing is changed yet: every difference will be nil. ", `${lasting(this.spec.days)} in each city, the years before the run included in its luck.`),
      this.edited ? alertBox("This link changes a single event, which exists in one seed only; here the policies alone are compared.") : "",
      this.progress, this.board, dotKey());
    this.watch();
  }

  async watch() {
    const token = (this.token = {});
    for (let seen = -1; this.token === token; ) {
      const got = await this.line.ask("luck", { spec: this.spec, seeds: this.seeds, outcomes: SHOWN });
      if (this.token !== token) return;
      if (got.error) return fill(this.progress, alertBox(got.error));
      if (got.n !== seen) { seen = got.n; this.draw(got); }
      const left = Math.min(this.seeds, got.wanted) - got.n;
      fill(this.progress, got.problem ? alertBox(got.problem + " What is finished is shown.") : left > 0 ? h("p", {}, `${got.n} of ${got.n + left} pairs … `, h("progress", { max: got.n + left, value: got.n, "aria-label": "Pairs" })) : h("p", {}, `${got.n} pairs.`));
      if (got.problem || left <= 0) return;
      await new Promise((r) => setTimeout(r, 500));
    }
  }

  draw(got) {
    this.spreads = got.spreads;
    fill(this.board, ...got.spreads.map((s, k) => h("section", { class: k ? "minor" : "major" }, h("h2", {}, outcome(s.outcome), h("small", {}, " with minus without")),
      s.n >= 5 ? h("p", {}, verdict(s)) : h("p", { class: "small" }, `${s.n} of the five pairs that it takes to say anything.`), dots(s), table(s))));
  }

  close() { this.token = null; }
}
