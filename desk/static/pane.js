// Moving between pages without leaving the page, so that bell and stream live on. Every link works without it too.

import { ask, sentenceOf, setTrouble, toast, NO_ANSWER } from "./net.js";

const pane = () => document.getElementById("pane");

/** Show a page of the desk in the pane. */
export async function go(url, { push = true, keepPlace = false } = {}) {
  let response;
  try {
    response = await ask(url);
  } catch {
    setTrouble("net", NO_ANSWER);
    return;
  }
  if (!response.ok) {
    const refusal = await sentenceOf(response);
    toast(refusal.say);
    if (response.status === 404 && push === false) go("/");
    return;
  }
  show(await response.text(), { keepPlace });
  if (push) history.pushState({}, "", response.url);
}

/** Put the text of a pane on the page. */
export function show(html, { keepPlace = false } = {}) {
  const place = scrollY;
  pane().innerHTML = html;
  const name = pane().querySelector("[data-title]");
  if (name) document.dispatchEvent(new CustomEvent("desk:title", { detail: name.dataset.title }));
  if (keepPlace) scrollTo(0, place);
  else {
    scrollTo(0, 0);
    pane().focus({ preventScroll: true });
  }
  document.dispatchEvent(new Event("desk:pane"));
}

/** The number of the case on the page, or null. */
export function openCase() {
  const section = pane().querySelector("[data-case]");
  return section ? section.dataset.case : null;
}

/** The text of an element without what a ticking clock writes into it. */
function shape(element) {
  return element.outerHTML.replace(/(<time data-since="\d+">)[^<]*/g, "$1").replace(/ aria-current="page"/g, "");
}

function isTree(element) {
  return element.children.length > 0 && [...element.children].every((child) => child.id);
}

/**
 * Bring `now` (a tree with ids) up to `fresh` in place: what is the same stays untouched, so that a click that has
 * begun is not lost; changed elements are replaced, or gone into where all their children have ids.
 */
export function merge(now, fresh) {
  const stay = new Set();
  let before = null;
  for (const element of [...fresh.children]) {
    stay.add(element.id);
    let present = now.querySelector(":scope > #" + CSS.escape(element.id));
    if (present && shape(present) !== shape(element)) {
      if (isTree(present) && isTree(element)) merge(present, element);
      else {
        present.replaceWith(element);
        present = element;
      }
    }
    const placed = present || element;
    const after = before ? before.nextElementSibling : now.firstElementChild;
    if (placed !== after) now.insertBefore(placed, after);
    before = placed;
  }
  for (const element of [...now.children]) if (!stay.has(element.id)) element.remove();
}

async function act(form, button) {
  const body = new URLSearchParams(new FormData(form));
  if (button.name) body.append(button.name, button.value);
  button.disabled = true;
  let response;
  try {
    response = await ask(form.action, body);
  } catch {
    setTrouble("net", NO_ANSWER);
    toast("Chưa làm được vì mất kết nối. Bạn bấm lại nhé.");
    return;
  } finally {
    button.disabled = false;
  }
  const isPage = (response.headers.get("content-type") || "").startsWith("text/html");
  if (isPage) {
    show(await response.text());
    return;
  }
  const answer = await response.json();
  if (answer.leave) {
    sessionStorage.clear();
    location.replace(answer.leave);
    return;
  }
  if (answer.say) toast(answer.say);
  if (response.ok && "final" in form.dataset) document.dispatchEvent(new Event("desk:left-case"));
  document.dispatchEvent(new CustomEvent("desk:acted", { detail: { form, done: response.ok } }));
  if (answer.go) await go(answer.go);
}

/** Ask again for what stands in an opened `details`: who is on shift changes while a page stays open. */
async function refresh(details) {
  const response = await ask(details.dataset.refresh).catch(() => null);
  if (response && response.ok) details.querySelector(":scope > div").innerHTML = await response.text();
}

function ours(link) {
  return link.origin === location.origin && !link.target && !link.hasAttribute("download")
    && !link.pathname.startsWith("/login") && !link.pathname.startsWith("/static") && !link.hash;
}

export function start() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.protocol !== location.protocol || !ours(link)) return;
    event.preventDefault();
    document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; });
    go(link.pathname + link.search);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if ("act" in form.dataset) {
      event.preventDefault();
      act(form, event.submitter || form.querySelector("button"));
    } else if ("find" in form.dataset) {
      event.preventDefault();
      go(form.getAttribute("action") + "?" + new URLSearchParams(new FormData(form)));
    }
  });
  document.addEventListener("toggle", (event) => {
    const details = event.target;
    if (!details.open || details.name !== "act") return;
    details.scrollIntoView({ block: "nearest" });
    if (details.dataset.refresh) refresh(details);
  }, true);
  addEventListener("popstate", () => go(location.pathname + location.search, { push: false }));
}
