// The editors' form: numbers put in by a button, bubbles that follow the writing, and a draft that no lost line takes away.

import { ask, setTrouble, toast, NO_ANSWER } from "./net.js";

const WAIT_MS = 500; // after the last key before the preview is asked for

let form = null;
let timer = 0;
let asking = null;

const place = (of = form) => `entry:${of.dataset.place}`;

/** What stands in the form, without what belongs to the page. */
function fields() {
  const now = Object.fromEntries(new FormData(form));
  delete now.csrf;
  return now;
}

function keep() {
  sessionStorage.setItem(place(), JSON.stringify({ base: form.dataset.base, fields: fields() }));
}

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(place()));
  } catch {
    return null;
  }
}

/** Put back what was being written here when the page was left, unless somebody has saved since. */
function restore() {
  const draft = kept();
  if (!draft || form.dataset.typed === "1" || draft.base !== form.dataset.base) return;
  const present = JSON.stringify(fields());
  for (const element of form.elements) {
    if (!element.name || element.type === "hidden" || element.tagName === "BUTTON") continue;
    if (element.type === "checkbox") element.checked = element.name in draft.fields;
    else if (element.name in draft.fields) element.value = draft.fields[element.name];
  }
  if (JSON.stringify(fields()) === present) return;
  document.getElementById("restored").hidden = false;
  preview();
}

function forget() {
  sessionStorage.removeItem(place());
  form.reset();
  document.getElementById("restored").hidden = true;
  preview();
}

function later() {
  keep();
  clearTimeout(timer);
  timer = setTimeout(preview, WAIT_MS);
}

/** Ask what readers would see of the form as it stands. */
async function preview() {
  const mine = form;
  clearTimeout(timer);
  const number = {};
  asking = number;
  const response = await ask("/knowledge/preview", new URLSearchParams(new FormData(mine))).catch(() => null);
  if (asking !== number || form !== mine) return;
  if (!response) {
    setTrouble("net", NO_ANSWER);
    return;
  }
  if (!response.ok) return;
  const fresh = document.createElement("div");
  fresh.innerHTML = await response.text();
  const lengths = fresh.querySelector("#fresh-lengths");
  const faults = fresh.querySelector("#fresh-faults");
  for (const length of lengths.content.querySelectorAll("[data-length-of]")) {
    const now = length.cloneNode(true);
    form.querySelector(`[data-length="${length.dataset.lengthOf}"]`).replaceChildren(now);
  }
  const touched = new Set(JSON.parse(form.dataset.touched || "[]"));
  for (const box of form.querySelectorAll("[data-faults]")) {
    const found = [...faults.content.querySelectorAll(`[data-fault-of="${box.dataset.faults}"]`)];
    // an empty field is no mistake before its turn has come
    if (touched.has(box.dataset.faults) || box.childElementCount) box.replaceChildren(...found);
  }
  lengths.remove();
  faults.remove();
  document.getElementById("preview").replaceChildren(...fresh.childNodes);
}

/** The box of faults beside a field. */
function faultsOf(element) {
  const box = element.closest(".field")?.querySelector("[data-faults]");
  return box ? box.dataset.faults : "";
}

function insert(button) {
  const box = document.getElementById(button.dataset.into);
  box.focus();
  box.setRangeText(button.dataset.insert, box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

async function copy(button) {
  const text = button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const box = document.createElement("textarea"); // pages that are not https have no clipboard
    box.value = text;
    document.body.append(box);
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    if (!done) {
      toast("Máy này không cho chép. Bạn bôi đen câu trả lời rồi chép bằng tay nhé.");
      return;
    }
  }
  toast("Đã chép. Bạn dán vào ô trả lời.");
}

function attach() {
  form = document.getElementById("entry-form");
  if (!form) return;
  restore();
  const wrong = form.querySelector(".fault.bad");
  if (wrong) {
    wrong.closest(".field").querySelector("input:not([type=hidden]), select, textarea")?.focus({ preventScroll: true });
    wrong.closest(".field").scrollIntoView({ block: "center" });
  }
  form.addEventListener("input", (event) => {
    const name = faultsOf(event.target);
    const touched = new Set(JSON.parse(form.dataset.touched || "[]")).add(name);
    form.dataset.touched = JSON.stringify([...touched]);
    later();
  });
}

export function start() {
  attach();
  document.addEventListener("desk:pane", attach);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert], [data-copy], #forget");
    if (!button) return;
    if (button.id === "forget") forget();
    else if (button.dataset.insert) insert(button);
    else copy(button);
  });
  document.addEventListener("desk:acted", (event) => {
    const { form: acted, done } = event.detail;
    if (done && acted.id === "entry-form") sessionStorage.removeItem(place(acted));
  });
}
