// What happens elsewhere, as it happens: the stream says that something changed, the page asks what. When the stream
// breaks, the page asks every few seconds by itself.

import { ask, setTrouble, NO_ANSWER } from "./net.js";
import { go, merge, openCase } from "./pane.js";

const HEARTBEAT_MS = 20000;
const ASK_MS = 3000; // while the stream is broken
const BOARD_MS = 30000;
const LOST_MS = 20000; // without any sign of the server: say so, and ring

let source = null;
let heardAt = Date.now();
let queueMark = "";
let caseMark = "";
const skew = Number(document.body.dataset.now) - Date.now(); // the server's clock is the one that counts

function tell(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

/** Open the stream for the page as it is now. */
export function connect() {
  if (source) source.close();
  const open = openCase();
  caseMark = "";
  source = new EventSource("/stream" + (open ? "?case=" + open : ""));
  const heard = (handler) => (event) => {
    heardAt = Date.now();
    setTrouble("net", "");
    handler(event.data ? JSON.parse(event.data) : null);
  };
  source.addEventListener("queue", heard(onQueue));
  source.addEventListener("case", heard(onCase));
  source.addEventListener("ring", heard((data) => tell("desk:ring", data)));
  source.addEventListener("store", heard((state) => {
    setTrouble("store", state === "down" ? "Cơ sở dữ liệu đang không trả lời. Việc gấp thì gọi điện thoại theo Số gọi gấp." : "");
  }));
  source.addEventListener("bye", heard(() => {
    source.close();
    setTrouble("session", "Phiên làm việc đã hết.", { href: "/login?next=" + encodeURIComponent(location.pathname), text: "Đăng nhập lại" });
  }));
  source.addEventListener("open", () => { heardAt = Date.now(); });
}

function onQueue(data) {
  tell("desk:counts", data);
  if (data.mark === queueMark) return;
  const first = queueMark === "";
  queueMark = data.mark;
  if (!first) refreshQueue();
  if (!first && document.querySelector("[data-page=board]")) go(location.pathname, { push: false, keepPlace: true });
}

function onCase(data) {
  if (String(data.case) !== openCase()) return;
  if (data.gone) {
    setTrouble("case", "Trường hợp này không còn mở được với bạn: đã có người khác giữ hoặc đã kết thúc.", { href: "/", text: "Về hàng chờ" });
    document.getElementById("reply")?.setAttribute("inert", "");
    return;
  }
  const first = caseMark === "";
  if (data.mark === caseMark) return;
  caseMark = data.mark;
  if (!first) refreshCase();
}

/** Read the list again, keeping what is chosen in it. */
export async function refreshQueue() {
  const aside = document.getElementById("queue");
  if (!aside) return;
  const response = await ask("/queue").catch(() => null);
  if (!response || !response.ok) return;
  const html = await response.text();
  const chosen = document.activeElement && aside.contains(document.activeElement) ? document.activeElement.id : "";
  const fresh = document.createElement("div");
  fresh.innerHTML = html;
  merge(aside, fresh);
  if (chosen && document.activeElement?.id !== chosen) document.getElementById(chosen)?.focus();
  markOpen();
  tick();
}

function markOpen() {
  const open = openCase();
  for (const line of document.querySelectorAll("#queue a.line")) {
    if (line.id === "line-" + open) line.setAttribute("aria-current", "page");
    else line.removeAttribute("aria-current");
  }
}

/** Read the open case again: its head, its transcript, its card. The reply box is left alone. */
export async function refreshCase() {
  const number = openCase();
  const live = document.getElementById("live");
  if (!number || !live) return;
  const whole = document.querySelector("[data-case]").dataset.whole === "1" ? "?whole=1" : "";
  const response = await ask(`/case/${number}/live${whole}`).catch(() => null);
  if (!response || !response.ok || openCase() !== number) return;
  const fresh = document.createElement("div");
  fresh.innerHTML = await response.text();
  const head = live.querySelector("#head");
  const now = fresh.querySelector("#head");
  if (now.dataset.write !== head.dataset.write || now.dataset.state !== head.dataset.state) {
    go(location.pathname + location.search, { push: false, keepPlace: true }); // what may be done here has changed
    return;
  }
  const risk = fresh.querySelector("#risk-now");
  document.getElementById("risk").replaceChildren(risk.content);
  const atEnd = isAtEnd();
  head.replaceWith(now);
  merge(live.querySelector("#transcript"), fresh.querySelector("#transcript"));
  tick();
  if (atEnd) toEnd();
}

/** On wide screens the transcript scrolls in its own frame, on a phone with the page. */
function frame() {
  const list = document.getElementById("transcript");
  if (!list) return null;
  return getComputedStyle(list).overflowY === "auto" ? list : null;
}

export function isAtEnd() {
  const inner = frame();
  if (inner) return inner.scrollHeight - inner.scrollTop - inner.clientHeight < 80;
  const last = document.querySelector("#transcript > :last-child");
  return Boolean(last) && last.getBoundingClientRect().top < innerHeight;
}

export function toEnd() {
  const inner = frame();
  if (inner) inner.scrollTop = inner.scrollHeight;
  else document.querySelector("#transcript > :last-child")?.scrollIntoView({ block: "end" });
}

async function heartbeat() {
  await ask("/heartbeat", new URLSearchParams()).catch(() => null);
}

async function askInstead() {
  const broken = !source || source.readyState !== EventSource.OPEN;
  if (!broken) {
    heardAt = Date.now();
    return;
  }
  const open = openCase();
  const response = await ask("/pulse" + (open ? "?case=" + open : "")).catch(() => null);
  if (response && response.ok) {
    heardAt = Date.now();
    const pulse = await response.json();
    onQueue(pulse.queue);
    if (pulse.case) onCase(pulse.case);
    tell("desk:ring-if-due", pulse.queue);
    if (!source || source.readyState === EventSource.CLOSED) connect();
  } else if (response && response.status === 503) {
    heardAt = Date.now();
    setTrouble("store", "Cơ sở dữ liệu đang không trả lời. Việc gấp thì gọi điện thoại theo Số gọi gấp.");
  } else if (Date.now() - heardAt > LOST_MS && !(response && response.status === 401)) {
    setTrouble("net", NO_ANSWER);
    tell("desk:lost", {});
  }
}

/** How long ago, in the words of labels.span. */
export function span(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} giây`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} phút`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours} giờ ${minutes % 60} phút` : `${hours} giờ`;
  return `${Math.floor(hours / 24)} ngày`;
}

function tick() {
  for (const element of document.querySelectorAll("time[data-since]")) {
    const text = span(Date.now() + skew - Number(element.dataset.since));
    if (element.textContent !== text) element.textContent = text;
  }
}

export function start() {
  if (document.body.dataset.takes !== "1") return;
  connect();
  document.addEventListener("desk:pane", () => {
    setTrouble("case", "");
    connect();
    toEnd();
    markOpen();
    tick();
  });
  document.addEventListener("desk:acted", refreshQueue);
  heartbeat();
  setInterval(heartbeat, HEARTBEAT_MS);
  setInterval(askInstead, ASK_MS);
  setInterval(tick, 1000);
  setInterval(() => {
    if (document.querySelector("[data-page=board]")) go(location.pathname, { push: false, keepPlace: true });
  }, BOARD_MS);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) heartbeat(); });
  addEventListener("pagehide", () => source && source.close());
  toEnd();
  markOpen();
}
