// What test_site_quality.py asks of a page; added to every page it opens, before the page's own scripts.
(() => {
  const probes = (window.probes = { violations: [] });
  document.addEventListener("securitypolicyviolation", event =>
    probes.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));

  const named = element => {
    const text = (element.getAttribute("aria-label") || element.innerText || element.value || "").trim().slice(0, 40);
    return `${element.localName}${element.id ? "#" + element.id : ""}${element.className && element.localName !== "svg"
      ? "." + String(element.className).trim().split(/\s+/).join(".") : ""} "${text}"`;
  };

  /** Whether an element is drawn; what a closed <details> hides is not, though it may have a size. */
  const shown = element => element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });

  /** Everything that a keyboard should reach, in the order of the page. */
  probes.reachable = () => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
    .filter(element => shown(element) && !element.disabled && element.tabIndex >= 0).map(named);

  const luminance = colour => {
    const parts = colour.match(/[\d.]+/g).map(Number);
    const [r, g, b] = parts.slice(0, 3).map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return { value: 0.2126 * r + 0.7152 * g + 0.0722 * b, alpha: parts.length > 3 ? parts[3] : 1 };
  };
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const found = luminance(getComputedStyle(at).backgroundColor);
      if (found.alpha === 1) return found.value;
    }
    return 1;
  };

  /** What has the focus, and what keeps a reader from seeing that it has it. */
  probes.focus = () => {
    const element = document.activeElement;
    if (!element || element === document.body || element === document.documentElement) return null;
    const wrong = [];
    const ringed = element.closest(".site-search, .number-form__field") || element;
    const style = getComputedStyle(ringed);
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) wrong.push("no ring");
    else {
      const [a, b] = [luminance(style.outlineColor).value, ground(ringed.parentElement)].sort((x, y) => y - x);
      if ((a + 0.05) / (b + 0.05) < 3) wrong.push(`a ring of contrast ${((a + 0.05) / (b + 0.05)).toFixed(2)}`);
    }
    // A link over several lines has a box for each; one that is seen is enough.
    const boxes = [...element.getClientRects()].filter(box => box.width && box.height);
    const seen = boxes.some(box => {
      const x = Math.max(0, box.left) / 2 + Math.min(innerWidth, box.right) / 2;
      const y = Math.max(0, box.top) / 2 + Math.min(innerHeight, box.bottom) / 2;
      const top = document.elementFromPoint(x, y);
      return top && (element.contains(top) || top.contains(element) || top.htmlFor === element.id);
    });
    if (!seen) wrong.push("hidden, or out of the window");
    return { name: named(element), wrong };
  };

  /** What of a box is seen, where something around it hides what does not fit. */
  const clipped = (box, element) => {
    let { left, right, top, bottom } = box;
    for (let at = element; at !== document.body; at = at.parentElement) {
      if (getComputedStyle(at).overflowX === "visible") continue;
      const frame = at.getBoundingClientRect();
      [left, right] = [Math.max(left, frame.left), Math.min(right, frame.right)];
      [top, bottom] = [Math.max(top, frame.top), Math.min(bottom, frame.bottom)];
    }
    return { left, right, top, bottom, width: right - left, height: bottom - top };
  };

  /** Pieces of text that lie on one another, in words. */
  probes.overlaps = () => {
    const lines = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!node.data.trim() || !shown(element) || element.closest("svg, .clipped, script, style, .figures thead")) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const whole of range.getClientRects()) {
        const box = clipped(whole, element);
        if (box.width > 2 && box.height > 2) lines.push({ box, node, text: node.data.trim().slice(0, 30) });
      }
    }
    lines.sort((a, b) => a.box.top - b.box.top);
    const found = [];
    lines.forEach((one, index) => {
      for (let next = index + 1; next < lines.length; next++) {
        const other = lines[next];
        // A line box is taller than its letters: a third of the smaller one is really upon the other.
        const low = Math.min(one.box.bottom, other.box.bottom) - other.box.top;
        if (low <= 0) break;
        const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        if (one.node !== other.node && wide > 2 && low > Math.min(one.box.height, other.box.height) / 3)
          found.push(`${one.text} / ${other.text}`);
      }
    });
    return found;
  };

  /** How far the page scrolls sideways. */
  probes.sideways = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;

  /** What the page has kept on the reader's machine, beside cookies. */
  probes.kept = async () => [
    ...Object.keys(localStorage).map(key => `localStorage ${key}=${localStorage[key]}`),
    ...Object.keys(sessionStorage).map(key => `sessionStorage ${key}`),
    ...(await indexedDB.databases()).map(one => `indexedDB ${one.name}`),
    ...(window.caches ? await caches.keys() : []).map(key => `cache ${key}`),
    ...(await navigator.serviceWorker.getRegistrations()).map(one => `service worker ${one.scope}`),
  ];

  /** Elements that move: those with a transition or an animation that takes time. */
  probes.moving = () => [...document.querySelectorAll("*")].filter(element =>
    ["", "::before", "::after"].some(part => {
      const style = getComputedStyle(element, part || null);
      const long = text => text.split(",").some(time => parseFloat(time) > 0.01);
      return long(style.transitionDuration) || (style.animationName !== "none" && long(style.animationDuration));
    }) || getComputedStyle(element).scrollBehavior === "smooth").map(named);

  /** A style sheet that a reader brings; a policy for styles does not bind it. */
  probes.style = text => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    document.adoptedStyleSheets = [sheet];
  };
})();
