// What the channel's widget loads: the script of its page. The page's skeleton is in the document
// already (viz/view/shell.py); the widget itself stays an empty place in Solara's part of it.

import { fill, h, Line, alertBox } from "./ui.js";

const PAGES = {
  lab: () => import("./lab.js").then((m) => m.Lab),
  luck: () => import("./luck.js").then((m) => m.Luck),
  why: () => import("./whypage.js").then((m) => m.Why),
  levers: () => import("./levers.js").then((m) => m.Levers),
  learn: () => import("./learn.js").then((m) => m.Lesson),
};

async function render({ model, el }) {
  el.hidden = true;
  const root = document.getElementById("peel-root") || el.parentElement;
  root.classList.remove("wait");
  if (!document.getElementById("peel-live")) document.body.append(h("div", { id: "peel-live", class: "unseen", "aria-live": "polite" }));
  const line = new Line(model);
  let page = null;
  try {
    const Page = await PAGES[model.get("page")]();
    const given = await line.ask("presets");
    page = new Page(root, line, given);
    window.peel = page; // for tests and the curious
    await page.start();
  } catch (problem) {
    console.error(problem);
    fill(root, alertBox("This page could not start. Load it again; if that does not help, its address tells what it was about to show."));
  }
  watchServer(root);
  return () => { page?.close?.(); line.close(); };
}

/** When the server is gone: keep the frozen page, and say so. */
function watchServer() {
  const banner = h("div", { class: "banner", role: "alert", hidden: true });
  document.body.prepend(banner);
  let lost = 0;
  const timer = setInterval(async () => {
    if (document.hidden) return;
    try {
      const got = await fetch("/api/alive", { cache: "no-store" });
      if (!got.ok) throw new Error();
      if (lost > 1) banner.replaceChildren("The server is back. ", h("button", { type: "button", onclick: () => location.reload() }, "Load the page again"), " to go on; the link keeps where you were.");
      lost = lost > 1 ? 2 : 0;
    } catch {
      lost++;
      if (lost > 1) { banner.hidden = false; banner.textContent = "The server does not answer. What is on the page stays; trying again …"; }
    }
  }, 5000);
  addEventListener("pagehide", () => clearInterval(timer), { once: true });
}

export default { render };
