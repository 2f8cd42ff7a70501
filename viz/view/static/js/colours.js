// Fields in cividis, differences from blue over paper to orange, marks and arms in Okabe-Ito colours.

const CIVIDIS =
  "00224e00255400285b002b62002e6a0030700533711235701a386f213b6e273e6e2d416d32436d36466c" +
  "3b496c3f4c6c444f6c48526c4c556c50576c545a6d575d6d5b606e5e636f62656f656870696b716c6e72" +
  "7071737374757777767a7a787e7d788280798683798a86788e8978928c78958f779992779d9576a19975" +
  "a59c74a99f73ada272b1a570b6a96fbaac6dbfb06bc3b369c7b767ccba64d0be62d4c15fd9c55cddc858" +
  "e1cc55e6d051ead34cefd748f3db42f8df3cfde334fee838";

export const ARM = { a: "#0072B2", b: "#D55E00" };
const TURF = ["0072b2", "e69f00", "009e73", "cc79a7", "56b4e9", "d55e00", "f0e442", "8c6bb1",
  "7f7f7f", "1b9e77", "a6761d", "e7298a"];
const STOPS = ["00507d", "4fa3d1", "f4f1ea", "e8935a", "a34700"];

const rgb = (hex) => [0, 2, 4].map((k) => parseInt(hex.slice(k, k + 2), 16));
const pack = ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;

function ramp(stops) {
  const out = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    const at = (i / 255) * (stops.length - 1);
    const k = Math.min(stops.length - 2, Math.floor(at));
    const [a, b] = [rgb(stops[k]), rgb(stops[k + 1])];
    out[i] = pack(a.map((x, j) => Math.round(x + (b[j] - x) * (at - k))));
  }
  return out;
}

/** 256 colours as ABGR words, ready for an ImageData buffer. */
export const FIELD = ramp(CIVIDIS.match(/.{6}/g));
export const DIFFERENCE = ramp(STOPS);
/** By gang + 1; 0 is nobody's. */
export const TURFS = Uint32Array.from({ length: 256 }, (_, k) =>
  k === 0 ? pack(rgb("d9dbde")) : pack(rgb(TURF[(k - 1) % TURF.length])));

export const css = (word) => `rgb(${word & 255},${(word >> 8) & 255},${(word >> 16) & 255})`;
export const gradient = (table) =>
  `linear-gradient(90deg,${[0, 51, 102, 153, 204, 255].map((k) => css(table[k])).join(",")})`;
