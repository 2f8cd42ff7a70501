// The stage: two maps, what is drawn on them, the transport below, and the hand and keys that move it.

import { Eye, LAYERS, legend, levels, MapView } from "./map.js";
import { Player, SPEEDS } from "./player.js";
import { dateOf, fill, h, num, say } from "./ui.js";

const PLAY = "M4 2.5l9 5.5-9 5.5z", PAUSE = "M4 3h3v10H4zM9.5 3h3v10h-3z";
const icon = (d) => h("svg", { viewBox: "0 0 16 16", width: 15, height: 15, "aria-hidden": "true" }, h("path", { d, fill: "currentColor", stroke: "currentColor", "stroke-width": d.startsWith("M4 3v") ? 1.6 : 0 }));
export const VIEWS = { both: "Side by side", difference: "Difference", swipe: "Swipe" };

export class Stage {
  constructor(recording, show, act) {
    Object.assign(this, { recording, act });
    this.show = { layer: "trust", view: "both", marks: new Set(["shootings", "people"]), selected: -1, split: 0.5, ...show };
    this.show.dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const shape = recording.shape;
    this.eye = new Eye(shape);
    this.maps = { a: new MapView(shape, this.eye, "Map of the city without the policy"), b: new MapView(shape, this.eye, "Map of the city with the policy") };
    this.player = new Player(recording, (day) => this.paint(day));
    this.player.changed = () => this.sync();
    this.parts();
    this.hands();
    this.stop = recording.on((what) => this.heard(what));
    this.resize = new ResizeObserver(() => { this.player.dirty = true; });
    for (const m of Object.values(this.maps)) this.resize.observe(m.canvas);
  }

  parts() {
    const figure = (arm, title) => h("figure", { class: `arm arm-${arm}` }, this[`title_${arm}`] = h("figcaption", {}, h("i", { class: `swatch ${arm}` }), h("b", {}, title), " ", this[`count_${arm}`] = h("span", { class: "count" })), this.maps[arm].canvas);
    this.tip = h("div", { class: "map-tip", hidden: true });
    this.legendBox = h("div", {});
    this.followBox = h("p", { class: "follow", role: "status", hidden: true });
    const radio = (name, options, now, set) => h("fieldset", { class: "choices" }, h("legend", {}, name), ...Object.entries(options).map(([key, label]) =>
      h("label", {}, h("input", { type: "radio", name: `${name}-${this.recording.identity}`, value: key, checked: key === now, onchange: () => set(key) }), h("span", {}, label))));
    const tick = (key, label) => h("label", {}, h("input", { type: "checkbox", checked: this.show.marks.has(key), onchange: (e) => { e.target.checked ? this.show.marks.add(key) : this.show.marks.delete(key); this.redraw(); } }), h("span", {}, label));
    this.split = h("input", { type: "range", min: 0, max: 1, step: 0.01, value: 0.5, class: "split", "aria-label": "Where the two cities meet", hidden: true, oninput: () => { this.show.split = Number(this.split.value); this.redraw(); } });
    this.layerBox = radio("Show", Object.fromEntries(Object.entries(LAYERS).map(([k, l]) => [k, l.name])), this.show.layer, (k) => this.setLayer(k));
    this.viewBox = radio("As", VIEWS, this.show.view, (k) => this.setView(k));
    this.panel = h("div", { class: "layers" }, this.layerBox, this.viewBox,
      h("fieldset", { class: "choices" }, h("legend", {}, "Marks"), tick("shootings", "Shootings"), tick("people", "Gangs and officers")),
      h("span", { class: "zoom" }, h("button", { type: "button", "aria-label": "Zoom in", onclick: () => this.zoom(1.5) }, "+"), h("button", { type: "button", "aria-label": "Zoom out", onclick: () => this.zoom(1 / 1.5) }, "−"), h("button", { type: "button", onclick: () => { this.eye.home(); this.redraw(); } }, "Whole city")));
    this.maps_ = h("div", { class: "maps" }, figure("a", "Without"), figure("b", "With"), this.tip);
    const button = (label, text, f, cls = "") => h("button", { type: "button", class: cls, "aria-label": label, title: label, onclick: f }, text);
    this.playButton = button("Play", icon(PLAY), () => this.player.toggle(), "play");
    this.slider = h("input", { type: "range", min: 0, max: this.recording.spec.days - 1, step: 1, value: 0, class: "day", "aria-label": "Day", oninput: () => this.player.go(Number(this.slider.value)) });
    this.ticks = h("canvas", { class: "ticks", "aria-hidden": "true" });
    this.dayText = h("span", { class: "day-text" });
    this.speed = h("select", { "aria-label": "Speed", onchange: () => { this.player.speed = this.speed.value; } }, ...Object.keys(SPEEDS).map((s) => h("option", { value: s }, s)));
    this.transport = h("div", { class: "transport", role: "group", "aria-label": "Playing" },
      button("Back to the start", icon("M4 3v10M13 3L6 8l7 5z"), () => this.player.go(0)), button("A day back", "−1", () => this.player.go(this.player.day - 1)), this.playButton,
      button("A day on", "+1", () => this.player.go(this.player.day + 1)), this.speed, h("div", { class: "scrub" }, this.ticks, this.slider), this.dayText);
    this.element = h("section", { class: "stage", "aria-label": "The two cities" }, this.panel, this.followBox, this.maps_, this.split, this.legendBox, this.transport);
    this.setView(this.show.view);
    this.sync();
  }

  setLayer(layer) {
    this.show.layer = layer;
    this.redraw();
    this.act.shown?.();
  }

  setView(view) {
    this.show.view = view;
    const chosen = this.viewBox.querySelector(`input[value=${view}]`);
    if (chosen) chosen.checked = true;
    this.maps_.dataset.view = view;
    this.split.hidden = view !== "swipe";
    this.title_b.querySelector("b").textContent = view === "difference" ? "With minus without" : view === "swipe" ? "Without | With" : "With";
    this.redraw();
    this.act.shown?.();
  }

  redraw() {
    this.player.dirty = true;
    if (this.legendBox) fill(this.legendBox, legend(this.recording.shape, this.show.layer, this.show.view === "difference" && this.show.layer !== "turf"));
  }

  zoom(f) { this.eye.zoomBy(f); this.redraw(); }

  paint(day) {
    const frame = this.recording.frame(day);
    if (!frame) return false;
    this.frame = frame;
    const { a, b } = this.maps, events = this.recording.events;
    const at = this.keepUp(day), show = at ? { ...this.show, selected: at.b } : this.show;
    if (show.view === "both") {
      a.paint(frame.a, events.a, day, at ? { ...show, selected: at.a } : show);
      b.paint(frame.b, events.b, day, show);
    } else if (show.view === "difference") b.paint(frame.b, events.b, day, show, show.layer === "turf" ? null : frame.a);
    else b.paint(frame.a, show.split < 0.5 ? events.b : events.a, day, show, null, { arm: frame.b, share: show.split });
    this.sync();
    this.act.day?.(day);
    return true;
  }

  /** Follow somebody, {name, life, parted}, in both cities; null ends it. */
  follow(who) {
    this.followed = who;
    this.followBlock = -1;
    this.followBox.hidden = !who;
    if (who && this.eye.zoom < 3) this.eye.zoomBy(3 / this.eye.zoom);
    this.redraw();
  }

  /** The followed one's block in each city on `day`, the view moved there; null when nobody is. */
  keepUp(day) {
    const who = this.followed;
    if (!who) return null;
    const week = (arm) => Math.min(Math.floor(day / 7), who.life[arm].blocks.length - 1);
    const [a, b] = ["a", "b"].map((arm) => who.life[arm].blocks[week(arm)]), s = this.recording.shape;
    if (b >= 0 && b !== this.followBlock) this.eye.moveTo(s.x[b] + 0.5, s.y[b] + 0.5);
    this.followBlock = b;
    const [x, y] = ["a", "b"].map((arm) => who.life[arm].states[week(arm)]);
    const said = `${a}:${b}:${x}:${y}:${who.parted !== null && day >= who.parted}`;
    if (said !== this.followSaid || !this.followBox.firstChild) {
      this.followSaid = said;
      fill(this.followBox, h("b", {}, `Following ${who.name}. `), a === b && x === y ? `Block ${b}, ${x} in both cities. ` : `Without: block ${a}, ${x}. With: block ${b}, ${y}. `,
        who.parted === null ? "Both lives are the same to the end. " : day < who.parted ? `The two lives are one until day ${who.parted}. ` : `Their two lives have been apart since day ${who.parted}. `,
        h("button", { type: "button", class: "small-button", onclick: () => this.follow(null) }, "Stop following"));
    }
    return { a, b };
  }

  /** Buttons, slider and texts follow the player. */
  sync() {
    const { player, recording } = this, day = player.day;
    if (this.synced === day && this.wasPlaying === player.playing) return;
    Object.assign(this, { synced: day, wasPlaying: player.playing });
    this.slider.value = day;
    this.playButton.replaceChildren(icon(player.playing ? PAUSE : PLAY));
    this.playButton.setAttribute("aria-label", player.playing ? "Pause" : "Play");
    const date = dateOf(recording.shape.start, day);
    this.dayText.textContent = `Day ${day} · ${date}`;
    this.slider.setAttribute("aria-valuetext", `day ${day}, ${date}`);
    const now = performance.now();
    if (now - (this.said || 0) > 2000) { this.said = now; say(`Day ${day}, ${date}.`); }
  }

  heard(what) {
    if (what === "frames" || what === "progress") this.player.dirty ||= what === "frames";
    if (what === "progress" || what === "ended") this.drawTicks();
  }

  /** Shootings of both cities above the slider, and where they part. */
  drawTicks() {
    const c = this.ticks, wide = c.clientWidth || 300, ratio = devicePixelRatio || 1;
    c.width = wide * ratio; c.height = 22 * ratio;
    const g = c.getContext("2d");
    g.scale(ratio, ratio);
    const style = getComputedStyle(c), X = (d) => 8 + (d / (this.recording.spec.days - 1)) * (wide - 16);
    for (const [arm, y, colour] of [["a", 2, style.getPropertyValue("--a")], ["b", 12, style.getPropertyValue("--b")]]) {
      g.fillStyle = colour;
      for (const e of this.recording.events[arm]) if (e.kind === "shooting" && e.day >= 0) g.fillRect(X(e.day) - 0.6, y, 1.3, 8);
    }
    if (this.recording.parted) {
      g.fillStyle = style.getPropertyValue("--ink");
      g.fillRect(X(this.recording.parted.day) - 1, 0, 2, 22);
    }
    g.globalAlpha = 0.5;
    g.fillStyle = style.getPropertyValue("--rule");
    const done = X(this.recording.lastDay);
    if (!this.recording.ended) g.fillRect(done, 0, wide - done, 22);
  }

  hands() {
    for (const view of Object.values(this.maps)) {
      const c = view.canvas, at = (e) => { const r = c.getBoundingClientRect(), k = c.width / r.width; return [(e.clientX - r.left) * k, (e.clientY - r.top) * k]; };
      let from = null, moved = false;
      c.addEventListener("wheel", (e) => { e.preventDefault(); this.eye.zoomBy(e.deltaY < 0 ? 1.2 : 1 / 1.2, ...at(e)); this.redraw(); }, { passive: false });
      c.addEventListener("pointerdown", (e) => { from = at(e); moved = false; });
      c.addEventListener("pointermove", (e) => {
        if (from && e.buttons) {
          const to = at(e), s = this.eye.scale;
          if (Math.abs(to[0] - from[0]) + Math.abs(to[1] - from[1]) > 4) moved = true;
          if (moved && this.eye.zoom > 1) { this.eye.moveTo(this.eye.cx - (to[0] - from[0]) / s, this.eye.cy + (to[1] - from[1]) / s); from = to; this.redraw(); }
        } else this.hover(e, view, ...at(e));
      });
      c.addEventListener("pointerleave", () => { this.tip.hidden = true; });
      c.addEventListener("click", (e) => { if (!moved) this.select(this.eye.blockAt(...at(e)), true); from = null; });
      c.addEventListener("keydown", (e) => this.mapKey(e));
    }
  }

  hover(e, view, px, py) {
    const b = this.eye.blockAt(px, py), s = this.recording.shape;
    this.tip.hidden = b < 0 || !this.frame;
    if (this.tip.hidden) return;
    const l = LAYERS[this.show.layer], scratch = new Uint8Array(s.blocks), top = this.show.layer === "patrol" ? s.patrol_most : 1;
    const value = (arm) => this.show.layer === "turf" ? (s.turf[b] >= 0 ? `gang ${s.turf[b]}` : "nobody’s") : num((levels(s, this.frame[arm], this.show.layer, scratch)[b] / 255) * top, 2);
    fill(this.tip, h("b", {}, `Block ${b}`), ` ${s.areas[s.area[b]]}`, h("br"), `${l.name}: ${value("a")} without, ${value("b")} with`);
    const box = this.maps_.getBoundingClientRect();
    this.tip.style.left = `${Math.min(e.clientX - box.left + 14, box.width - 190)}px`;
    this.tip.style.top = `${e.clientY - box.top + 16}px`;
  }

  select(block, open) {
    if (block < 0) return;
    this.show.selected = block;
    this.redraw();
    const s = this.recording.shape;
    if (open) this.act.block?.(block, this.frame, this.player.day);
    else say(`Block ${block}, ${s.areas[s.area[block]]}.`);
  }

  mapKey(e) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[e.key];
    const s = this.recording.shape;
    if (step) {
      const now = this.show.selected < 0 ? this.eye.blockAt(this.eye.size / 2, this.eye.size / 2) : this.show.selected;
      const x = (s.x[now] ?? 0) + step[0], y = (s.y[now] ?? 0) + step[1];
      if (x >= 0 && y >= 0 && x < s.width && y < s.height) this.select(this.eye.grid[y * s.width + x], false);
    } else if (e.key === "Enter") this.select(this.show.selected, true);
    else if (e.key === "+" || e.key === "=") this.zoom(1.5);
    else if (e.key === "-") this.zoom(1 / 1.5);
    else return;
    e.preventDefault();
    e.stopPropagation();
  }

  close() { this.stop(); this.player.close(); this.resize.disconnect(); }
}
