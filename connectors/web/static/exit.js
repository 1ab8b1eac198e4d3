/* The quick exit, on every page: one tap, or Shift three times. And the token, which lives in this tab alone. */
(function () {
  "use strict";

  var KEY = "s";
  var BETWEEN_MS = 1500;
  var LONGEST = 16000; // UTF-16 units that a beacon takes along
  var way = document.getElementById("exit");
  var kept = null; // for browsers that refuse storage
  var presses = 0;
  var pressedAt = 0;
  var tab = { left: false, unsent: null, onleave: null, token: token, keep: keep };
  window.tab = tab;

  function token() {
    try {
      return window.sessionStorage.getItem(KEY) || kept;
    } catch (refused) {
      return kept;
    }
  }

  function keep(value) {
    kept = value;
    try {
      if (value) window.sessionStorage.setItem(KEY, value);
      else window.sessionStorage.removeItem(KEY);
    } catch (refused) {
      kept = value;
    }
  }

  function wipe() {
    kept = null;
    try {
      window.sessionStorage.clear();
    } catch (refused) {
      kept = null;
    }
  }

  function leave(event) {
    if (event) event.preventDefault();
    if (tab.left) return;
    var target = way.href;
    var mine = token();
    var unsent = tab.unsent ? tab.unsent() : [];
    tab.left = true;
    document.title = "Thời tiết";
    document.body.textContent = "";
    document.documentElement.className = "blank";
    wipe();
    if (tab.onleave) tab.onleave();
    if (mine) tell(mine, unsent);
    window.location.replace(target);
  }

  /* What was written and is not yet known to have arrived goes along: it may be a cry for help. */
  function tell(mine, unsent) {
    var body = JSON.stringify({ token: mine, unsent: unsent });
    while (body.length > LONGEST && unsent.pop()) body = JSON.stringify({ token: mine, unsent: unsent });
    if (navigator.sendBeacon && navigator.sendBeacon("/chat/leave", body)) return;
    var call = new XMLHttpRequest();
    call.open("POST", "/chat/leave");
    call.send(body);
  }

  way.addEventListener("click", leave);

  document.addEventListener("keydown", function (event) {
    var shift = event.key === "Shift" || event.keyCode === 16;
    if (!shift || event.ctrlKey || event.altKey || event.metaKey) {
      presses = 0; // a capital letter, or a change of keyboard
      return;
    }
    if (event.repeat) return;
    var now = Date.now();
    presses = now - pressedAt < BETWEEN_MS ? presses + 1 : 1;
    pressedAt = now;
    if (presses === 3) leave();
  }, true);

  window.addEventListener("pageshow", function (event) {
    if (event.persisted && tab.left) window.location.replace(way.href);
  });

  /* Steps between our own pages leave no entries behind that Back could lead to. */
  document.addEventListener("click", function (event) {
    var link = event.target.closest ? event.target.closest("a[data-inside]") : null;
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    window.location.replace(link.href);
  });
})();
