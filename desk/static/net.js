// Asking the desk: every request carries the token of the session, every refusal becomes one sentence on the page.

const trouble = () => document.getElementById("trouble");
const troubles = new Map(); // cause -> sentence; the page shows the first one

/** Show a standing trouble under its cause, or clear it with an empty sentence. */
export function setTrouble(cause, sentence, link) {
  if (sentence) troubles.set(cause, { sentence, link });
  else troubles.delete(cause);
  const bar = trouble();
  const [first] = troubles.values();
  bar.hidden = !first;
  bar.textContent = first ? first.sentence : "";
  if (first && first.link) {
    const anchor = document.createElement("a");
    anchor.href = first.link.href;
    anchor.textContent = first.link.text;
    bar.append(" ", anchor);
  }
}

let fading = 0;

/** One short sentence that goes by itself. */
export function toast(sentence) {
  const box = document.getElementById("toast");
  box.textContent = sentence;
  box.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => { box.hidden = true; }, 6000);
}

/** fetch with the headers of the desk. Resolves to the response, also for refusals; rejects when there is no answer. */
export async function ask(url, form) {
  const headers = { "X-Desk": "1" };
  const options = { headers, credentials: "same-origin", redirect: "follow" };
  if (form) {
    headers["X-CSRF-Token"] = document.querySelector("meta[name=csrf]").content;
    options.method = "POST";
    options.body = form;
  }
  const response = await fetch(url, options);
  setTrouble("net", "");
  if (response.status === 401) {
    setTrouble("session", "Phiên làm việc đã hết. Câu đang viết vẫn còn trên máy này.", {
      href: "/login?next=" + encodeURIComponent(location.pathname), text: "Đăng nhập lại",
    });
  }
  if (response.status !== 503) setTrouble("store", "");
  return response;
}

/** The sentence of a refusal. */
export async function sentenceOf(response) {
  if ((response.headers.get("content-type") || "").startsWith("application/json")) {
    const answer = await response.json();
    return { say: answer.say || "Chưa làm được, bạn thử lại nhé." };
  }
  return { say: "Chưa làm được, bạn thử lại nhé." };
}

export const NO_ANSWER = "Mất kết nối với bàn tư vấn, đang thử lại. Việc gấp thì gọi điện thoại theo Số gọi gấp.";
