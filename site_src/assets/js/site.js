/* What script adds to a page that is complete without it: the change between light and dark, and small courtesies. */
(function () {
  "use strict";
  var body = document.body;
  var key = "minhbach.scheme";
  var prefersDark = matchMedia("(prefers-color-scheme: dark)");
  var button = document.querySelector(".scheme");

  function stored() {
    try { return localStorage.getItem(key); } catch (error) { return null; } // storage can be forbidden
  }

  function store(scheme) {
    try {
      if (scheme) localStorage.setItem(key, scheme);
      else localStorage.removeItem(key);
    } catch (error) { /* then the choice lasts for this page */ }
  }

  function preferred() {
    return prefersDark.matches ? "slate" : "default";
  }

  function show(scheme) {
    body.setAttribute("data-md-color-scheme", scheme);
    if (button) button.setAttribute("aria-pressed", String(scheme === "slate"));
  }

  show(stored() || preferred());
  prefersDark.addEventListener("change", function () {
    if (!stored()) show(preferred());
  });
  if (button) {
    button.addEventListener("click", function () {
      var scheme = body.getAttribute("data-md-color-scheme") === "slate" ? "default" : "slate";
      // Whoever comes back to what the system prefers follows the system again.
      store(scheme === preferred() ? null : scheme);
      show(scheme);
    });
  }

  var menu = document.querySelector(".menu");
  if (menu) {
    document.addEventListener("keydown", function (event) {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
    document.addEventListener("click", function (event) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  }

  // An address can name something inside a closed <details>; open what hides it, then go there.
  function reveal() {
    var target = location.hash && document.querySelector(":target");
    var closed = target && target.closest("details:not([open])");
    if (!closed) return;
    for (; closed; closed = closed.parentElement.closest("details:not([open])")) closed.open = true;
    target.scrollIntoView();
  }
  addEventListener("hashchange", reveal);
  reveal();

  // The layout for phones makes blocks of a table's parts, and Safari then forgets what they are. In the page the roles
  // would be an error of HTML, since there they are implied.
  var roles = { table: "table", thead: "rowgroup", tbody: "rowgroup", tr: "row", td: "cell" };
  document.querySelectorAll("table.figures").forEach(function (table) {
    [table].concat(Array.prototype.slice.call(table.querySelectorAll("thead, tbody, tr, th, td"))).forEach(function (part) {
      var role = roles[part.localName] || (part.scope === "row" ? "rowheader" : "columnheader");
      part.setAttribute("role", role);
    });
  });

  // A text to copy; without a clipboard (an old browser, a page from a folder) the button stays hidden.
  if (navigator.clipboard) {
    document.querySelectorAll("[data-copy]").forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", function () {
        var text = button.closest(".copied, details").querySelector("[data-copy-text]").innerText;
        navigator.clipboard.writeText(text).then(function () { button.textContent = button.dataset.copied; });
      });
    });
  }

  // In a folder without a server an address ends in the name of its file.
  if (location.protocol === "file:") {
    document.querySelectorAll("a[href], form[action]").forEach(function (element) {
      var name = element.tagName === "FORM" ? "action" : "href";
      var parts = /^([^?#]*)(.*)$/.exec(element.getAttribute(name));
      var path = parts[1].replace(/(^|\/)(\.{1,2})$/, "$1$2/");
      if (/\/$/.test(path) && !/^[a-z]+:/i.test(path)) element.setAttribute(name, path + "index.html" + parts[2]);
    });
  }

  // A chart is drawn on request, by a script that comes with the first press. A page from a folder may not load it.
  var buttons = document.querySelectorAll(".chart__button");
  function first(event) {
    var pressed = event.currentTarget;
    var script = document.createElement("script");
    script.src = pressed.dataset.script;
    buttons.forEach(function (button) { button.removeEventListener("click", first); });
    script.addEventListener("load", function () { pressed.click(); });
    document.head.append(script);
  }
  if (location.protocol !== "file:") {
    buttons.forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", first);
    });
  }

  // Paper cannot be opened: print every <details> open, and leave the page as it was.
  var opened = [];
  addEventListener("beforeprint", function () {
    opened = Array.prototype.slice.call(document.querySelectorAll(".page details:not([open])"));
    opened.forEach(function (details) { details.open = true; });
  });
  addEventListener("afterprint", function () {
    opened.forEach(function (details) { details.open = false; });
  });
})();
