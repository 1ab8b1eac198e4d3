// The reply box: sends once, keeps the draft in this tab until it is sent, offers the reviewed sentences.

import { ask, sentenceOf, setTrouble, toast, NO_ANSWER } from "./net.js";
import { openCase } from "./pane.js";
import { refreshCase, toEnd } from "./live.js";

let form = null;
let box = null;
let list = null;
let sending = false;

const place = () => "draft:" + form.action;

function state(sentence) {
  document.getElementById("reply-state").textContent = sentence;
}

function load() {
  try {
    return JSON.parse(sessionStorage.getItem(place())) || {};
  } catch {
    return {};
  }
}

/** Keep the draft. A key belongs to one text: another text after an attempt is another message. */
function keep() {
  const kept = load();
  const tried = kept.tried && kept.tried.text === box.value ? kept.tried : null;
  if (box.value || tried) sessionStorage.setItem(place(), JSON.stringify({ text: box.value, tried }));
  else sessionStorage.removeItem(place());
  grow();
}

function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // pages that are not https have no randomUUID
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function grow() {
  box.style.height = "auto";
  box.style.height = Math.min(box.scrollHeight + 2, innerHeight * 0.4) + "px";
}

async function send() {
  const text = box.value;
  if (sending || !text.trim()) return;
  sending = true;
  const button = document.getElementById("send");
  const mine = form;
  button.disabled = true;
  const kept = load();
  const key = kept.tried && kept.tried.text === text ? kept.tried.key : newKey();
  sessionStorage.setItem(place(), JSON.stringify({ text, tried: { text, key } }));
  state("Đang gửi…");
  try {
    const response = await ask(mine.action, new URLSearchParams({ text, client_key: key }));
    if (!response.ok) {
      state("Chưa gửi: " + (await sentenceOf(response)).say);
      return;
    }
    if (form === mine) {
      if (box.value === text) box.value = "";
      keep();
      state("");
      box.focus();
    }
    await refreshCase();
    toEnd();
  } catch {
    setTrouble("net", NO_ANSWER);
    state("Chưa gửi được vì mất kết nối. Câu viết còn nguyên, bạn bấm Gửi lại; người nhắn chỉ nhận một lần.");
  } finally {
    sending = false;
    button.disabled = false;
  }
}

function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();
}

function options() {
  return [...list.querySelectorAll("button:not([hidden])")];
}

function choose(option) {
  for (const other of list.querySelectorAll("button")) other.setAttribute("aria-selected", String(other === option));
  if (option) {
    box.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else box.removeAttribute("aria-activedescendant");
}

function openList(asked) {
  const words = plain(asked).split(/\s+/).filter(Boolean);
  for (const option of list.querySelectorAll("button")) {
    const text = plain(option.dataset.key + " " + option.textContent);
    option.hidden = !words.every((word) => text.includes(word));
  }
  list.hidden = options().length === 0;
  choose(options()[0] || null);
}

function closeList() {
  list.hidden = true;
  choose(null);
}

function insert(option) {
  const typed = box.value.startsWith("/") ? "" : box.value;
  box.value = typed + (typed && !typed.endsWith("\n") ? "\n" : "") + option.dataset.text;
  closeList();
  keep();
  box.focus();
  box.setSelectionRange(box.value.length, box.value.length);
}

function onKey(event) {
  if (event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    event.preventDefault();
    send();
    return;
  }
  if (list.hidden) return;
  const shown = options();
  const at = shown.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose(shown[(at + (event.key === "ArrowDown" ? 1 : shown.length - 1)) % shown.length]);
  } else if ((event.key === "Enter" || event.key === "Tab") && shown[at]) {
    event.preventDefault();
    insert(shown[at]);
  } else if (event.key === "Escape") {
    event.stopPropagation();
    closeList();
  }
}

function setUp() {
  form = document.getElementById("reply");
  if (!form) return;
  box = form.querySelector("textarea");
  list = document.getElementById("canned");
  box.value = load().text || "";
  if (box.value) state("Câu viết dở đã được giữ lại.");
  grow();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  box.addEventListener("keydown", onKey);
  box.addEventListener("input", () => {
    keep();
    state("");
    if (/^\/[^\n]*$/.test(box.value)) openList(box.value.slice(1));
    else closeList();
  });
  document.getElementById("open-canned").addEventListener("click", () => {
    if (list.hidden) openList("");
    else closeList();
    box.focus();
  });
  list.addEventListener("click", (event) => {
    const option = event.target.closest("button");
    if (option) insert(option);
  });
  if (matchMedia("(hover: hover)").matches) box.focus({ preventScroll: true }); // a phone's keyboard waits to be asked
}

export function start() {
  setUp();
  document.addEventListener("desk:pane", setUp);
  document.addEventListener("desk:left-case", () => {
    if (form && openCase()) sessionStorage.removeItem(place());
  });
  document.addEventListener("click", (event) => {
    const again = event.target.closest("[data-again]");
    if (!again || !form) return;
    const said = document.getElementById(again.dataset.again).querySelector(".said").textContent;
    box.value = box.value ? box.value + "\n" + said : said;
    keep();
    box.focus();
    toast("Đã chép vào ô trả lời. Bạn xem lại rồi gửi.");
  });
}
