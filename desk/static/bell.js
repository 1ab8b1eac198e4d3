// The alarm: sound, a notice of the system, the title of the window. Loud for an unclaimed urgent case and nothing
// else. What leaves the page holds no name and no reason: its sentences come from desk/alarm.py.

const body = document.body.dataset;
let audio = null;
let title = document.title;
let counts = { waiting: 0, urgent: 0, unanswered: 0, mine: 0, on_shift: false };
let hushUntil = 0;
let rangAt = 0;
let lostAt = 0;
let registration = null;

const bell = document.getElementById("bell");
const hush = document.getElementById("hush");

function isOn() {
  return audio !== null && audio.state === "running";
}

function paint() {
  bell.textContent = isOn() ? "Chuông đang bật" : "Bật chuông";
  bell.classList.toggle("attention", !isOn());
  bell.title = isOn() ? "Bấm để nghe thử" : "Trình duyệt chỉ cho reo sau khi bạn bấm một lần";
  hush.hidden = !(ringing() && Date.now() > hushUntil);
  document.body.classList.toggle("ringing", ringing());
}

function ringing() {
  return counts.urgent > 0 && counts.on_shift;
}

async function turnOn() {
  try {
    audio = audio || new AudioContext();
    await audio.resume();
  } catch {
    audio = null; // a browser without sound: notice and title still work
  }
  paint();
}

function note(at, frequency, length, volume) {
  const tone = audio.createOscillator();
  const level = audio.createGain();
  tone.type = "sine";
  tone.frequency.value = frequency;
  level.gain.setValueAtTime(0, audio.currentTime + at);
  level.gain.linearRampToValueAtTime(volume, audio.currentTime + at + 0.02);
  level.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + at + length);
  tone.connect(level).connect(audio.destination);
  tone.start(audio.currentTime + at);
  tone.stop(audio.currentTime + at + length + 0.05);
}

function play(notes) {
  if (!isOn()) return;
  for (const [at, frequency, length, volume] of notes) note(at, frequency, length, volume);
}

const ALARM = [[0, 784, 0.5, 0.5], [0.28, 988, 0.5, 0.5], [0.56, 1175, 0.9, 0.5]];
const SOFT = [[0, 659, 0.5, 0.15]];
const LOST = [[0, 440, 0.4, 0.4], [0.5, 330, 0.8, 0.4]];

function ring() {
  if (!ringing() || Date.now() < hushUntil) return;
  rangAt = Date.now();
  play(ALARM);
  if (navigator.vibrate) navigator.vibrate([300, 150, 300]);
  if (document.hidden || !document.hasFocus()) notify();
  paint();
}

function notify() {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const options = { body: body.noticeText, tag: "tianang-waiting", renotify: true, icon: "/static/sun.svg", lang: "vi" };
  if (registration) {
    registration.showNotification(body.noticeTitle, options);
    return;
  }
  const notice = new Notification(body.noticeTitle, options);
  notice.onclick = () => {
    focus();
    notice.close();
  };
}

async function allowNotices() {
  if (!("Notification" in window)) return;
  if (Notification.permission === "default") await Notification.requestPermission();
  if ("serviceWorker" in navigator && Notification.permission === "granted") {
    registration = await navigator.serviceWorker.register("/static/worker.js").catch(() => null);
  }
}

function blink() {
  const on = ringing() && Math.floor(Date.now() / 1000) % 2 === 0;
  const number = counts.waiting ? `(${counts.waiting}) ` : "";
  const text = on ? body.blink : number + title;
  if (document.title !== text) document.title = text;
}

function onCounts(data) {
  const more = data.unanswered > counts.unanswered || data.mine > counts.mine || data.waiting - data.urgent > counts.waiting - counts.urgent;
  const moreUrgent = data.urgent > counts.urgent;
  counts = data;
  if (!data.urgent) hushUntil = 0;
  if (moreUrgent) hushUntil = 0; // another one: what was hushed was the first
  if (more && data.on_shift && !moreUrgent) play(SOFT);
  paint();
  blink();
}

export function quiet() {
  if (!ringing()) return;
  hushUntil = Date.now() + Number(body.hushS) * 1000;
  paint();
}

export function start() {
  if (!bell) return;
  bell.addEventListener("click", async () => {
    const wasOn = isOn();
    await turnOn();
    sessionStorage.setItem("bell", "1");
    play(wasOn || !ringing() ? SOFT : ALARM);
    await allowNotices();
  });
  hush.addEventListener("click", quiet);
  if (sessionStorage.getItem("bell")) {
    turnOn();
    allowNotices();
    for (const kind of ["pointerdown", "keydown"]) {
      document.addEventListener(kind, () => { if (!isOn()) turnOn(); });
    }
  }
  document.addEventListener("desk:counts", (event) => onCounts(event.detail));
  document.addEventListener("desk:ring", ring);
  document.addEventListener("desk:ring-if-due", () => { if (Date.now() - rangAt > 10000) ring(); });
  document.addEventListener("desk:lost", () => {
    if (Date.now() - lostAt < 60000) return;
    lostAt = Date.now();
    play(LOST);
  });
  document.addEventListener("desk:title", (event) => { title = event.detail; blink(); });
  setInterval(() => { blink(); paint(); }, 1000);
  paint();
}
