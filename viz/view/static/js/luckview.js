// Luck: a dot for every seed, the median, the middle 90 % and the share of seeds in which it is worse.

import { ARM } from "./colours.js";
import { digits, h, num, outcome, signed } from "./ui.js";

/** What a spread says, in a sentence; the honest short form beside any number of one pair. */
export function sentence(s) {
  if (!s || s.n < 5) return s && s.n ? `${s.n} pairs so far: too few to say` : "luck not known yet";
  return `${s.n} pairs: ${signed(s.low, digits(s.outcome))} to ${signed(s.high, digits(s.outcome))} in nine of ten`;
}

/** The same about the effect itself. */
export function verdict(s) {
  if (!s || s.n < 5) return "";
  const d = digits(s.outcome) || 1;
  const mean = `The mean difference is ${signed(s.mean, d)} (95 % interval ${signed(s.mean_low, d)} to ${signed(s.mean_high, d)})`;
  const clear = s.mean_low > 0 || s.mean_high < 0;
  const worse = s.worse === undefined ? "" : ` It was worse with the policy in ${num(100 * s.worse)} % of pairs${s.same ? `, and the same in ${num(100 * s.same)} %` : ""}.`;
  return `${mean}${clear ? "" : ", which luck alone could give"}.${worse}`;
}

/** The dot plot: one SVG, dots stacked where they would hide each other. */
export function dots(s, { highlight = null } = {}) {
  const values = s.differences, wide = innerWidth < 600 ? 360 : 640, base = 64; // a phone gets a narrower drawing, not a smaller one
  if (!values.length) return h("p", { class: "small" }, "No pair is finished yet.");
  const reach = Math.max(...values.map(Math.abs), 1e-9) * 1.1;
  const X = (v) => wide / 2 + (v / reach) * (wide / 2 - 14);
  const taken = {};
  const marks = values.map((v, k) => {
    const bin = Math.round((X(v) - wide / 2) / 9), n = (taken[bin] = (taken[bin] || 0) + 1);
    const worse = v * -s.better > 0 && s.better !== 0;
    const mine = highlight === k;
    return h("circle", { cx: wide / 2 + bin * 9, cy: base - 8 - (n - 1) * 10, r: mine ? 6 : 4.2, class: worse ? "dot worse" : v === 0 || s.better === 0 ? "dot same" : "dot better" },
      h("title", {}, `seed ${k + 1}: ${signed(v, digits(s.outcome))}`));
  });
  const tall = Math.max(0, ...Object.values(taken)) * 10;
  const top = Math.max(0, tall - base + 16);
  const tickAt = [-reach / 1.1, 0, reach / 1.1];
  const more = s.n >= 5;
  return h("svg", { class: "dots", viewBox: `0 ${-top} ${wide} ${base + 46 + top}`, role: "img",
    "aria-label": `${outcome(s.outcome)}: ${s.n} pairs. ${verdict(s)}` },
    h("line", { x1: wide / 2, x2: wide / 2, y1: -top, y2: base + 6, class: "zero" }),
    h("line", { x1: 0, x2: wide, y1: base, y2: base, class: "axis" }),
    more ? h("rect", { x: X(s.low), width: Math.max(2, X(s.high) - X(s.low)), y: base + 3, height: 6, class: "interval" }) : "",
    more ? h("rect", { x: X(s.mean_low), width: Math.max(2, X(s.mean_high) - X(s.mean_low)), y: base + 3, height: 6, class: "mean-interval" }) : "",
    more ? h("path", { d: `M${X(s.median)} ${base - 3}l5 9h-10z`, class: "median" }) : "",
    ...marks,
    ...tickAt.map((v) => h("text", { x: X(v), y: base + 26, "text-anchor": v < 0 ? "start" : v > 0 ? "end" : "middle" }, v === 0 ? "no difference" : signed(v, digits(s.outcome)))),
    s.better ? h("text", { x: 4, y: base + 42, class: "side" }, s.better < 0 ? "← fewer with the policy: better" : "← less with the policy: worse") : "",
    s.better ? h("text", { x: wide - 4, y: base + 42, class: "side", "text-anchor": "end" }, s.better < 0 ? "more: worse →" : "more: better →") : "");
}

export function dotKey() {
  return h("p", { class: "small key-line" }, h("span", { class: "key" }, h("i", { class: "dot-key better" }), " better "),
    h("span", { class: "key" }, h("i", { class: "dot-key worse" }), " worse "),
    h("span", { class: "key" }, h("i", { class: "bar-key" }), " middle 90 % of pairs "), h("span", { class: "key" }, h("i", { class: "bar-key mean" }), " 95 % interval of the mean "),
    "▲ median");
}

export function table(s) {
  return h("details", { class: "figures" }, h("summary", {}, "As a table"), h("table", {},
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "seed"), h("th", { scope: "col" }, "with − without"))),
    h("tbody", {}, ...s.differences.map((v, k) => h("tr", {}, h("th", { scope: "row" }, k + 1), h("td", {}, signed(v, digits(s.outcome))))))));
}
export const colours = ARM;
