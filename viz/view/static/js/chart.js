// A small line chart on a canvas: both arms, the band of many seeds, flags, and the day's cursor.

import { ARM } from "./colours.js";
import { dateOf, digits, h, LEVELS, num, outcome } from "./ui.js";

const PAD = { left: 44, right: 10, top: 10, bottom: 20 };
export const ROLL = 4; // weeks that a count is summed over

/** A weekly series as it is drawn: levels as they are, counts summed over the last ROLL weeks. */
export function drawn(recording, arm, name) {
  const n = recording.weeks, out = new Float64Array(n), level = LEVELS.has(name);
  let sum = 0;
  for (let w = 0; w < n; w++) {
    const v = recording.value(arm, name, w);
    sum += v - (w >= ROLL ? recording.value(arm, name, w - ROLL) : 0);
    out[w] = level ? v : w >= ROLL - 1 ? sum : NaN;
  }
  return out;
}

export class Chart {
  constructor(name, weeks, start) {
    Object.assign(this, { name, weeks, start });
    this.canvas = h("canvas", { class: "chart", "aria-hidden": "true" });
    this.table = h("details", { class: "figures" }, h("summary", {}, "As a table"));
    this.table.addEventListener("toggle", () => this.fillTable());
    const unit = LEVELS.has(name) ? "" : ` per ${ROLL} weeks`;
    this.note = h("span", { class: "band-note" });
    this.box = h("figure", { class: "chart-box" },
      h("figcaption", {}, h("strong", {}, outcome(name)), unit, this.note), this.canvas, this.table);
  }

  draw(recording, week, flags, band) {
    Object.assign(this, { recording, band });
    const c = this.canvas, ratio = Math.min(2, devicePixelRatio || 1);
    const wide = c.clientWidth || 300, high = c.clientHeight || 130;
    if (c.width !== Math.round(wide * ratio)) {
      c.width = Math.round(wide * ratio);
      c.height = Math.round(high * ratio);
    }
    const g = c.getContext("2d");
    const style = getComputedStyle(c);
    const ink = style.getPropertyValue("--ink") || "#222", faint = style.getPropertyValue("--rule") || "#ddd";
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, wide, high);
    const a = drawn(recording, "a", this.name), b = drawn(recording, "b", this.name);
    const [low, high_] = this.range(a, b, band);
    const X = (w) => PAD.left + ((w + 1) / this.weeks) * (wide - PAD.left - PAD.right);
    const Y = (v) => high - PAD.bottom - ((v - low) / (high_ - low)) * (high - PAD.top - PAD.bottom);
    g.font = "11px system-ui, sans-serif";
    g.fillStyle = style.getPropertyValue("--muted") || "#666";
    g.strokeStyle = faint;
    g.lineWidth = 1;
    g.textAlign = "right";
    for (const v of ticks(low, high_)) {
      g.beginPath(); g.moveTo(PAD.left, Y(v)); g.lineTo(wide - PAD.right, Y(v)); g.stroke();
      g.fillText(num(v, high_ - low < 0.2 ? 3 : high_ - low < 2 ? 2 : 0), PAD.left - 6, Y(v) + 4);
    }
    g.textAlign = "left";
    const months = Math.max(1, Math.round(this.weeks / 4.35 / 4));
    for (let m = 0; m * 4.345 < this.weeks; m += months) {
      const day = Math.round(m * 30.4);
      const label = dateOf(this.start, day).split(" ");
      g.fillText(`${label[1].slice(0, 3)} ${label[2].slice(2)}`, Math.min(X(day / 7 - 1), wide - 40), high - 5);
    }
    if (band) for (const [arm, at] of [["a", 0], ["b", 2]]) this.drawBand(g, band, at, X, Y, ARM[arm]);
    for (const f of flags) {
      const x = X(f.day / 7 - 1);
      g.strokeStyle = ink; g.setLineDash([3, 3]);
      g.beginPath(); g.moveTo(x, PAD.top - 6); g.lineTo(x, high - PAD.bottom); g.stroke();
      g.setLineDash([]);
      g.fillStyle = f.end ? faint : ARM.b;
      g.beginPath(); g.moveTo(x, PAD.top - 8); g.lineTo(x + 9, PAD.top - 4); g.lineTo(x, PAD.top); g.fill();
    }
    for (const [values, arm] of [[a, "a"], [b, "b"]]) {
      g.strokeStyle = ARM[arm]; g.lineWidth = 2; g.setLineDash(arm === "a" ? [5, 3] : []);
      g.beginPath();
      let pen = false;
      values.forEach((v, w) => {
        if (!Number.isFinite(v)) return;
        pen ? g.lineTo(X(w), Y(v)) : g.moveTo(X(w), Y(v));
        pen = true;
      });
      g.stroke();
    }
    g.setLineDash([]);
    g.strokeStyle = ink; g.lineWidth = 1;
    g.beginPath(); g.moveTo(X(week), PAD.top); g.lineTo(X(week), high - PAD.bottom); g.stroke();
  }

  drawBand(g, band, at, X, Y, colour) {
    g.fillStyle = colour;
    g.globalAlpha = 0.13;
    g.beginPath();
    const from = LEVELS.has(this.name) ? 0 : ROLL - 1;
    for (let w = from; w < band.weeks; w++) g.lineTo(X(w), Y(band.value(at, w, this.name)));
    for (let w = band.weeks - 1; w >= from; w--) g.lineTo(X(w), Y(band.value(at + 1, w, this.name)));
    g.fill();
    g.globalAlpha = 1;
  }

  range(a, b, band) {
    let low = Infinity, high = -Infinity;
    const see = (v) => { if (Number.isFinite(v)) { low = Math.min(low, v); high = Math.max(high, v); } };
    a.forEach(see); b.forEach(see);
    if (band) for (let w = LEVELS.has(this.name) ? 0 : ROLL - 1; w < band.weeks; w++) for (let q = 0; q < 4; q++) see(band.value(q, w, this.name));
    if (low > high) return [0, 1];
    if (!LEVELS.has(this.name)) low = 0;
    const room = Math.max((high - low) * 0.08, high * 0.002, 1e-4);
    return [LEVELS.has(this.name) ? low - room : 0, high + room];
  }

  fillTable() {
    if (!this.table.open || !this.recording) return;
    const a = drawn(this.recording, "a", this.name), b = drawn(this.recording, "b", this.name);
    const rows = [];
    for (let w = ROLL - 1; w < a.length; w += 13) {
      rows.push(h("tr", {}, h("th", { scope: "row" }, dateOf(this.start, (w + 1) * 7)),
        ...[a[w], b[w], b[w] - a[w]].map((v) => h("td", {}, num(v, digits(this.name))))));
    }
    this.table.querySelector("table")?.remove();
    this.table.append(h("table", {}, h("thead", {}, h("tr", {}, ...["Until", "without", "with", "with − without"]
      .map((t) => h("th", { scope: "col" }, t)))), h("tbody", {}, ...rows)));
  }
}

function ticks(low, high) {
  const rough = (high - low) / 3, size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * size).find((s) => s >= rough);
  const out = [];
  for (let v = Math.ceil(low / step) * step; v <= high; v += step) out.push(v);
  return out;
}

/** Bands of many seeds as the server sends them: (6, weeks, series). */
export class Band {
  constructor(part, weeks, series) {
    this.rows = new Float32Array(part.buffer, part.byteOffset, part.byteLength / 4);
    Object.assign(this, { weeks, series });
  }
  value(quantile, week, name) {
    return this.rows[(quantile * this.weeks + week) * this.series.length + this.series.indexOf(name)];
  }
}
