// A recording as the browser holds it: shape, series and events so far, and a window of weeks.

const KEPT_BYTES = 96e6;
const AHEAD = 6;
export const KINDS = ["shooting", "gunfire", "death", "nongun_death", "arrest_shooting", "force",
  "incident", "enrolment", "leave", "gun", "police_killing", "retaliation_averted"];

async function inflate(part) {
  const stream = new Blob([part]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** A week taken apart (the layout is in viz/view/chunks.py). */
export function unpack(whole) {
  const [days, blocks, areas, beats, marks, turf] = new Uint32Array(whole.buffer, whole.byteOffset, 6);
  let at = 24;
  const trust = new Uint8Array(whole.buffer, whole.byteOffset + at, days * blocks);
  for (let i = blocks; i < trust.length; i++) trust[i] = trust[i] + trust[i - blocks];
  at += days * blocks;
  const take = (n) => new Uint8Array(whole.buffer, whole.byteOffset + ((at += n) - n), n);
  const out = { days, trust, calls: take(blocks), unsolved: take(areas), patrol: take(beats) };
  at += (4 - ((at - 24) % 4)) % 4;
  out.marks = new Uint32Array(whole.buffer, whole.byteOffset + at, marks);
  out.turf = turf ? new Int16Array(whole.buffer, whole.byteOffset + at + 4 * marks, turf) : null;
  out.bytes = whole.length;
  return out;
}

const EVENT_BYTES = 48;
/** Events of the log as rows. */
export function readEvents(part) {
  const n = Math.floor(part.length / EVENT_BYTES);
  const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
  const out = new Array(n);
  const key = (at) => "0x" + view.getBigUint64(at, true).toString(16).padStart(16, "0");
  for (let i = 0; i < n; i++) {
    const at = i * EVENT_BYTES;
    out[i] = {
      id: key(at), cause: key(at + 8), day: view.getInt32(at + 16, true),
      block: view.getInt32(at + 20, true), actor: view.getInt32(at + 24, true),
      target: view.getInt32(at + 28, true), x: view.getFloat32(at + 32, true),
      y: view.getFloat32(at + 36, true), kind: KINDS[view.getInt16(at + 40, true)],
      fatal: view.getInt16(at + 42, true) === 1, solved: -1,
    };
  }
  return out;
}

export class Recording {
  constructor(line) {
    this.line = line;
    this.weeks = 0;
    this.series = { a: [], b: [] };
    this.events = { a: [], b: [] };
    this.byId = { a: new Map(), b: new Map() };
    this.cache = new Map();
    this.bytes = 0;
    this.pending = new Set();
    this.ended = null;
    this.alive = true;
    this.listeners = new Set();
  }

  /** Watch `spec`; resolves once its shape is known (or with an error). */
  async open(spec) {
    const opened = await this.line.ask("open", { spec });
    if (opened.error) return opened;
    Object.assign(this, { identity: opened.identity, spec: opened.spec, version: opened.version });
    this.watch();
    while (this.alive && !this.shape) {
      const got = await this.line.ask("shape");
      if (got.error) return got;
      if (got.shape) this.takeShape(got);
      else {
        if (this.ended) return { error: this.state.problem || "the run did not begin" };
        await new Promise((r) => setTimeout(r, 120));
      }
    }
    return opened;
  }

  takeShape(got) {
    const part = Object.fromEntries(got.buffers.map((name, k) => [name, got.parts[k]]));
    const u16 = (name) => new Uint16Array(part[name].buffer, part[name].byteOffset, part[name].length / 2);
    this.shape = { ...got.shape, x: u16("x"), y: u16("y"), area: u16("area"), beat: u16("beat"),
      people: u16("people"), turf: new Int16Array(part.turf.buffer, part.turf.byteOffset, part.turf.length / 2) };
    const before = readEvents(part.before);
    for (const arm of ["a", "b"]) this.addEvents(arm, before.map((e) => ({ ...e })));
    this.tell("shape");
  }

  addEvents(arm, rows) {
    for (const e of rows) {
      this.byId[arm].set(e.id, e);
      this.events[arm].push(e);
      if (e.kind === "arrest_shooting" && this.byId[arm].has(e.cause)) {
        this.byId[arm].get(e.cause).solved = e.day;
      }
    }
  }

  /** Ask how far it is, a few times a second, until it is over. */
  async watch() {
    while (this.alive) {
      const got = await this.line.ask("progress", { weeks: this.weeks });
      if (!this.alive || got.error) return;
      this.state = got;
      const width = this.shape ? this.shape.series.length : 0;
      const more = got.weeks - this.weeks;
      if (more > 0 && width) {
        for (const [k, arm] of ["a", "b"].entries()) {
          const rows = new Float32Array(got.parts[k].buffer, got.parts[k].byteOffset, more * width);
          for (let w = 0; w < more; w++) this.series[arm].push(rows.subarray(w * width, (w + 1) * width));
          this.addEvents(arm, readEvents(got.parts[k + 2]));
        }
        this.weeks = got.weeks;
      }
      const over = got.ended !== null && got.ended !== undefined;
      this.parted = got.parted;
      this.tell("progress");
      if (over && this.weeks === got.weeks) {
        this.ended = got.ended === "" ? "whole" : got.ended;
        this.tell("ended");
        return;
      }
      await new Promise((r) => setTimeout(r, more > 0 ? 120 : 220));
    }
  }

  get lastDay() { return Math.max(0, this.weeks * 7 - 1); }

  value(arm, name, week) {
    const row = this.series[arm][week];
    return row ? row[this.shape.series.indexOf(name)] : NaN;
  }

  /** Both arms on a day, or null while they are not here yet (they are then on their way). */
  frame(day) {
    const week = Math.floor(day / 7);
    this.fetch(week);
    const got = this.cache.get(week);
    if (!got) return null;
    this.cache.delete(week);
    this.cache.set(week, got); // most recently used last
    return { a: { ...got.a, at: day % 7 }, b: { ...got.b, at: day % 7 } };
  }

  fetch(week) {
    if (this.pending.size) return;
    let first = week;
    while (first < Math.min(week + AHEAD, this.weeks) && this.cache.has(first)) first++;
    if (first >= Math.min(week + AHEAD, this.weeks)) return;
    const large = this.shape.blocks > 20000;
    this.load(first, large || !this.cache.size ? 1 : 8); // the first map soon; no message so long that a click waits
  }

  async load(first, count) {
    this.pending.add(first);
    const got = await this.line.ask("weeks", { first, count });
    if (this.alive && !got.error) {
      for (let k = 0; k < got.count; k++) {
        const same = sameBytes(got.parts[2 * k], got.parts[2 * k + 1]);
        const a = unpack(await inflate(got.parts[2 * k]));
        const b = same ? a : unpack(await inflate(got.parts[2 * k + 1]));
        this.cache.set(first + k, { a, b });
        this.bytes += a.bytes + (same ? 0 : b.bytes);
      }
      for (const [week, old] of this.cache) {
        if (this.bytes < KEPT_BYTES) break;
        this.bytes -= old.a.bytes + (old.a === old.b ? 0 : old.b.bytes);
        this.cache.delete(week);
      }
    }
    this.pending.delete(first);
    this.tell("frames");
  }

  on(f) { this.listeners.add(f); return () => this.listeners.delete(f); }
  tell(what) {
    for (const f of this.listeners) {
      try { f(what); } catch (problem) { console.error(problem); } // one listener's trouble is its own
    }
  }
  close() { this.alive = false; this.listeners.clear(); this.cache.clear(); }
}

function sameBytes(a, b) {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
