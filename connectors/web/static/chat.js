/* The chat. Plain ES5, so that it runs on old phones; nothing is kept but the token (see exit.js). */
(function () {
  "use strict";

  var SEND_S = 20; // how long one try to send may take
  var LOOK_S = 40; // the server answers a question for news within 25 s
  var TYPING_MS = 8000;
  var ASLEEP_MS = 600000; // a page that nobody looks at asks no more
  var PAUSES = [1, 2, 4, 8, 15]; // seconds before the next try
  var LONGEST = 12000; // UTF-16 units of one message; what is longer goes as several
  var AWAY_AFTER = 2; // failed questions for news before the page says that the network is gone
  var WHO = { bot: "Tia Nắng · trợ lý tự động", counsellor: "Tư vấn viên – người thật" };
  var THERE = "Tư vấn viên (người thật) đang ở đây.";
  var READ_MS = 15000; // after this long a message counts as read
  var NEAR = 120; // px from the end that count as being at the end

  var tab = window.tab;
  var chat = byId("chat");
  var log = byId("log");
  var form = byId("form");
  var field = byId("text");
  var there = byId("there");
  var away = byId("away");
  var newer = byId("newer");
  var typing = byId("typing");
  var numbers = numberPattern(chat.getAttribute("data-numbers").split(" "));

  var queue = []; // what waits to be sent, oldest first
  var sending = false;
  var fails = 0;
  var retry = null;
  var after = 0; // seq of the last message shown
  var look = null; // the open question for news
  var lookedAt = 0;
  var hiddenAt = Date.now();
  var blind = 0; // questions for news that failed in a row
  var lookTimer = null;
  var typingTimer = null;
  var counsellor = false;
  var atEnd = true;
  var unread = null; // the first message of others since the last own one
  var unreadAt = 0;
  var shown = 0; // messages of others on the page

  function byId(id) {
    return document.getElementById(id);
  }

  function element(name, kind, text) {
    var made = document.createElement(name);
    if (kind) made.className = kind;
    if (text) made.textContent = text;
    return made;
  }

  /* ---- the line to the server ---- */

  function call(method, path, body, seconds, done) {
    var request = new XMLHttpRequest();
    var over = false;
    function end(status) {
      if (over || tab.left) return;
      over = true;
      var data = null;
      try {
        data = JSON.parse(request.responseText);
      } catch (unreadable) {
        status = 0; // a hotel's login page, half an answer
      }
      done(status, data || {}, Number(status ? request.getResponseHeader("Retry-After") : 0) || 0);
    }
    request.open(method, path);
    request.timeout = seconds * 1000;
    if (tab.token()) request.setRequestHeader("Authorization", "Bearer " + tab.token());
    request.onload = function () { end(request.status); };
    request.onerror = request.ontimeout = request.onabort = function () { end(0); };
    if (body) request.setRequestHeader("Content-Type", "application/json");
    request.send(body ? JSON.stringify(body) : null);
    return request;
  }

  function pause(count) {
    return PAUSES[Math.min(count, PAUSES.length) - 1];
  }

  /* ---- sending: one after the other, the same id at every try ---- */

  function newId() {
    var id = "";
    var bytes = [];
    var i;
    if (window.crypto && window.crypto.getRandomValues) bytes = window.crypto.getRandomValues(new Uint8Array(16));
    for (i = 0; i < 16; i++) {
      id += ("0" + (bytes.length ? bytes[i] : Math.floor(Math.random() * 256)).toString(16)).slice(-2);
    }
    return id;
  }

  function parts(text) {
    var found = [];
    var cut;
    while (text.length > LONGEST) {
      cut = Math.max(text.lastIndexOf("\n", LONGEST), text.lastIndexOf(" ", LONGEST));
      if (cut < LONGEST / 2) cut = LONGEST - (/[\ud800-\udbff]/.test(text.charAt(LONGEST - 1)) ? 1 : 0);
      found.push(text.slice(0, cut));
      text = text.slice(cut);
    }
    found.push(text);
    return found;
  }

  function write(text, button) {
    var body = { id: newId(), text: text };
    if (button) body.button = button;
    var item = { body: body, line: showOwn(text), told: false, since: 0 };
    queue.push(item);
    state(item, sending || retry ? "wait" : "send");
    if (retry && navigator.onLine !== false) sendNow();
    else send();
  }

  function sendNow() {
    clearTimeout(retry);
    retry = null;
    send();
  }

  function send() {
    if (sending || retry || !queue.length || tab.left) return;
    sending = true;
    if (!tab.token()) {
      openSession(function (opened, seconds) {
        sending = false;
        if (opened) send();
        else later(seconds, true);
      });
      return;
    }
    var item = queue[0];
    item.since = shown;
    state(item, "send");
    call("POST", "/chat/messages", item.body, SEND_S, function (status, data, seconds) {
      sending = false;
      if (status === 202) {
        queue.shift();
        sent(item, data);
      } else if (status === 401) {
        tab.keep(null);
        after = 0;
        if (item.renewed) later(seconds, true);
        else {
          item.renewed = true;
          send();
        }
      } else if (status === 400 || status === 413) {
        queue.shift();
        state(item, "refused");
        showSystem(data.answer);
        send();
      } else {
        if (data.answer && !item.told) showSystem(data.answer);
        if (data.answer) item.told = true;
        later(seconds, !data.answer);
      }
    });
  }

  function sent(item, data) {
    fails = 0;
    setAway(false);
    state(item, "sent");
    if (data.answer) show({ author: "bot", text: data.answer });
    else if (!counsellor && shown === item.since) setTyping(true);
    ask();
    send();
  }

  function later(seconds, lineIsBad) {
    fails += 1;
    if (lineIsBad) setAway(true);
    queue.forEach(function (item) { state(item, "wait"); });
    retry = setTimeout(sendNow, (seconds || pause(fails)) * 1000);
  }

  function openSession(done) {
    call("POST", "/chat/session", null, SEND_S, function (status, data, seconds) {
      if (status === 200 && data.token) tab.keep(data.token);
      done(status === 200 && Boolean(data.token), seconds);
    });
  }

  /* ---- news ---- */

  function ask() {
    if (look || tab.left || !tab.token()) return;
    if (document.hidden && Date.now() - hiddenAt > ASLEEP_MS) return; // asks again when it is looked at again
    clearTimeout(lookTimer);
    lookedAt = Date.now();
    look = call("GET", "/chat/updates?after=" + after, null, LOOK_S, function (status, data, seconds) {
      var quick = Date.now() - lookedAt < 1000;
      look = null;
      if (status === 200 && data.messages) {
        blind = 0;
        if (!queue.length) setAway(false);
        setCounsellor(data.counsellor);
        data.messages.forEach(function (message) {
          after = message.seq;
          show(message);
        });
        lookTimer = setTimeout(ask, quick && !data.messages.length ? 2000 : 0);
      } else if (status === 401) {
        tab.keep(null); // the next message opens a new session
        after = 0;
      } else {
        blind += 1;
        if (blind >= AWAY_AFTER) setAway(true);
        lookTimer = setTimeout(ask, (seconds || pause(blind)) * 1000);
      }
    });
  }

  function askAgain() {
    if (look && Date.now() - lookedAt > 2000) look.abort(); // a line that slept with the phone; ends as a failed try
    else ask();
  }

  /* ---- what is seen ---- */

  function numberPattern(list) {
    return new RegExp("(^|[^0-9A-Za-z/.,-])(" + list.join("|") + ")(?![0-9/]|[.,-][0-9])", "g");
  }

  /* The text as text, with our own telephone numbers as links. */
  function fill(node, text) {
    var at = 0;
    text.replace(numbers, function (whole, before, number, offset) {
      var start = offset + before.length;
      var link = element("a", "", number);
      link.href = "tel:" + number;
      node.appendChild(document.createTextNode(text.slice(at, start)));
      node.appendChild(link);
      at = start + number.length;
      return whole;
    });
    node.appendChild(document.createTextNode(text.slice(at)));
  }

  /* Own words: to the end. Answers: the first line of the first one stays in sight, so that the numbers in it are
     not pushed away by what comes next. Who has scrolled up is left there and told. */
  function place(node, own) {
    log.appendChild(node);
    if (own) {
      unread = null;
      log.scrollTop = log.scrollHeight;
    } else if (atEnd) {
      if (!unread || Date.now() - unreadAt > READ_MS) {
        unread = node;
        unreadAt = Date.now();
      }
      log.scrollTop = unread.offsetTop - log.offsetTop - 8;
    }
    newer.hidden = own || node.offsetTop - log.offsetTop < log.scrollTop + log.clientHeight - 60;
    notePlace();
  }

  function notePlace() {
    atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
    if (atEnd) newer.hidden = true;
  }

  /* After a change of the page's height, the end stays in sight of who was at the end. */
  function stay() {
    if (atEnd) log.scrollTop = log.scrollHeight;
  }

  function showOwn(text) {
    var node = element("div", "message own");
    var body = element("p", "text", text);
    body.insertBefore(element("span", "unseen", "Bạn: "), body.firstChild);
    node.appendChild(body);
    var line = node.appendChild(element("p", "state"));
    place(node, true);
    return line;
  }

  function state(item, what) {
    var line = item.line;
    line.textContent = { send: "Đang gửi…", sent: "Đã gửi", wait: "Chưa gửi được. ", refused: "Tin này không gửi được." }[what];
    line.className = "state " + what;
    line.setAttribute("aria-hidden", what === "send" || what === "sent" ? "true" : "false");
    if (what === "wait") {
      var again = line.appendChild(element("button", "again", "Gửi lại"));
      again.type = "button";
      again.addEventListener("click", sendNow);
    }
    stay();
  }

  function showSystem(text) {
    if (text) show({ author: "system", text: text });
  }

  function show(message) {
    var node = element("div", "message " + message.author);
    var body = element("div", "text");
    shown += 1;
    setTyping(false);
    if (WHO[message.author]) node.appendChild(element("p", "who", WHO[message.author]));
    fill(body, message.text);
    node.appendChild(body);
    if (message.citations && message.citations.length) node.appendChild(sources(message.citations));
    if (message.buttons && message.buttons.length) node.appendChild(chips(message));
    if (message.at) node.appendChild(element("p", "time", hour(message.at)));
    place(node, false);
  }

  function sources(citations) {
    var node = element("details");
    node.appendChild(element("summary", "", "Nguồn"));
    citations.forEach(function (citation) { node.appendChild(element("p", "", "Nguồn: " + citation)); });
    return node;
  }

  function chips(message) {
    var node = element("div", "chips");
    message.buttons.forEach(function (title, index) {
      var chip = element("button", "chip", title);
      chip.type = "button";
      chip.addEventListener("click", function () {
        node.parentNode.removeChild(node);
        write(title, { message: message.id, index: index });
        field.focus();
      });
      node.appendChild(chip);
    });
    return node;
  }

  function hour(at) {
    var moment = new Date(at);
    return ("0" + moment.getHours()).slice(-2) + ":" + ("0" + moment.getMinutes()).slice(-2);
  }

  function setTyping(on) {
    clearTimeout(typingTimer);
    typing.textContent = on ? "Đang soạn…" : "";
    if (on) typingTimer = setTimeout(setTyping, TYPING_MS, false);
  }

  function setCounsellor(on) {
    if (Boolean(on) === counsellor) return;
    counsellor = Boolean(on);
    there.textContent = counsellor ? THERE : "";
    there.hidden = !counsellor;
    stay();
    if (counsellor) setTyping(false);
  }

  function setAway(on) {
    if (on === !away.hidden) return;
    away.hidden = !on;
    away.textContent = "";
    if (on) away.appendChild(document.importNode(byId("away-text").content, true));
    stay();
  }

  /* ---- the page ---- */

  function grow() {
    field.style.height = "auto";
    field.style.height = Math.min(field.scrollHeight + 2, 140) + "px";
  }

  function submit() {
    var text = field.value.replace(/[\u0000-\u0008\u000b-\u001f]/g, " ").trim();
    if (!text) return;
    field.value = "";
    grow();
    parts(text).forEach(function (part) { write(part); });
    field.focus();
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    submit();
  });
  field.addEventListener("keydown", function (event) {
    var enter = event.key === "Enter" || event.keyCode === 13;
    if (!enter || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit();
  });
  field.addEventListener("input", grow);
  newer.addEventListener("click", function () {
    log.scrollTop = log.scrollHeight;
    newer.hidden = true;
  });
  log.addEventListener("scroll", notePlace);
  window.addEventListener("resize", stay);
  window.addEventListener("offline", function () { setAway(true); });
  window.addEventListener("online", function () {
    sendNow();
    askAgain();
  });
  document.addEventListener("visibilitychange", function () {
    hiddenAt = Date.now();
    if (document.hidden) return;
    sendNow();
    askAgain();
  });
  tab.unsent = function () {
    return queue.map(function (item) { return item.body; });
  };
  tab.onleave = function () {
    queue = [];
    clearTimeout(retry);
    clearTimeout(lookTimer);
    clearTimeout(typingTimer);
    if (look) look.abort();
  };

  byId("plain").hidden = true;
  form.hidden = false;
  if (tab.token()) {
    showSystem("Trang vừa được mở lại. Tin bạn đã gửi vẫn được giữ, chỉ không hiện lại ở đây.");
    ask();
  } else {
    openSession(function () { send(); });
  }
})();
