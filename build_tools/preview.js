// What `minhbach serve` adds to the pages it sends: they load again when they are new, and say what is wrong.
(function () {
  "use strict";
  var shown = Number(document.currentScript.dataset.number);
  var language = document.documentElement.lang === "vi" ? "vi" : "en";
  var closed = ""; // what a reader has closed stays closed until something else is wrong
  var box = null;

  function element(name, style, text) {
    var made = document.createElement(name);
    made.style.cssText = style;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function remove() {
    if (box) box.remove();
    box = null;
  }

  function show(news) {
    var words = news.words[language];
    var key = JSON.stringify(news.troubles);
    remove();
    if (key === closed) return;
    box = element("section", "position:fixed;inset:auto 0 0 0;z-index:2147483647;max-height:60vh;overflow:auto;" +
      "padding:1rem 1.5rem;background:#fff;color:#1a1a1a;border-top:4px solid #b3261e;font:16px/1.5 sans-serif;" +
      "box-shadow:0 -2px 12px rgba(0,0,0,.3)");
    box.id = "minhbach-troubles";
    box.setAttribute("role", "alert");
    box.setAttribute("lang", language);
    var head = element("div", "display:flex;justify-content:space-between;align-items:start;gap:1rem;margin:0 0 .5rem");
    var close = element("button", "flex:none;padding:.4rem .8rem;font:inherit;" +
      "border:1px solid #1a1a1a;border-radius:4px;background:#fff;color:#1a1a1a;cursor:pointer", words.close);
    head.append(element("p", "margin:0;font-weight:bold", words.title), close);
    box.append(head);
    close.type = "button";
    close.addEventListener("click", function () { closed = key; remove(); });
    var list = element("ul", "margin:0;padding-left:1.2rem");
    news.troubles[language].forEach(function (trouble) {
      var item = element("li", "margin:0 0 .5rem");
      item.append(element("strong", "", trouble.place), ": ", trouble.said);
      if (trouble.cell) item.append(" ", element("code", "background:#f3e3e2;padding:0 .3em;white-space:pre-wrap", trouble.cell));
      item.append(element("div", "", "→ " + trouble.remedy));
      list.append(item);
    });
    box.append(list);
    if (news.more) box.append(element("p", "margin:0", words.more.replace("{n}", news.more)));
    document.body.append(box);
  }

  function mark(words) {
    if (document.getElementById("minhbach-preview")) return;
    var note = element("p", "position:fixed;inset:auto auto .5rem .5rem;z-index:2147483646;margin:0;padding:.1rem .6rem;" +
      "background:#1a1a1a;color:#fff;font:13px/1.6 sans-serif;border-radius:4px;pointer-events:none", words.mark);
    note.id = "minhbach-preview";
    note.setAttribute("role", "note");
    document.body.append(note);
  }

  var events = new EventSource("/_minhbach/events?" + encodeURIComponent(location.pathname));
  events.onmessage = function (message) {
    var news = JSON.parse(message.data);
    if (news.good && news.number !== shown) return location.reload();
    mark(news.words[language]);
    shown = news.number; // what cannot be shown is not loaded again
    if (news.troubles[language].length) show(news);
    else { closed = ""; remove(); }
  };
  // A page that is left must not hold one of the few connections that a browser has for a host.
  window.addEventListener("pagehide", function () { events.close(); });
  window.addEventListener("pageshow", function (event) { if (event.persisted) location.reload(); });
})();
