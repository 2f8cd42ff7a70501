// The end of a replay's one script: everything that a server would answer is in the page already.
(async () => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const raw = (t) => Uint8Array.from(atob(t), (c) => c.charCodeAt(0));
  const line = { async ask(what, q) {
    if (what === "open") return { identity: data.identity, spec: data.spec, version: "" };
    if (what === "shape") return { shape: data.shape, buffers: data.names, parts: data.parts.map(raw) };
    if (what === "progress") return { weeks: data.weeks.length, ended: "", parted: data.parted, stage: "",
      parts: q.weeks ? [raw(""), raw(""), raw(""), raw("")] : [...data.series, ...data.events].map(raw) };
    const parts = data.weeks.slice(q.first, q.first + q.count).flatMap(([a, b]) => [raw(a), raw(b || a)]);
    return { first: q.first, count: parts.length / 2, parts };
  } };
  const recording = new M_recording.Recording(line);
  await recording.open(data.spec);
  const stage = new M_stage.Stage(recording, {}, {});
  document.getElementById("root").append(stage.element);
  window.peel = { recording, stage };
})();
