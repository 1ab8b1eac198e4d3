// Everything without a mouse.

import { quiet } from "./bell.js";

const lines = () => [...document.querySelectorAll("#queue a.line")];

function step(by) {
  const all = lines();
  if (!all.length) return;
  const at = all.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by));
  all[next].focus();
  all[next].scrollIntoView({ block: "nearest" });
}

const KEYS = {
  n: () => document.querySelector("#take-next button:not([disabled])")?.click(),
  j: () => step(1),
  k: () => step(-1),
  r: () => document.getElementById("text")?.focus(),
  m: quiet,
  "?": help,
};

function help() {
  document.getElementById("help")?.showModal();
}

export function start() {
  document.addEventListener("click", (event) => { if (event.target.closest("[data-help]")) help(); });
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const typing = event.target.closest("input, textarea, select");
    if (typing) {
      if (event.key === "Escape") typing.blur();
      return;
    }
    const act = KEYS[event.key];
    if (!act || event.repeat && event.key === "n") return;
    event.preventDefault();
    act();
  });
}
