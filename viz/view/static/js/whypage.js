// The page of one event: /why/<arm>/<event>?<pair>. It opens the pair, then tells the chain.

import * as P from "./policies.js";
import { Recording } from "./recording.js";
import { fromQuery, toQuery } from "./state.js";
import { alertBox, dateOf, fill, h, num } from "./ui.js";
import { explanation, kindOf, remember } from "./whyview.js";
import { Inspector } from "./inspector.js";

export class Why {
  constructor(root, line, given) {
    Object.assign(this, { root, line, ...given });
    const [, , arm, event] = location.pathname.split("/");
    this.arm = arm === "a" ? "a" : "b";
    this.event = event || "worst";
    this.spec = fromQuery(location.search, this.presets, this.first).spec;
  }

  async start() {
    await P.policies();
    this.head = h("header", {});
    this.body = h("div", {}, h("p", { role: "status" }, "Recording the two cities …"));
    this.side = h("div", {});
    fill(this.root, this.head, h("div", { class: "why-page" }, this.body, this.side));
    const r = (this.recording = new Recording(this.line));
    const opened = await r.open(this.spec);
    if (opened.error) return fill(this.body, alertBox(opened.error));
    while (r.alive && !r.ended) await new Promise((done) => setTimeout(done, 100));
    this.inspector = new Inspector(this.line, r, { why: (arm, id) => { this.arm = arm; this.show(id); } });
    fill(this.side, this.inspector.box);
    fill(this.inspector.body, h("p", { class: "small" }, "Choose a resident or an officer in the chain: their life in both cities."));
    await this.show(this.event);
  }

  async show(id) {
    const query = toQuery(this.spec, this.presets);
    const got = await this.line.ask("why", { arm: this.arm, event: id });
    if (got.error) {
      fill(this.head, h("p", { class: "kicker" }, "Why"), h("h1", {}, "Why did this happen?"));
      return fill(this.body, alertBox(got.error, h("p", {}, h("a", { href: "/lab?" + query }, "Back to the lab"))));
    }
    const e = got.event;
    history.replaceState(null, "", `/why/${this.arm}/${e.id}?${query}`);
    fill(this.head, h("p", { class: "kicker" }, `Why · city ${this.arm === "b" ? "with" : "without"}, seed ${this.spec.seed}`),
      h("h1", {}, `${kindOf(e)[0].toUpperCase()}${kindOf(e).slice(1)} in ${e.area}`),
      h("p", { class: "lede" }, `${dateOf(e.date, 0)}, day ${num(e.day)}, block ${e.block}. Each step names the event before it, the rule that was at work, and the draw that decided. “Caused” means: was born of; what would have happened without it, only a replay can tell.`),
      h("p", {}, h("a", { href: `/lab?${query}&day=${Math.max(0, e.day)}&sel=A:${e.block}` }, "Show it on the map")));
    fill(this.body, explanation(got, { open: (x) => this.show(x), life: (who) => this.inspector.showLife(who, Math.max(0, e.day)),
      whatIf: (verb, key) => { remember(key, e); const spec = this.arm === "b" ? { ...this.spec, edits: [...this.spec.edits, [verb, key]] } : { ...this.spec, b: [...this.spec.a], edits: [[verb, key]] }; location.href = "/lab?" + toQuery(spec, this.presets, { day: Math.max(0, e.day) }); } }));
  }

  close() { this.recording?.close(); }
}
