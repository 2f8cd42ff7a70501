// The inspector: a block, then a resident or an officer there, then what happened to them.

import { ARM } from "./colours.js";
import { LAYERS, levels } from "./map.js";
import { kindOf, markOf } from "./whyview.js";
import { alertBox, dateOf, fill, h, num, until, words } from "./ui.js";

/** A line of one level over a life, both arms. */
function lifeLine(life, name) {
  const a = life.a.series[name] || [], b = life.b.series[name] || [];
  const all = [...a, ...b];
  if (!all.length) return "";
  const low = Math.min(...all), high = Math.max(...all), room = (high - low) * 0.1 || 0.01;
  const at = (days, k, v) => `${(days[k] / (life.a.days.at(-1) || 1)) * 296 + 2},${58 - ((v - low + room) / (high - low + 2 * room)) * 54}`;
  const path = (arm, values) => h("path", { d: "M" + values.map((v, k) => at(life[arm].days, k, v)).join("L"), fill: "none",
    stroke: ARM[arm], "stroke-width": 1.8, "stroke-dasharray": arm === "a" ? "5 3" : null });
  return h("figure", { class: "life" }, h("figcaption", {}, words(name === "legitimacy" ? "trust in police" : name),
    h("small", {}, ` ${num(a[0], 2)} at first; at the end ${num(a.at(-1), 2)} without, ${num(b.at(-1), 2)} with`)),
    h("svg", { viewBox: "0 0 300 60", role: "img", "aria-label": `${words(name)}: ${num(a.at(-1), 2)} without, ${num(b.at(-1), 2)} with, at the end` },
      path("a", a), path("b", b)));
}

/** The first week in which the two lives differ, in days, or null. */
export function parts(life) {
  const names = Object.keys(life.a.series);
  for (let k = 0; k < life.a.days.length; k++) {
    if (names.some((n) => life.a.series[n][k] !== life.b.series[n]?.[k])) return life.a.days[k];
  }
  return null;
}

/** Ties around one person: household near, co-offenders, friends. */
function egoNetwork(ties, open) {
  if (!ties?.length) return h("p", { class: "small" }, "No ties on this day.");
  const colour = { household: "#009E73", "co-offender": "#D55E00", friend: "#0072B2" };
  const radius = { household: 44, "co-offender": 72, friend: 96 };
  const nodes = ties.map((t, k) => {
    const angle = (k / ties.length) * 2 * Math.PI - Math.PI / 2, r = radius[t.kind];
    const x = 110 + r * Math.cos(angle), y = 110 + r * Math.sin(angle);
    const shape = t.gang >= 0 ? h("rect", { x: x - 6, y: y - 6, width: 12, height: 12, fill: colour[t.kind], stroke: t.shot ? "#d1002f" : "#fff", "stroke-width": t.shot ? 3 : 1.5 })
      : h("circle", { cx: x, cy: y, r: 6, fill: colour[t.kind], stroke: t.shot ? "#d1002f" : "#fff", "stroke-width": t.shot ? 3 : 1.5 });
    return h("g", { class: "node", tabindex: 0, role: "button", "aria-label": `${t.kind}: ${t.sex}, ${t.age}${t.gang >= 0 ? `, gang ${t.gang}` : ""}`,
      onclick: () => open(t.row), onkeydown: (e) => e.key === "Enter" && open(t.row) },
      h("line", { x1: 110, y1: 110, x2: x, y2: y, stroke: colour[t.kind], "stroke-width": 1, opacity: 0.5 }), shape);
  });
  const counts = Object.keys(colour).map((k) => [k, ties.filter((t) => t.kind === k).length]).filter(([, n]) => n);
  return h("figure", { class: "ego" }, h("svg", { viewBox: "0 0 220 220", "aria-label": "Ties; each is a button" }, ...nodes,
    h("circle", { cx: 110, cy: 110, r: 9, class: "ego-self" })),
    h("figcaption", {}, ...counts.map(([k, n]) => h("span", { class: "key" }, h("i", { style: { background: colour[k] } }), ` ${n} ${k}${n > 1 && k !== "household" ? "s" : ""} `)),
      h("small", {}, "Squares are in a gang; a red edge: was shot or shot at since the city’s first years.")));
}

export class Inspector {
  constructor(line, recording, act) {
    Object.assign(this, { line, recording, act });
    this.body = h("div", { class: "inspector-body" });
    this.box = h("aside", { class: "inspector", "aria-label": "Inspector" }, h("h2", {}, "Look closer"), this.body);
    this.empty();
  }

  empty() {
    this.block = -1;
    fill(this.body, h("p", {}, "Click a block on a map, or move to it with the arrow keys and press Enter: who lives there, what happened there, and how the two cities differ."));
  }

  async showBlock(block, frame, day) {
    this.block = block;
    const s = this.recording.shape;
    const scratch = new Uint8Array(s.blocks);
    const rows = ["trust", "calls", "unsolved", "patrol"].map((layer) => {
      const top = layer === "patrol" ? s.patrol_most : 1;
      const [a, b] = ["a", "b"].map((arm) => frame ? (levels(s, frame[arm], layer, scratch)[block] / 255) * top : NaN);
      return h("tr", {}, h("th", { scope: "row" }, LAYERS[layer].name, h("small", {}, ` ${LAYERS[layer].unit}`)), h("td", {}, num(a, 2)), h("td", {}, num(b, 2)));
    });
    const events = h("div", {}), people = h("div", {});
    fill(this.body,
      h("h3", {}, `Block ${block}`, h("small", {}, ` ${s.areas[s.area[block]]} · ${num(s.people[block])} residents · day ${num(day)}`)),
      h("table", { class: "numbers" }, h("thead", {}, h("tr", {}, h("td", {}), h("th", { scope: "col" }, "without"), h("th", { scope: "col" }, "with"))), h("tbody", {}, ...rows)),
      events, h("p", {}, h("button", { type: "button", onclick: () => this.showPeople(block, day, people) }, "Who lives and patrols here?")), people);
    this.listEvents(block, events);
  }

  async listEvents(block, box) {
    const got = await this.line.ask("block", { arm: "b", block });
    if (this.block !== block) return;
    if (got.error) return fill(box, h("p", { class: "small" }, got.error));
    const list = got.events.map((e) => h("li", {}, h("span", { class: `mark ${markOf(e)}` }), " ",
      h("button", { class: "link", type: "button", onclick: () => this.act.why("b", e.id) }, kindOf(e)), h("small", {}, ` day ${num(e.day)}${e.target ? ", " + e.target : ""}`)));
    fill(box, h("h4", {}, "What happened here, in the city with"), list.length ? h("ul", { class: "events" }, ...list) : h("p", { class: "small" }, "Nothing that is logged, in the run or the year before."));
  }

  async life(question, box) {
    fill(box, h("p", { class: "small", role: "status" }, "Replaying both cities to follow them …"));
    const token = (this.token = {});
    return until(() => this.line.ask("life", question), (x) => x.life, { alive: () => this.token === token && this.recording.alive });
  }

  async showPeople(block, day, box) {
    const got = await this.life({ block, day }, box);
    if (got.error) return fill(box, alertBox(got.error));
    if (!got.life) return;
    const people = got.life.b.residents || [];
    fill(box, h("h4", {}, `${people.length} residents on day ${Math.max(0, day)}`), h("ul", { class: "people" }, ...people.map((p) => h("li", {},
      h("button", { class: "link", type: "button", onclick: () => this.showLife({ resident: p.row }, day) }, `${p.sex}, ${p.age}`),
      h("small", {}, [p.gang >= 0 ? `gang ${p.gang}` : "", p.status !== "free" ? p.status : "", p.shot ? "shot or shot at" : "", p.arrests ? `${p.arrests} arrests` : "", p.victimised ? `victim ${p.victimised}×` : ""].filter(Boolean).map((t) => " · " + t).join(""))))),
      h("h4", {}, `Patrol of beat ${got.life.b.traits.beat}`), h("ul", { class: "people officers" }, ...got.life.b.officers.map((o) => h("li", {},
        h("button", { class: "link", type: "button", onclick: () => this.showLife({ officer: o.row }, day) }, `officer ${o.row}`), h("small", {}, ` · ${o.shift} shift, ${num(o.years, 1)} years in post`)))));
  }

  /** A biography: of a resident or an officer. */
  async showLife(who, day) {
    this.block = -1;
    const title = "officer" in who ? `Officer ${who.officer}` : `Resident ${who.resident}`;
    const box = h("div", {});
    fill(this.body, h("h3", {}, title), box);
    this.box.scrollIntoView({ block: "nearest" });
    const got = await this.life({ ...who, day }, box);
    if (got.error) return fill(box, alertBox(got.error));
    if (!got.life) return;
    const life = got.life, part = parts(life);
    const levelsOf = "officer" in who ? ["stress", "danger"] : ["legitimacy", "fear", "trauma"];
    const counts = Object.keys(life.a.series).filter((n) => !levelsOf.includes(n));
    fill(box,
      h("p", { class: "small" }, Object.entries(life.b.traits).map(([k, v]) => `${k}: ${v}`).join(" · ") + ` (day ${num(day)}, city with)`),
      this.act.follow ? h("p", {}, h("button", { type: "button", onclick: () => this.act.follow({ name: title.toLowerCase(), life, parted: part }) }, "Follow on the map")) : "",
      h("p", { class: "parting" }, part === null ? "Both lives are the same in both cities, week by week." : `The two lives part in the week before day ${part}, ${dateOf(this.recording.shape.start, part)}.`),
      ...levelsOf.map((n) => lifeLine(life, n)),
      h("table", { class: "numbers" }, h("thead", {}, h("tr", {}, h("td", {}), ...["before the run", "then, without", "then, with"].map((t) => h("th", { scope: "col" }, t)))),
        h("tbody", {}, ...counts.map((n) => { const f = life.a.series[n]; return h("tr", {}, h("th", { scope: "row" }, words(n)), h("td", {}, num(f[0], n === "style" ? 2 : 0)), h("td", {}, num(f.at(-1) - f[0], 0)), h("td", {}, num(life.b.series[n].at(-1) - f[0], 0))); }))),
      this.logOf(who),
      "resident" in who ? h("h4", {}, `Ties on day ${day}`) : "",
      "resident" in who ? egoNetwork(life.b.ties, (row) => this.showLife({ resident: row }, day)) : "",
      h("p", { class: "small" }, "A row may pass to a newcomer when somebody dies or leaves; the line then goes on with them."));
  }

  /** What the log says of them, each line a link to its event. */
  logOf(who) {
    const row = who.resident ?? who.officer, officer = "officer" in who;
    const force = (e) => ["force", "police_killing"].includes(e.kind);
    const mine = this.recording.events.b.filter((e) => (officer ? force(e) && e.actor === row : e.target === row || (!force(e) && e.actor === row)));
    if (!mine.length) return h("p", { class: "small" }, "The event log has nothing of theirs.");
    return h("div", {}, h("h4", {}, "In the event log, city with"), h("ul", { class: "events" }, ...mine.slice(-40).map((e) => h("li", {},
      h("button", { class: "link", type: "button", onclick: () => this.act.why("b", e.id) }, kindOf(e)),
      h("small", {}, ` day ${num(e.day)}, ${officer ? "on resident " + e.target : e.target === row ? "to them" : "by them"}`)))));
  }
}
