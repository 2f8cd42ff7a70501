// Policies as the server's registry describes them: chips, a form from each policy's own schema, and
// a timeline. A plug-in's policy appears here because it is in that registry; nothing names any.

import { h, fill, num, words } from "./ui.js";

let catalogue = null;
/** {name: row of `peel policies --json`}, fetched once. */
export async function policies() {
  if (!catalogue) {
    const got = await fetch("/api/policies.json");
    catalogue = Object.fromEntries((await got.json()).map((p) => [p.name, p]));
  }
  return catalogue;
}

const BADGES = { experiment: "trial", quasi: "quasi-experiment", descriptive: "descriptive", advocacy: "advocacy", none: "no evidence" };
export const badge = (p) => h("span", { class: `badge ${p.badge}`,
  title: `Best evidence of an effect: ${BADGES[p.badge] || p.badge}. ${p.evidence.join(", ")}` }, BADGES[p.badge] || p.badge);

const titleOf = (all, c) => (all[c.name] ? all[c.name].title : words(c.name));
export const span = (c, days) => {
  const from = c.start ? `day ${c.start}` : "the start";
  return c.end === null || c.end >= days ? `from ${from}` : `${from} to ${c.end}`;
};

/** Chips of an arm's policies with a button to add one. */
export function chips(all, list, days, { edit, remove, add }) {
  return h("ul", { class: "chips" },
    ...list.map((c, k) => h("li", {},
      h("button", { class: "chip", type: "button", onclick: () => edit(k), title: "Change its settings and dates" },
        titleOf(all, c), h("small", {}, " " + span(c, days), Object.keys(c.settings).length ? ", changed" : "")),
      h("button", { class: "chip-x", type: "button", "aria-label": `Remove ${titleOf(all, c)}`, onclick: () => remove(k) }, "×"))),
    h("li", {}, h("button", { class: "chip add", type: "button", onclick: add }, "+ Add a policy")));
}

/** A dialog; closes with Escape, gives focus back. */
export function dialog(title, ...body) {
  const back = document.activeElement;
  const box = h("dialog", { class: "sheet", "aria-label": title },
    h("form", { method: "dialog", class: "sheet-head" }, h("h2", {}, title),
      h("button", { class: "plain", "aria-label": "Close" }, "×")), ...body);
  document.body.append(box);
  box.addEventListener("close", () => { box.remove(); back?.focus?.(); });
  box.showModal();
  return box;
}

/** Choose one of all policies. */
export function choose(all, done) {
  const list = h("ul", { class: "policy-list" });
  const search = h("input", { type: "search", placeholder: "e.g. witness, patrol, jobs", "aria-label": "Search policies", oninput: show });
  const box = dialog("Add a policy to the city with", h("p", { class: "search" }, search), list);
  function show() {
    const want = search.value.trim().toLowerCase();
    const rows = Object.values(all).filter((p) => `${p.title} ${p.name} ${p.eligible}`.toLowerCase().includes(want))
      .sort((p, q) => p.harm - q.harm || p.title.localeCompare(q.title));
    fill(list, ...rows.map((p) => h("li", {}, h("button", { type: "button", onclick: () => { box.close(); done(p.name); } },
      h("strong", {}, p.title), " ", badge(p), p.harm ? h("span", { class: "badge harm" }, "a harm") : "",
      h("small", {}, firstLine(p))))));
    if (!rows.length) fill(list, h("li", {}, "No policy by that word. Plug-ins appear here once loaded with --plugin."));
  }
  show();
}

/** What it does, in its first words; cut between words. */
function firstLine(p) {
  const text = (p.description.split(/\n\s*\n/)[1] || p.description).replace(/\s+/g, " ").replace(/`([^`]*)`/g, "$1").replace(/^Mechanism\. /, "").trim();
  return text.length <= 180 ? text : text.slice(0, text.lastIndexOf(" ", 180)).replace(/[,;:.]$/, "") + " …";
}

/** The form of one policy. `day` is where the map stands: a change may act from there on. */
export function form(all, choice, { days, day, fresh, done, remove }) {
  const p = all[choice.name];
  const settings = { ...choice.settings };
  const inputs = [];
  const rows = p.settings.map((s) => setting(s, settings, inputs));
  const [shown, more] = [rows.slice(0, 7), rows.slice(7)];
  const start = h("input", { type: "number", min: 0, max: days - 1, step: 1, value: choice.start, "aria-label": "First day in force" });
  const end = h("input", { type: "number", min: 1, max: days, step: 1, value: choice.end ?? "", placeholder: "to the end", "aria-label": "Day it ends" });
  const problem = h("p", { class: "alert", role: "alert", hidden: true });
  const running = !fresh && day > choice.start && (choice.end === null || day < choice.end);
  const box = dialog(p.title,
    h("p", { class: "lede" }, badge(p), p.speculative ? h("span", { class: "badge none" }, "effect is a guess") : "",
      " ", firstLine(p)),
    p.contested_by ? h("p", { class: "disputed" }, h("strong", {}, "Disputed: "), p.contested_by) : "",
    h("div", { class: "settings" }, ...shown),
    more.length ? h("details", {}, h("summary", {}, `${more.length} more setting${more.length > 1 ? "s" : ""}`), h("div", { class: "settings" }, ...more)) : "",
    h("div", { class: "dates" }, h("label", {}, "From day ", start), h("label", {}, " to day ", end)),
    h("p", { class: "small" }, `Evidence: ${p.evidence.join(", ") || "none"} · reaches ${p.eligible || "everybody"} · ${p.unit_cost || "cost not known"}`),
    problem,
    h("div", { class: "actions" },
      running ? h("button", { class: "main", type: "button", onclick: () => finish(day) }, `Change from day ${day} on`) : "",
      h("button", { class: running ? "" : "main", type: "button", onclick: () => finish(null) },
        fresh ? "Add it" : running ? "Change from its first day" : "Change it"),
      fresh ? "" : h("button", { type: "button", onclick: () => { box.close(); remove(running ? day : null); } },
        running ? `End it on day ${day}` : "Remove it")),
    running ? h("p", { class: "small" }, "A change on a later day ends the programme as it was and begins it anew as it now is: whoever was enrolled enrols again.") : "");
  function finish(from) {
    const bad = inputs.find((i) => !i.checkValidity()) || (!start.checkValidity() && start) || (!end.checkValidity() && end);
    if (bad) {
      problem.hidden = false;
      problem.textContent = `${bad.getAttribute("aria-label")}: ${bad.value || "nothing"} is not between ${bad.min} and ${bad.max}.`;
      bad.focus();
      return;
    }
    box.close();
    done({ name: choice.name, settings, start: Number(start.value || 0), end: end.value === "" ? null : Number(end.value) }, from);
  }
  return box;
}

/** One setting: a slider with its value, default and range; a box or a tick where it has no range. */
function setting(s, settings, inputs) {
  const value = settings[s.name] ?? s.default;
  const label = words(s.name);
  const keep = (v) => { if (v === s.default) delete settings[s.name]; else settings[s.name] = v; };
  if (typeof s.default === "boolean") {
    const tick = h("input", { type: "checkbox", checked: value, onchange: () => keep(tick.checked) });
    return h("label", { class: "setting" }, tick, " ", label, h("small", {}, s.meaning));
  }
  if (typeof s.default !== "number") {
    const text = h("input", { type: "text", value: value ?? "", "aria-label": label, onchange: () => keep(text.value) });
    return h("div", { class: "setting" }, h("span", { class: "name" }, label), text, h("small", {}, s.meaning));
  }
  const whole = s.type === "int";
  const low = s.low ?? 0, high = s.high ?? Math.max(1, s.default * 3);
  const step = whole ? 1 : "any";
  const box = h("input", { type: "number", min: s.low ?? undefined, max: s.high ?? undefined, step, value, "aria-label": label });
  const slide = h("input", { type: "range", min: low, max: high, step: whole ? 1 : (high - low) / 100, value, "aria-label": `${label}, slider` });
  const set = (from, to) => { to.value = from.value; keep(Number(from.value)); };
  box.addEventListener("input", () => box.value !== "" && set(box, slide));
  slide.addEventListener("input", () => set(slide, box));
  inputs.push(box);
  const at = `${(100 * (s.default - low)) / (high - low || 1)}%`;
  return h("div", { class: "setting" }, h("span", { class: "name" }, label), box,
    h("span", { class: "slide" }, slide, h("i", { class: "tick", style: { left: at }, title: `default ${s.default}` })),
    h("small", {}, s.meaning || (s.name === "dose" ? "Strength relative to the programme as described; 0 changes nothing." : ""),
      ` Default ${num(s.default, decimals(s.default))}, from ${num(low, decimals(low))} to ${num(high, decimals(high))}.`));
}
const decimals = (x) => (Number.isInteger(x) ? 0 : Math.min(4, (String(x).split(".")[1] || "").length));

/** Bars from start to end that can be dragged by either end, or moved with arrow keys. */
export function timeline(all, list, days, move) {
  const box = h("div", { class: "gantt", role: "group", "aria-label": "When policies are in force" });
  list.forEach((c, k) => {
    const track = h("div", { class: "track" });
    const bar = h("div", { class: "bar" });
    const draft = { start: c.start, end: c.end ?? days };
    const place = () => {
      bar.style.left = `${(100 * Math.max(0, draft.start)) / days}%`;
      bar.style.width = `${(100 * (Math.min(days, draft.end) - Math.max(0, draft.start))) / days}%`;
    };
    for (const side of ["start", "end"]) {
      const handle = h("button", { class: `handle ${side}`, type: "button", role: "slider",
        "aria-label": `${titleOf(all, c)}: ${side === "start" ? "first day" : "last day"}`,
        "aria-valuemin": 0, "aria-valuemax": days, "aria-valuenow": draft[side] });
      const set = (day) => {
        const d = Math.round(day / 7) * 7;
        draft[side] = side === "start" ? Math.max(0, Math.min(d, draft.end - 7)) : Math.max(draft.start + 7, Math.min(d, days));
        handle.setAttribute("aria-valuenow", draft[side]);
        place();
      };
      const commit = () => move(k, { ...c, start: draft.start, end: draft.end >= days ? null : draft.end });
      handle.addEventListener("pointerdown", (e) => {
        handle.setPointerCapture(e.pointerId);
        const box = track.getBoundingClientRect();
        const drag = (m) => set(((m.clientX - box.left) / box.width) * days);
        const drop = () => { handle.removeEventListener("pointermove", drag); commit(); };
        handle.addEventListener("pointermove", drag);
        handle.addEventListener("pointerup", drop, { once: true });
      });
      handle.addEventListener("keydown", (e) => {
        const by = { ArrowLeft: -7, ArrowRight: 7, PageUp: 28, PageDown: -28 }[e.key];
        if (!by) return;
        e.preventDefault();
        e.stopPropagation();
        set(draft[side] + by);
        commit();
      });
      bar.append(handle);
    }
    place();
    track.append(bar);
    box.append(h("div", { class: "gantt-row" }, h("span", { class: "name" }, titleOf(all, c)), track));
  });
  return box;
}
