/* "Interactive" on request. A chart stands in the page as a picture; a press on its button fetches Vega and the chart's
   specification and draws it in the picture's place. Escape or a second press brings the picture back. */
(function () {
  "use strict";

  function address(path) {
    return new URL(path, document.baseURI).href;
  }

  /* The specification in the colours of the page: variables, so that it follows the change between light and dark. */
  function themed(text) {
    var palette = JSON.parse(text).usermeta.palette;
    var names = {};
    Object.keys(palette).forEach(function (colour) { names[colour.toLowerCase()] = palette[colour]; });
    return JSON.parse(text, function (key, value) {
      return (typeof value === "string" && names[value.toLowerCase()]) || value;
    });
  }

  /* Room for the chart: panels beside one another where there is some, and the texts of the page around it. */
  function fitted(spec, width) {
    delete spec.title; // it stands above the picture
    delete spec.description;
    spec.config.background = null;
    spec.autosize = { type: "fit-x", contains: "padding" };
    if (spec.spec) {
      delete spec.autosize;
      spec.columns = width >= 560 ? 2 : 1;
      spec.spec.width = Math.max(140, Math.floor(width / spec.columns) - 84);
    } else {
      spec.width = Math.max(220, Math.floor(width));
    }
    return spec;
  }

  function set_up(chart, button) {
    var pictures = chart.querySelector(".chart__pictures");
    var live = chart.querySelector(".chart__live");
    var canvas = live.querySelector(".chart__canvas");
    var said = live.querySelector("[role=status]");
    var words = { open: button.textContent, close: button.dataset.close };
    var view = null;
    var values = [];
    var chosen = -1;

    function show(text, failed) {
      button.textContent = text;
      button.disabled = false;
      button.setAttribute("aria-pressed", String(!!view));
      live.hidden = !view && !failed;
      live.classList.toggle("chart__live--failed", !!failed);
      pictures.hidden = !!view;
      said.textContent = failed ? button.dataset.failed : "";
    }

    function close() {
      if (!view) return;
      view.finalize();
      view = null;
      canvas.textContent = "";
      show(words.open);
      button.focus();
    }

    function choose(step) {
      chosen = (chosen + step + values.length + (chosen < 0 && step < 0 ? 1 : 0)) % values.length;
      var value = values[chosen];
      view.view.signal("chosen", chosen).runAsync();
      said.textContent = [value.panel, value.label.replace(/\n/g, " "), value.text, value.kind].filter(Boolean).join(", ");
    }

    function open() {
      button.disabled = true;
      button.textContent = button.dataset.loading;
      var width = Math.min(pictures.clientWidth, 720);
      Promise.all([
        import(address(button.dataset.vega)),
        fetch(address(button.dataset.spec)).then(function (answer) {
          if (!answer.ok) throw new Error(String(answer.status));
          return answer.text();
        })
      ]).then(function (got) {
        var spec = themed(got[1]);
        values = spec.data.values.filter(function (row) { return "n" in row; });
        chosen = -1;
        live.hidden = false;
        return got[0].draw(canvas, fitted(spec, width), {
          ast: true, // the policy of the page allows no evaluation of strings
          actions: false,
          renderer: "svg",
          hover: false,
          logLevel: 1, // errors; that a height is by rows is no news
          defaultStyle: false,
          tooltip: { disableDefaultStyle: true }
        });
      }).then(function (drawn) {
        view = drawn;
        var svg = canvas.querySelector("svg"); // what it shows is said by the element around it
        svg.setAttribute("aria-hidden", "true");
        svg.removeAttribute("role");
        show(words.close);
        canvas.focus();
      }).catch(function (error) {
        console.error(error);
        canvas.textContent = "";
        show(words.open, true);
        button.focus();
      });
    }

    button.addEventListener("click", function () { if (view) close(); else open(); });
    chart.addEventListener("keydown", function (event) {
      if (event.key === "Escape" && view) close();
    });
    canvas.addEventListener("keydown", function (event) {
      var step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!view || !step || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      choose(step);
    });
    // Paper gets the picture; it is complete.
    addEventListener("beforeprint", close);
  }

  document.querySelectorAll(".chart__button").forEach(function (button) { set_up(button.closest(".chart"), button); });
})();
