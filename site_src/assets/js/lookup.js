// Check a number: which figures equal it within rounding and scale, and which pages speak of the words.
// Runs on the page alone: the figures are one small file beside it, the words are in Pagefind's index.

const answer = document.getElementById("lookup-answer")
const field = document.getElementById("lookup")
const words = answer.dataset

/** Text without accents, in lower case, đ as d: what people type. */
const folded = text =>
  text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/g, "d").replace(/Đ/g, "D").toLowerCase()

const SCALES = [
  [/^\s*(?:ngan|nghin)\s+ty\b/, 1e12],
  [/^\s*(?:ty|ti|billion)\b/, 1e9],
  [/^\s*(?:trieu|million)\b/, 1e6],
  [/^\s*(?:nghin|ngan|thousand)\b/, 1e3],
]

/** One number as it may be written, in either language: value, and one unit of its last place. */
function read(text) {
  const plain = text.replace(/[\s\u00a0]/g, "")
  const grouped = /^\d{1,3}([.,])\d{3}(?:\1\d{3})*(?:(?!\1)[.,](\d+))?$/.exec(plain)
  const decimal = grouped ? null : /^(\d+)[.,](\d+)$/.exec(plain)
  const places = grouped ? (grouped[2] || "").length : decimal ? decimal[2].length : 0
  const digits = plain.replace(/[.,]/g, "")
  return { value: Number(digits) / 10 ** places, step: 10 ** -places }
}

/** Every way the numbers of a query can be meant, each with the interval that rounding leaves open. */
function numbers(query) {
  const found = []
  for (const match of query.matchAll(/\d+(?:[.,]\d+)*/g)) {
    const { value, step } = read(match[0])
    const after = folded(query.slice(match.index + match[0].length))
    const scale = SCALES.find(([pattern]) => pattern.test(after))?.[1] || 1
    found.push({ value: value * scale, low: (value - step / 2) * scale, high: (value + step / 2) * scale, scaled: scale !== 1 })
    // 2.325 typed by a reader of English is two and a third.
    if (/^\d{1,3}[.,]\d{3}$/.test(match[0])) {
      const other = Number(match[0].replace(",", "."))
      found.push({ value: other, low: other - 0.0005, high: other + 0.0005, scaled: false })
    }
  }
  return found
}

/** How near a figure is to a number: 0 equal, more the farther; null when rounding does not explain the difference. */
function distance(figure, number) {
  const ends = [figure.value, figure.base].map(Number)
  if (figure.high) ends.push(Number(figure.high))
  let best = null
  for (const value of ends) {
    const near = value >= number.low && value < number.high
    const slack = Number(figure.step) / 2
    if (!near && Math.abs(value - number.value) > slack) continue
    const size = Math.abs(value - number.value) / (Math.abs(value) || 1)
    if (best === null || size < best) best = size
  }
  return best
}

const make = (tag, className, text) => {
  const element = document.createElement(tag)
  if (className) element.className = className
  if (text) element.textContent = text
  return element
}

const link = (href, text) => {
  const a = make("a", "", text)
  a.href = href
  return a
}

function figureEntry(figure) {
  const item = make("li")
  const number = make("p", "found__number")
  const close = figure.unit === "%" && document.documentElement.lang === "en" // 2.27%, but 2,27 %
  number.append(link(figure.href, figure.number), close ? "" : "\u00a0", make("span", "unit", figure.unit))
  const body = make("div")
  const source = make("p", "found__source")
  source.append(link(figure.href, figure.source))
  body.append(make("p", "found__title", figure.name), make("p", "found__where", figure.where), source)
  item.append(number, body)
  return item
}

function pageEntry(page) {
  const item = make("li")
  const body = make("div")
  const title = make("p", "found__title")
  title.append(link(page.url, page.meta.title))
  const excerpt = make("p", "found__where")
  // The excerpt is HTML with <mark>; only its text is shown.
  excerpt.textContent = new DOMParser().parseFromString(page.excerpt, "text/html").body.textContent
  body.append(title, excerpt)
  item.append(body)
  return item
}

async function figures() {
  const response = await fetch("con-so.json")
  return response.json()
}

async function pages(query) {
  const pagefind = await import(new URL("../pagefind/pagefind.js", location.href))
  await pagefind.options({ ranking: { termSimilarity: 2 } })
  const search = await pagefind.search(query)
  const found = await Promise.all(search.results.slice(0, 12).map(result => result.data()))
  const nearness = page => [rank(page.meta.title, query), page.meta.title.length]
  return found.sort((a, b) => {
    const [x, y] = [nearness(a), nearness(b)]
    return x[0] - y[0] || x[1] - y[1]
  })
}

/** How well a title answers a query: the very words first, accents and all, then the words as people type them. */
function rank(title, query) {
  const [plain, typed] = [title.normalize("NFC").toLowerCase(), query.normalize("NFC").toLowerCase()]
  if (plain === typed) return 0
  if (folded(plain) === folded(typed)) return 1
  if (plain.includes(typed)) return 2
  return folded(plain).includes(folded(typed)) ? 3 : 4
}

function list(title, entries, entry, className) {
  if (!entries.length) return
  answer.append(make("h2", "", title))
  const ul = make("ul", className)
  ul.append(...entries.map(entry))
  answer.append(ul)
}

async function look(query) {
  answer.replaceChildren(make("p", "hint", words.working))
  const asked = numbers(query)
  const [all, foundPages] = await Promise.all([figures(), pages(query).catch(() => [])])
  const found = all
    .map(figure => ({ figure, near: Math.min(...asked.map(n => distance(figure, n) ?? Infinity)) }))
    .filter(({ near }) => near < Infinity)
    .sort((a, b) => a.near - b.near)
    .slice(0, 30)
    .map(({ figure }) => figure)
  answer.replaceChildren()
  list(words.figures, found, figureEntry, "found")
  list(words.pages, foundPages, pageEntry, "found found--pages")
  if (!found.length && (asked.length || !foundPages.length)) {
    const empty = make("div", "empty")
    const text = make("p")
    text.append(make("strong", "", words.none.replace("{query}", query)), " ", words.meaning)
    empty.append(text)
    answer.prepend(empty)
  }
}

const asked = new URLSearchParams(location.search).get("q")
if (asked) {
  field.value = asked
  look(asked.normalize("NFC"))
}
