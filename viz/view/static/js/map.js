// Two maps painted pixel by pixel into one buffer each: fields by block, then marks, then shootings.
// Both share zoom, place, day and layer.

import { ARM, css, DIFFERENCE, FIELD, gradient, TURFS } from "./colours.js";
import { h, num } from "./ui.js";

export const LAYERS = {
  trust: { name: "Trust", low: 0.35, high: 0.8, unit: "mean trust in police, 0 to 1",
    text: "How far residents of a block hold the police legitimate: fair, and able to protect." },
  calls: { name: "Would they call?", low: 0.3, high: 0.9, unit: "chance that a robbery is reported",
    text: "The chance that a resident robbed today would call the police." },
  unsolved: { name: "Unsolved", low: 0.2, high: 1, unit: "felt share of shootings unpunished",
    text: "What an area believes of shootings: the share that nobody is punished for." },
  patrol: { name: "Patrol", low: 0, high: 1, unit: "patrol hours per block and week",
    text: "Hours per block and week that patrol is out in the beat, calls apart." },
  turf: { name: "Turf", unit: "gang", text: "Whose turf a block is; grey is nobody’s." },
};
const DIFF_REACH = 0.08;
const FLASH = 21;
const pack = (r, g, b) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
const INK = pack(16, 18, 24), PAPER = pack(255, 255, 255), MEMBER = pack(213, 94, 0);

/** What the two maps share: which part of the city is seen, and how pixels map to blocks. */
export class Eye {
  constructor(shape) {
    this.shape = shape;
    this.grid = new Int32Array(shape.width * shape.height).fill(-1);
    for (let b = 0; b < shape.blocks; b++) this.grid[shape.y[b] * shape.width + shape.x[b]] = b;
    this.size = 0;
    this.home();
  }

  home() {
    this.zoom = 1;
    this.cx = this.shape.width / 2;
    this.cy = this.shape.height / 2;
    this.stale = true;
  }

  /** Pixels per block. */
  get scale() { return (this.size / Math.max(this.shape.width, this.shape.height)) * this.zoom; }

  resize(pixels) {
    if (pixels !== this.size) { this.size = pixels; this.stale = true; }
  }

  zoomBy(factor, px = this.size / 2, py = this.size / 2) {
    const before = this.toCity(px, py);
    this.zoom = Math.min(24, Math.max(1, this.zoom * factor));
    const after = this.toCity(px, py);
    this.moveTo(this.cx + before[0] - after[0], this.cy + before[1] - after[1]);
  }

  moveTo(cx, cy) {
    const half = Math.max(this.shape.width, this.shape.height) / 2 / this.zoom;
    const keep = (v, n) => (n <= 2 * half ? n / 2 : Math.min(n - half, Math.max(half, v)));
    this.cx = keep(cx, this.shape.width);
    this.cy = keep(cy, this.shape.height);
    this.stale = true;
  }

  /** City coordinates (columns, rows; rows grow to the north) of a pixel, and back. */
  toCity(px, py) {
    const s = this.scale, half = this.size / 2;
    return [this.cx + (px - half) / s, this.cy - (py - half) / s];
  }
  toPixel(x, y) {
    const s = this.scale, half = this.size / 2;
    return [half + (x - this.cx) * s, half - (y - this.cy) * s];
  }

  blockAt(px, py) {
    const [x, y] = this.toCity(px, py).map(Math.floor);
    const { width, height } = this.shape;
    return x < 0 || y < 0 || x >= width || y >= height ? -1 : this.grid[y * width + x];
  }

  /** The block (or `blocks`, for none) below each pixel. */
  index() {
    if (!this.stale && this.pixels) return this.pixels;
    const n = this.size, out = this.pixels?.length === n * n ? this.pixels : new Int32Array(n * n);
    const { width, height, blocks } = this.shape;
    const columns = new Int32Array(n);
    for (let px = 0; px < n; px++) {
      const x = Math.floor(this.toCity(px + 0.5, 0)[0]);
      columns[px] = x >= 0 && x < width ? x : -1;
    }
    for (let py = 0; py < n; py++) {
      const y = Math.floor(this.toCity(0, py + 0.5)[1]);
      const row = y >= 0 && y < height ? y * width : -1;
      for (let px = 0; px < n; px++) {
        const b = row < 0 || columns[px] < 0 ? -1 : this.grid[row + columns[px]];
        out[py * n + px] = b < 0 ? blocks : b;
      }
    }
    this.stale = false;
    this.version = (this.version || 0) + 1;
    return (this.pixels = out);
  }
}

/** Levels (bytes) by block of one arm and layer. */
export function levels(shape, arm, layer, out) {
  if (layer === "trust") return arm.trust.subarray(arm.at * shape.blocks, (arm.at + 1) * shape.blocks);
  if (layer === "calls") return arm.calls;
  const [from, by] = layer === "unsolved" ? [arm.unsolved, shape.area] : [arm.patrol, shape.beat];
  for (let b = 0; b < shape.blocks; b++) out[b] = from[by[b]];
  return out;
}

function table(layer) {
  const { low, high } = LAYERS[layer];
  const out = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    const share = (i / 255 - low) / (high - low);
    out[i] = FIELD[Math.round(255 * Math.min(1, Math.max(0, share)))];
  }
  return out;
}
const TABLES = Object.fromEntries(["trust", "calls", "unsolved", "patrol"].map((l) => [l, table(l)]));

/** One canvas. */
export class MapView {
  constructor(shape, eye, label) {
    this.shape = shape;
    this.eye = eye;
    this.canvas = h("canvas", { class: "map", tabindex: 0, role: "img", "aria-label": label });
    this.context = this.canvas.getContext("2d", { alpha: false });
    this.scratch = new Uint8Array(shape.blocks);
    this.colours = new Uint32Array(shape.blocks + 1);
  }

  fit() {
    const css = this.canvas.clientWidth || 320;
    const pixels = Math.min(900, Math.round(css * Math.min(2, devicePixelRatio || 1)));
    if (this.canvas.width !== pixels) this.canvas.width = this.canvas.height = pixels;
    this.eye.resize(pixels);
    if (!this.image || this.image.width !== pixels) {
      this.image = this.context.createImageData(pixels, pixels);
      this.words = new Uint32Array(this.image.data.buffer);
    }
  }

  /** Paint a frame. `show`: {layer, marks: Set, dark}; `other` is the arm to subtract, if any. */
  paint(arm, events, day, show, other = null, split = null) {
    this.fit();
    this.tint(this.colours, arm, show, other);
    const { words, colours } = this, at = this.eye.index();
    for (let i = 0; i < words.length; i++) words[i] = colours[at[i]];
    if (split) this.paintRight(split, show);
    if (show.marks.has("people")) this.people(arm);
    this.context.putImageData(this.image, 0, 0);
    if (show.marks.has("shootings")) this.shootings(events, day);
    if (show.selected >= 0) this.ring(show.selected);
  }

  /** A swipe: the other arm to the right of the divider. */
  paintRight({ arm, share }, show) {
    this.right ||= new Uint32Array(this.shape.blocks + 1);
    this.tint(this.right, arm, show, null);
    const n = this.eye.size, from = Math.round(n * share), at = this.eye.index();
    for (let y = 0; y < n; y++) {
      for (let x = from; x < n; x++) this.words[y * n + x] = this.right[at[y * n + x]];
      if (from > 0 && from < n) this.words[y * n + from] = PAPER;
    }
  }

  tint(out, arm, show, other) {
    const { shape } = this;
    if (show.layer === "turf") {
      const turf = arm.turf || shape.turf;
      for (let b = 0; b < shape.blocks; b++) out[b] = TURFS[Math.min(255, turf[b] + 1)];
    } else if (other) {
      this.second ||= new Uint8Array(shape.blocks);
      const one = levels(shape, other, show.layer, this.second);
      const two = levels(shape, arm, show.layer, this.scratch);
      const reach = 255 * DIFF_REACH * (show.layer === "patrol" ? 3 : 1);
      for (let b = 0; b < shape.blocks; b++) {
        const d = Math.max(-1, Math.min(1, (two[b] - one[b]) / reach));
        out[b] = DIFFERENCE[Math.round(127.5 - 127.5 * d * (show.layer === "unsolved" ? -1 : 1))];
      }
    } else {
      const colours = TABLES[show.layer];
      const level = levels(shape, arm, show.layer, this.scratch);
      for (let b = 0; b < shape.blocks; b++) out[b] = colours[level[b]];
    }
    if (show.layer !== "patrol") {
      const empty = show.dark ? pack(34, 38, 44) : pack(226, 227, 224);
      for (let b = 0; b < shape.blocks; b++) if (!shape.people[b]) out[b] = empty;
    }
    out[shape.blocks] = show.dark ? pack(20, 23, 28) : pack(247, 245, 240);
  }

  /** Gang members and officers, straight into the buffer: many, and each a few pixels. */
  people(arm) {
    const { words, eye } = this;
    // who is where changes weekly, which part is seen when somebody zooms: frames between are copies
    if (this.placedMarks !== arm.marks || this.placedEye !== eye.version) {
      this.place(arm.marks);
      this.placedMarks = arm.marks;
      this.placedEye = eye.version;
    }
    const { at, ink } = this.placed, n = this.placed.size;
    for (let i = 0; i < n; i++) words[at[i]] = ink[i];
  }

  /** The pixels of all marks, in the order in which they are painted. */
  place(marks) {
    const { eye, shape } = this, n = eye.size, s = eye.scale;
    const r = s > 26 ? 2 : 1;
    const half = n / 2, left = half - eye.cx * s, top = half + eye.cy * s;
    const room = marks.length * (s < 3 ? 1 : (2 * r + 3) ** 2);
    if (!this.placed || this.placed.at.length < room) this.placed = { at: new Int32Array(room), ink: new Uint32Array(room) };
    const { at, ink } = this.placed;
    let turn = 2463534242, size = 0;
    for (const mark of marks) {
      const b = mark & 0xffffff, officer = mark >>> 24 === 1;
      turn ^= turn << 13; turn ^= turn >>> 17; turn ^= turn << 5; // where in the block: for the eye
      const px = Math.round(left + (shape.x[b] + 0.15 + ((turn >>> 8) & 255) / 365) * s);
      const py = Math.round(top - (shape.y[b] + 0.15 + ((turn >>> 16) & 255) / 365) * s);
      const edge = officer ? INK : PAPER, inside = officer ? PAPER : MEMBER;
      if (px < r + 1 || py < r + 1 || px >= n - r - 1 || py >= n - r - 1) continue;
      if (s < 3) { at[size] = py * n + px; ink[size++] = inside; continue; }
      for (let y = -r - 1; y <= r + 1; y++) {
        for (let x = -r - 1; x <= r + 1; x++) {
          const far = officer ? Math.max(Math.abs(x), Math.abs(y)) : Math.abs(x) + Math.abs(y);
          if (far > r + 1) continue;
          at[size] = (py + y) * n + px + x;
          ink[size++] = far > r ? edge : inside;
        }
      }
    }
    this.placed.size = size;
  }

  /** Shootings of the last three weeks: a square unsolved, a ring once solved; they fade. */
  shootings(events, day) {
    const c = this.context, { eye } = this;
    const metres = this.shape.block_m, unit = Math.max(5, Math.min(14, eye.size / 60));
    c.lineWidth = Math.max(1.5, unit / 4);
    for (let k = before(events, day); k >= 0; k--) {
      const e = events[k];
      if (day - e.day > FLASH) break;
      if (e.kind !== "shooting") continue;
      const [x, y] = eye.toPixel(e.x / metres, e.y / metres);
      const age = day - e.day, size = unit * (age < 3 ? 1.5 : 1);
      c.globalAlpha = Math.max(0.25, 1 - age / FLASH);
      const solved = e.solved >= 0 && e.solved <= day;
      c.beginPath();
      if (solved) c.arc(x, y, size * 0.62, 0, 7);
      else c.rect(x - size / 2, y - size / 2, size, size);
      c.strokeStyle = "#fff";
      c.lineWidth = solved ? unit / 1.6 : unit / 2.2;
      c.stroke();
      if (solved) { c.strokeStyle = "#101218"; c.lineWidth = unit / 3.4; c.stroke(); }
      else { c.fillStyle = e.fatal ? "#101218" : "#d1002f"; c.fill(); }
    }
    c.globalAlpha = 1;
  }

  ring(block) {
    const c = this.context, s = this.eye.scale;
    const [x, y] = this.eye.toPixel(this.shape.x[block], this.shape.y[block] + 1);
    for (const [colour, wide] of [["#fff", 5], ["#101218", 2.4]]) {
      c.strokeStyle = colour;
      c.lineWidth = wide;
      c.strokeRect(x - 1, y - 1, s + 2, s + 2);
    }
  }
}

/** Index of the last event up to and with `day`; events are in order of day. */
export function before(events, day) {
  let low = 0, high = events.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (events[mid].day <= day) low = mid + 1; else high = mid;
  }
  return low - 1;
}

/** The legend of a layer, or of the difference. */
export function legend(shape, layer, difference) {
  const l = LAYERS[layer];
  const key = { unsolved: "shot, unsolved", fatal: "killed, unsolved", solved: "solved", member: "gang member", officer: "officer (in their beat)" };
  const marks = h("p", { class: "marks" }, ...Object.entries(key).flatMap(([k, text]) => [h("span", { class: "mark-key" }, h("span", { class: `mark ${k}` }), ` ${text}`), " "]));
  if (layer === "turf") return h("div", { class: "legend" }, h("p", {}, l.text), marks);
  const patrol = layer === "patrol";
  const top = patrol ? shape.patrol_most : 1;
  const unit = difference ? `${l.unit}: with minus without` : l.unit;
  const reach = DIFF_REACH * (patrol ? 3 * top : 1);
  const ends = difference ? [num(-reach, 2), "0", "+" + num(reach, 2)]
    : [num(l.low * top, patrol ? 0 : 2), num(((l.low + l.high) / 2) * top, patrol ? 1 : 2), num(l.high * top, patrol ? 1 : 2)];
  const flip = difference && layer !== "unsolved";
  const bar = difference ? gradient(flip ? DIFFERENCE.slice().reverse() : DIFFERENCE) : gradient(FIELD);
  return h("div", { class: "legend" },
    h("div", { class: "ramp" }, h("div", { class: "bar", style: { background: bar } }),
      h("div", { class: "ends" }, ...ends.map((t) => h("span", {}, t))), h("p", { class: "unit" }, unit)),
    marks);
}

export const armColour = (arm) => ARM[arm];
export const swatch = css;
