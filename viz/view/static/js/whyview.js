// Why: the chain from an event to its root, the cascade as a tree one can walk with arrow keys, and
// what a replay could answer.

import { alertBox, chance, dateOf, h, num, words } from "./ui.js";

const KINDS = { arrest_shooting: "arrest", gun: "gun acquired" };
export const kindOf = (e) => (e.fatal && e.kind === "shooting" ? "fatal shooting" : KINDS[e.kind] ?? words(e.kind));
/** What an event that is about to be changed is called, kept for this tab: the link holds its key only. */
export function remember(key, e) {
  if (!e?.logged) return;
  try { sessionStorage.setItem(`peel ${key}`, `${kindOf(e)}, ${e.area}, day ${num(e.day)}`); } catch { /* nothing may be stored: its key it is */ }
}
export function called(key) {
  try { return sessionStorage.getItem(`peel ${key}`) ?? `event ${key}`; } catch { return `event ${key}`; }
}
/** 2.5e-05 in a text, as it is written by hand. */
const powers = (text) => text.replace(/\d(\.\d+)?e[-+]\d+/g, (x) => chance(Number(x)));
const when = (e) => `day ${num(e.day)}, ${dateOf(e.date, 0)}`;

/** One step of the chain. */
function step(e, number, { open, life }) {
  if (!e.logged) return h("li", { class: "step unlogged" }, h("h3", {}, "Not in the log"), h("p", {}, e.why + "."));
  const who = (row, text, officer) => (row >= 0 && text
    ? h("button", { class: "link", type: "button", onclick: () => life?.(officer ? { officer: row } : { resident: row }, e) }, text) : text);
  const officer = ["force", "police_killing"].includes(e.kind);
  return h("li", { class: "step" },
    h("h3", {}, h("span", { class: `mark ${markOf(e)}` }), " ",
      number ? h("button", { class: "link", type: "button", onclick: () => open(e.id) }, kindOf(e)) : kindOf(e),
      h("small", {}, ` ${when(e)} · ${e.area}, block ${e.block}`)),
    h("p", { class: "because" }, h("b", {}, "because "), powers(e.why) + "."),
    h("dl", { class: "facts" },
      h("dt", {}, "who"), h("dd", {}, who(e.actor_row, e.actor, officer) || "nobody named", e.target ? (e.kind === "arrest_shooting" ? " for the attack on " : " on ") : "", who(e.target_row, e.target, false) || ""),
      h("dt", {}, "rule"), h("dd", {}, `${e.rule}${e.part && e.part !== "none" ? ", " + e.part : ""}`),
      h("dt", {}, "probability or hazard"), h("dd", {}, chance(e.probability)),
      h("dt", {}, "drawn"), h("dd", {}, chance(e.draw))));
}

export const markOf = (e) => (e.kind !== "shooting" ? "other" : e.cleared >= 0 ? "solved" : e.fatal ? "fatal" : "unsolved");

/** The chain, itself first. */
export function chain(got, act) {
  return h("section", { class: "chain" },
    h("h2", {}, "Why it happened"),
    h("p", { class: "small" }, got.chain.length === 1 ? "It is a root: no earlier event caused it."
      : `${got.chain.length} events, from this one back to the root.`),
    h("ol", { class: "steps" }, ...got.chain.map((e, k) => step(e, k, act))),
    h("details", {}, h("summary", {}, "As plain text, to copy"), h("pre", { tabindex: 0 }, got.text),
      h("button", { type: "button", onclick: (e) => copy(got.text, e.target) }, "Copy")));
}

export async function copy(text, button) {
  const was = button.textContent;
  try { await navigator.clipboard.writeText(text); button.textContent = "Copied"; }
  catch { button.textContent = "Select it and copy by hand"; }
  setTimeout(() => { button.textContent = was; }, 1500);
}

/** The cascade: root first, indented by generation, placed by day. */
export function tree(t, { open }) {
  const first = t.rows[0]?.day ?? 0, last = Math.max(first + 1, ...t.rows.map((r) => r.day ?? first));
  const list = h("ul", { class: "tree", role: "tree", "aria-label": "The cascade, root first" });
  t.rows.forEach((r, k) => {
    const at = r.logged ? ((r.day - first) / (last - first)) * 100 : 0;
    const item = h("li", { role: "treeitem", "aria-level": r.depth + 1, tabindex: r.chosen || (k === 0 && !t.rows.some((x) => x.chosen)) ? 0 : -1,
      class: r.chosen ? "chosen" : null, "aria-selected": r.chosen ? "true" : "false",
      onclick: () => r.logged && open(r.id) },
      h("span", { class: "label", style: { paddingLeft: `${Math.min(r.depth, 14) * 0.9}rem` } },
        h("span", { class: `mark ${markOf(r)}` }), " ", r.logged ? `${kindOf(r)}, ${r.area}` : "not in the log",
        h("small", {}, r.logged ? ` day ${num(r.day)}${r.kind === "shooting" ? (r.cleared >= 0 ? ", solved" : ", unsolved") : ""}` : "")),
      h("span", { class: "when", "aria-hidden": "true" }, h("i", { style: { left: `${at}%` } })));
    list.append(item);
  });
  list.addEventListener("keydown", (e) => {
    const items = [...list.children], at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[e.key];
    if (to !== undefined && items[to]) { items[at]?.setAttribute("tabindex", -1); items[to].tabIndex = 0; items[to].focus(); }
    else if (e.key === "Enter" && at >= 0 && t.rows[at].logged) open(t.rows[at].id);
    else return;
    e.preventDefault();
    e.stopPropagation();
  });
  return h("section", { class: "cascade" }, h("h2", {}, "The cascade"),
    h("p", { class: "small" }, `${num(t.size)} event${t.size === 1 ? "" : "s"} over ${t.generations} generation${t.generations === 1 ? "" : "s"}, ${num(t.shootings)} ${t.shootings === 1 ? "person" : "people"} shot in them`
      + (t.shootings > 1 ? `; each shooting led, by way of others too, to ${num(t.reproduction, 2)} more on average.` : ".")
      + (t.shown < t.size ? ` The first ${t.shown} are shown.` : "")), list);
}

/** Everything about one event. */
export function explanation(got, act) {
  if (got.error) return alertBox(got.error);
  return h("article", { class: "why" },
    got.can.length && act.whatIf ? h("p", { class: "what-ifs" }, ...got.can.map((w) => h("button", { type: "button", class: "main", onclick: () => act.whatIf(w.verb, w.key, got.event) }, w.label))) : "",
    got.same.length ? h("p", { class: "small" }, "In the same incident: ", ...got.same.map((e) => h("button", { class: "link", type: "button", onclick: () => act.open(e.id) }, `${kindOf(e)} (${e.target || e.id}) `))) : "",
    chain(got, act), tree(got.tree, act));
}
