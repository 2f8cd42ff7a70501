// A pair of runs, what is shown of it, and the link that opens to both.

export const NOTHING = { preset: "", seed: 1, days: 364, a: [], b: [], edits: [] };

/** One policy as text: name:start-end:setting=value,setting=value */
export function choiceText(c) {
  const settings = Object.entries(c.settings || {}).map(([k, v]) => `${k}=${v}`).join(",");
  const dates = c.start || c.end !== null ? `${c.start || 0}-${c.end ?? ""}` : "";
  return [c.name, dates, settings].join(":").replace(/:+$/, "");
}

export function choiceOf(text) {
  const [name, dates = "", settings = ""] = text.split(":");
  const [start, end] = dates.split(/(?<=\d)-/);
  const out = { name, start: Number(start || 0), end: end ? Number(end) : null, settings: {} };
  for (const part of settings.split(",").filter(Boolean)) {
    const [k, v] = part.split("=");
    out.settings[k] = v === "true" ? true : v === "false" ? false : Number.isNaN(Number(v)) ? v : Number(v);
  }
  return out;
}

export const presetSpec = (id, preset) => ({
  ...NOTHING, preset: id, seed: preset.seed, days: preset.days,
  a: (preset.a || []).map(whole), b: (preset.b || []).map(whole), edits: [],
});
const whole = (c) => ({ name: c.name, start: c.start || 0, end: c.end ?? null, settings: c.settings || {} });

/** The query of a link: defaults of the preset are left out. */
export function toQuery(spec, presets, show = {}) {
  const q = new URLSearchParams();
  const base = presets[spec.preset] ? presetSpec(spec.preset, presets[spec.preset]) : NOTHING;
  q.set("v", "1");
  q.set("preset", spec.preset);
  if (spec.seed !== base.seed) q.set("seed", spec.seed);
  if (spec.days !== base.days) q.set("days", spec.days);
  for (const arm of ["a", "b"]) {
    const [mine, theirs] = [spec[arm], base[arm]].map((l) => l.map(choiceText));
    if (mine.join("|") === theirs.join("|")) continue;
    if (!mine.length) q.append(arm, "none");
    mine.forEach((t) => q.append(arm, t));
  }
  spec.edits.forEach(([verb, key]) => q.append("e", `${verb}:${key}`));
  for (const [k, v] of Object.entries(show)) if (v !== null && v !== undefined && v !== "") q.set(k, v);
  return q.toString().replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%3D", "=");
}

/** {spec, show, old} of a link; `old` when the link is of another version of links. */
export function fromQuery(search, presets, first = "") {
  const q = new URLSearchParams(search);
  const id = q.get("preset") || first || Object.keys(presets)[0];
  const base = presets[id] ? presetSpec(id, presets[id]) : { ...NOTHING, preset: id };
  const spec = { ...base };
  if (q.has("seed")) spec.seed = Number(q.get("seed"));
  if (q.has("days")) spec.days = Number(q.get("days"));
  for (const arm of ["a", "b"]) {
    const given = q.getAll(arm).filter(Boolean);
    if (given.length) spec[arm] = given.filter((t) => t !== "none").map(choiceOf);
  }
  spec.edits = q.getAll("e").map((t) => [t.slice(0, t.indexOf(":")), t.slice(t.indexOf(":") + 1)]);
  const show = {};
  for (const key of ["day", "layer", "view", "sel", "m", "id"]) if (q.has(key)) show[key] = q.get(key);
  return { spec, show, old: q.has("v") && q.get("v") !== "1" };
}

/** Changes of B from `day` on: what runs is ended there, and begins again with what is new. */
export function changedFrom(list, index, changed, day) {
  const was = list[index];
  if (!was || day <= was.start) return list.map((c, k) => (k === index ? changed : c)).filter(Boolean);
  const out = [...list];
  out[index] = { ...was, end: day };
  if (changed) out.push({ ...changed, start: day, end: was.end });
  return out;
}
