// Small helpers: elements, numbers in words, and the line to the server.

/** An element: h("p", {class: "x", onclick: f}, "text", child). */
export function h(tag, attrs = {}, ...children) {
  const svg = ["svg", "g", "path", "circle", "rect", "line", "text", "title"].includes(tag);
  const el = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attrs || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) el.addEventListener(name.slice(2), value);
    else if (name === "value" && !svg) el.value = value;
    else if (name === "checked" || name === "disabled" || name === "selected") el[name] = !!value;
    else if (name === "style" && typeof value === "object") Object.assign(el.style, value);
    else el.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(9)) {
    if (child === null || child === undefined || child === false) continue;
    el.append(child.nodeType ? child : document.createTextNode(String(child)));
  }
  return el;
}

export function fill(el, ...children) {
  el.replaceChildren(...children.flat(9).filter((c) => c !== null && c !== undefined && c !== false));
  return el;
}

const MINUS = "−";
export function num(x, digits = 0) {
  if (x === null || x === undefined || !Number.isFinite(x)) return "–";
  const text = Math.abs(x).toLocaleString("en-GB", {
    minimumFractionDigits: digits, maximumFractionDigits: digits });
  return (x < 0 && Number(text.replace(/,/g, "")) !== 0 ? MINUS : "") + text;
}
export const signed = (x, digits = 0) => {
  const text = num(x, digits);
  return text === "–" || text.startsWith(MINUS) || Number(text.replace(/,/g, "")) === 0
    ? text : "+" + text;
};

/** A probability, a hazard or a draw: three figures that count, however small it is. */
export function chance(x) {
  if (x === null || x === undefined || !Number.isFinite(x)) return "–";
  if (x === 0 || Math.abs(x) >= 0.001) return num(x, x >= 100 ? 0 : x >= 1 ? 2 : 4);
  const [digits, power] = x.toExponential(2).split("e");
  return `${digits} × 10${[...power.replace("+", "")].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] ?? "⁻").join("")}`;
}

/** What is counted: how it is called, its digits and its unit. */
export const OUTCOMES = {
  persons_shot: ["People shot", 0], homicides: ["Homicides", 0],
  shooting_incidents: ["Shootings", 0], retaliatory_incidents: ["Retaliatory shootings", 0],
  robberies: ["Robberies", 0], serious_assaults: ["Serious assaults", 0],
  calls: ["Calls to police", 0], violent_reported: ["Violent crimes reported", 0],
  stops: ["Stops", 0], force: ["Uses of force", 0], arrests: ["Arrests", 0],
  arrests_shooting: ["Arrests for shootings", 0], cleared_fatal: ["Homicides cleared", 0],
  cleared_nonfatal: ["Non-fatal shootings cleared", 0], mediated: ["Disputes mediated", 0],
  complaints: ["Complaints", 0], legitimacy: ["Trust in police", 3], fear: ["Fear of reprisal", 3],
  trauma: ["Trauma", 3], in_jail: ["People in jail", 0], gang_members: ["Gang members", 0],
  response_minutes: ["Response, minutes", 1], programme_cost: ["Cost, dollars a week", 0],
  population: ["Residents", 0],
};
export const LEVELS = new Set(["legitimacy", "fear", "trauma", "in_jail", "gang_members",
  "response_minutes", "programme_cost", "population"]);
export const outcome = (name) => (OUTCOMES[name] || [name, 1])[0];
export const digits = (name) => (OUTCOMES[name] || [name, 1])[1];

export const words = (text) => String(text || "").replaceAll("_", " ");
export const days = (n) => `${n} day${n === 1 ? "" : "s"}`;

const DATES = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric",
  timeZone: "UTC" });
export const dateOf = (start, day) => DATES.format(Date.parse(start + "T00:00:00Z") + day * 864e5);

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** The line to the server: ask(question) -> {answer, parts}; errors are answers with `error`. */
export class Line {
  constructor(model) {
    this.model = model;
    this.waiting = new Map();
    this.next = 1;
    this.got = (message, buffers) => {
      const done = this.waiting.get(message.id);
      if (!done) return;
      this.waiting.delete(message.id);
      done({ ...message, parts: (buffers || []).map(bytes) });
    };
    model.on("msg:custom", this.got);
  }

  ask(what, more = {}) {
    const id = this.next++;
    return new Promise((done) => {
      this.waiting.set(id, done);
      this.model.send({ id, ask: what, ...more });
    });
  }

  close() {
    this.model.off("msg:custom", this.got);
    this.waiting.clear();
  }
}

/** A buffer as bytes that start at an address which every typed array accepts. */
function bytes(view) {
  const from = view.buffer ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
    : new Uint8Array(view);
  return from.byteOffset % 8 ? from.slice() : from;
}

/** Wait while `question` answers nothing yet. */
export async function until(question, found, { every = 350, alive = () => true } = {}) {
  for (;;) {
    const answer = await question();
    if (answer.error || found(answer) || !alive()) return answer;
    await new Promise((r) => setTimeout(r, every));
  }
}

export function say(text) {
  const live = document.getElementById("peel-live");
  if (live) live.textContent = text;
}

export function alertBox(text, ...more) {
  return h("div", { class: "alert", role: "alert" }, h("p", {}, text), ...more);
}
