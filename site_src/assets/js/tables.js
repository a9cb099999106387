/* What script adds to a long table that is complete without it: a field that filters its rows, buttons that sort them. */
(function () {
  "use strict";
  var language = document.documentElement.lang || "vi";
  var collator = new Intl.Collator(language, { numeric: true });
  var SVG = "http://www.w3.org/2000/svg";

  function plain(text) {
    return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase()
      .replace(/\s+/g, " ").trim();
  }

  // The number in a cell as the language writes it; NaN where there is none.
  function number(text) {
    var found = /\d[\d.,]*/.exec(text);
    if (!found) return NaN;
    return parseFloat(language === "en" ? found[0].replace(/,/g, "") : found[0].replace(/\./g, "").replace(",", "."));
  }

  function make(name, attributes, parent) {
    var element = document.createElement(name);
    Object.keys(attributes).forEach(function (key) { element.setAttribute(key, attributes[key]); });
    parent.appendChild(element);
    return element;
  }

  function arrows(button) {
    var svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 8 12");
    svg.setAttribute("aria-hidden", "true");
    ["M1 4.5 4 1.5 7 4.5", "M1 7.5 4 10.5 7 7.5"].forEach(function (shape) {
      var path = document.createElementNS(SVG, "path");
      path.setAttribute("d", shape);
      svg.appendChild(path);
    });
    button.appendChild(svg);
  }

  function key(row, column, isNumber) {
    var text = row.cells[column].textContent.trim();
    return isNumber ? number(text) : text;
  }

  function isMissing(value) {
    return value === "" || value !== value;
  }

  function equip(table, n) {
    var words = table.dataset;
    var body = table.tBodies[0];
    var rows = Array.prototype.slice.call(body.rows);
    var texts = rows.map(function (row) { return plain(row.textContent); });
    var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);

    var bar = document.createElement("div");
    bar.className = "tools";
    var id = "filter-" + n;
    make("label", { for: id }, bar).textContent = words.filter;
    var field = make("input", { type: "search", id: id, autocomplete: "off", spellcheck: "false" }, bar);
    var said = make("p", { role: "status" }, bar);
    var frame = table.closest(".scroll") || table;
    frame.parentNode.insertBefore(bar, frame);

    function filter() {
      var wanted = plain(field.value).split(" ");
      var shown = 0;
      rows.forEach(function (row, i) {
        row.hidden = !wanted.every(function (word) { return texts[i].indexOf(word) >= 0; });
        if (!row.hidden) shown += 1;
      });
      said.textContent = field.value.trim()
        ? words.shown.replace("{shown}", shown).replace("{all}", rows.length) : "";
    }
    field.addEventListener("input", filter);

    // Up, down, then as it was: the order of the text is worth coming back to.
    function sort(head) {
      var before = head.getAttribute("aria-sort");
      var order = before === "ascending" ? "descending" : before === "descending" ? null : "ascending";
      heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
      var sorted = rows.slice();
      if (order) {
        head.setAttribute("aria-sort", order);
        var column = heads.indexOf(head);
        var isNumber = head.classList.contains("right");
        var sign = order === "ascending" ? 1 : -1;
        sorted.sort(function (a, b) {
          var x = key(a, column, isNumber), y = key(b, column, isNumber);
          if (isMissing(x) || isMissing(y)) return isMissing(x) - isMissing(y);
          return sign * (isNumber ? x - y : collator.compare(x, y));
        });
      }
      sorted.forEach(function (row) { body.appendChild(row); });
    }

    heads.forEach(function (head) {
      var label = head.textContent;
      head.textContent = "";
      var button = make("button", { type: "button", class: "sort", title: words.sort + ": " + label }, head);
      button.textContent = label;
      arrows(button);
      button.addEventListener("click", function () { sort(head); });
    });
    table.classList.add("sortable");

    // A row that an address names is never left hidden.
    addEventListener("hashchange", function () {
      var target = document.querySelector("tr:target");
      if (!target || !target.hidden) return;
      field.value = "";
      filter();
      target.scrollIntoView();
    });
  }

  Array.prototype.forEach.call(document.querySelectorAll("table[data-tools]"), equip);
})();
