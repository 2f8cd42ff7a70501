// The clock: which day is shown, how fast it goes, and when the next frame is painted.

import { calm } from "./ui.js";

export const SPEEDS = { "1×": 7, "2×": 14, "4×": 28, max: 60 };

export class Player {
  constructor(recording, paint) {
    Object.assign(this, { recording, paint, day: 0, playing: false, speed: "1×", dirty: true, carried: 0 });
    this.alive = true;
    this.stats = { frames: 0, ms: 0, waits: 0 };
    const loop = (now) => {
      if (!this.alive) return;
      this.tick(now);
      requestAnimationFrame(loop);
    };
    requestAnimationFrame(loop);
  }

  tick(now) {
    const passed = Math.min(100, now - (this.last ?? now));
    this.last = now;
    if (this.playing) {
      this.carried += (passed / 1000) * SPEEDS[this.speed];
      const days = this.speed === "max" ? 1 : Math.floor(this.carried);
      if (days >= 1) {
        const next = Math.min(this.day + days, this.recording.lastDay);
        if (next > this.day && this.recording.frame(next)) { // else the frame is on its way
          this.carried = 0;
          this.day = next;
          this.dirty = true;
        } else if (next === this.day && this.recording.ended) this.pause();
        else this.stats.waits++;
      }
    }
    if (!this.dirty || !this.recording.shape) return;
    const began = performance.now();
    if (this.paint(this.day)) {
      this.dirty = false;
      this.stats.frames++;
      this.stats.ms += performance.now() - began;
    }
  }

  go(day) {
    this.day = Math.max(0, Math.min(Math.round(day), this.recording.lastDay));
    this.dirty = true;
    this.changed?.();
  }
  play() {
    if (this.day >= this.recording.lastDay && this.recording.ended) this.day = 0;
    this.playing = true;
    this.carried = 0;
    if (calm() && this.speed !== "1×") this.speed = "1×"; // slower where motion is unwelcome
    this.changed?.();
  }
  pause() { this.playing = false; this.changed?.(); }
  toggle() { this.playing ? this.pause() : this.play(); }
  close() { this.alive = false; }
}
