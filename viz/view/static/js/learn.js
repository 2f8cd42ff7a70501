// A lesson: guess, run, explain, try. The guess stays in this browser and is shown beside the result.

import { Lab } from "./lab.js";
import { dots, dotKey, sentence, verdict } from "./luckview.js";
import { toQuery } from "./state.js";
import { alertBox, fill, h, outcome } from "./ui.js";

const STEPS = ["Guess", "Run", "Explain", "Try"];

export class Lesson {
  constructor(root, line, given) {
    Object.assign(this, { root, line, ...given });
    this.id = location.pathname.split("/")[2] || "who-calls";
    this.present = new URLSearchParams(location.search).has("present");
    this.key = `peel-guess-${this.id}`;
  }

  get guess() { try { return localStorage.getItem(this.key); } catch { return this.kept ?? null; } }
  set guess(v) { this.kept = v; try { localStorage.setItem(this.key, v); } catch { /* kept for this page only */ } }

  async start() {
    const got = await this.line.ask("lesson", { lesson: this.id });
    if (got.error) return fill(this.root, alertBox(got.error, h("p", {}, h("a", { href: "/" }, "All lessons"))));
    const l = (this.lesson = got.lesson);
    document.title = `${l.title} · Peel`;
    this.bar = h("ol", { class: "steps-bar", "aria-label": "Steps" });
    this.sections = [this.predict(l), this.run(l), this.explain(l), this.challenge(l)];
    fill(this.root, h("div", { class: this.present ? "lesson present" : "lesson" }, h("p", { class: "kicker" }, `Lesson ${l.number} · ${l.minutes} minutes`), h("h1", {}, l.title), h("p", { class: "lede" }, l.summary), this.bar, ...this.sections));
    this.open(this.guess !== null && !this.present ? 1 : 0);
  }

  open(step) {
    this.at = Math.max(this.at ?? 0, step);
    fill(this.bar, ...STEPS.map((s, k) => h("li", { class: k <= this.at ? "done" : "", "aria-current": k === step ? "step" : null }, k <= this.at ? h("a", { href: `#step-${k}` }, s) : s)));
    this.sections.forEach((s, k) => { s.hidden = k > this.at; });
    if (this.at >= 1 && !this.lab) this.startLab();
    if (this.at >= 2) this.results();
  }

  section(k, title, ...body) { return h("section", { id: `step-${k}`, class: "lesson-step", tabindex: -1 }, h("h2", {}, h("span", { class: "number" }, k + 1), " ", title), ...body); }
  go(k) { this.open(k); this.sections[k].focus({ preventScroll: true }); this.sections[k].scrollIntoView({ block: "start" }); }

  predict(l) {
    const options = l.predict.options.map((o, k) => h("label", { class: "guess" }, h("input", { type: "radio", name: "guess", value: o, checked: this.guess === o, onchange: () => { this.guess = o; next.disabled = false; } }), h("span", {}, o)));
    const next = h("button", { class: "main", type: "button", disabled: this.guess === null, onclick: () => this.go(1) }, "That is my guess: run it");
    return this.section(0, "Guess first", h("fieldset", { class: "guesses" }, h("legend", {}, l.predict.text), ...options), next, h("p", { class: "small" }, "Your guess stays in this browser. Nobody else sees it."));
  }

  run(l) {
    this.stage = h("div", { class: "embedded" });
    return this.section(1, "Run it", h("p", { class: "prose" }, code(l.run)), this.stage, h("button", { class: "main", type: "button", onclick: () => this.go(2) }, this.present ? "Reveal the results" : "I have seen it: explain"));
  }

  async startLab() {
    const presets = { ...this.presets };
    const link = "?" + toQuery(this.lesson.spec, presets, { layer: this.lesson.layer });
    this.lab = new Lab(this.stage, this.line, { presets, limits: this.limits, embedded: true, link });
    await this.lab.start();
  }

  explain(l) {
    this.beside = h("div", { class: "beside" });
    return this.section(2, "What happened, and why", this.beside, h("div", { class: "prose" }, ...l.explain.map((p) => h("p", {}, code(p)))), h("button", { class: "main", type: "button", onclick: () => this.go(3) }, "Now try something"));
  }

  async results() {
    if (this.asked) return;
    this.asked = true;
    const mine = h("p", { class: "my-guess" }, h("b", {}, "Your guess: "), this.guess || "none");
    for (;;) {
      const got = await this.line.ask("luck", { spec: this.lesson.spec, seeds: 20, outcomes: this.lesson.outcomes });
      if (got.error) return fill(this.beside, mine, alertBox(got.error));
      const main = got.spreads[0];
      const unchanged = !this.lesson.spec.b.length;
      fill(this.beside, mine, unchanged ? h("p", { class: "small" }, "Nothing is changed for everybody in this lesson; your own change of one event is one world.") : h("div", {}, h("h3", {}, outcome(main.outcome), h("small", {}, " with minus without, this very minute")), dots(main), dotKey(), h("p", { class: "small" }, main.n >= 5 ? verdict(main) : sentence(main))));
      if (got.n >= Math.min(20, got.wanted) || got.problem || unchanged) return;
      await new Promise((r) => setTimeout(r, 700));
    }
  }

  challenge(l) {
    const link = "/lab?" + toQuery(l.spec, this.presets, { layer: l.layer });
    return this.section(3, "Try", h("p", { class: "prose" }, code(l.challenge)), h("p", {}, h("a", { class: "main", href: link }, "Open it in the lab"), " ", l.next ? h("a", { href: `/learn/${l.next}` }, `Next: ${l.next_title}`) : h("a", { href: "/" }, "All lessons")));
  }

  close() { this.lab?.close(); }
}

/** `code` in a text. */
function code(text) { return text.split("`").map((t, k) => (k % 2 ? h("code", {}, t) : t)); }
