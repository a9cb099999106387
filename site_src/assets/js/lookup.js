// Look up: which figures equal a number within rounding and scale, and which pages speak of the words of a query.
// It runs on the page alone. What it reads stands in small files below tim/, written by build_tools/render/lookup.py,
// which says how they are laid out; they are scripts, so that they load from a folder without a server too.
(() => {
  "use strict"
  const answer = document.getElementById("lookup-answer")
  const field = document.getElementById("lookup")
  const status = document.getElementById("lookup-status")
  const texts = answer.dataset
  const english = document.documentElement.lang.startsWith("en")
  const listed = name => texts[name].split("|").map(words => split(words).map(folded).join(" "))

  // ---- files ----

  const files = new Map()
  const arrivals = new WeakMap()

  // Called by each file with its own name and value.
  window.shelve = (name, value) => arrivals.get(document.currentScript)(value)

  /** The value of a file, loaded once; `folder` is that of another lookup page. */
  function load(name, folder = "") {
    const address = `${folder}tim/${name}.js`
    if (!files.has(address)) {
      files.set(address, new Promise((resolve, reject) => {
        const script = document.createElement("script")
        arrivals.set(script, resolve)
        script.src = address
        script.onerror = () => {
          files.delete(address)
          reject(new Error(address))
        }
        document.head.append(script)
      }))
    }
    return files.get(address)
  }

  const node = (shelf, prefix, folder) => load(prefix ? `${shelf}-${prefix.replace(/ /g, "_")}` : shelf, folder)

  // ---- words: the same three functions as in lookup.py ----

  const TONES = /[\u0300\u0301\u0303\u0309\u0323]/g
  const ENDINGS = [[/^([bcdđghklmnprstvx]+)y$/, "$1i"], [/^([a-z]{2,}[^sui])s$/, "$1"]]
  const withoutEnding = word => ENDINGS.reduce((rest, [ending, plain]) => rest.replace(ending, plain), word)

  const split = text => text.normalize("NFC").toLowerCase().match(/[\p{L}\p{N}]+/gu) || []

  function sound(word) {
    const letters = word.normalize("NFD")
    return withoutEnding(letters.replace(TONES, "").normalize("NFC")) + (letters.match(TONES) || []).join("")
  }

  const folded = word => withoutEnding(word.replace(/đ/g, "d").normalize("NFD").replace(/[^a-z0-9]/g, ""))

  // LĐ-TB&XH and L.Đ.T.B.X.H are one word, like LĐTBXH.
  const joined = text => text.normalize("NFC").replace(/\p{Lu}+(?:[-&.]\p{Lu}+)+/gu, word => word.replace(/[-&.]/g, ""))

  const fill = (text, values) => text.replace(/\[(\w+): ([^|\]]*?) \| ([^\]]*?)\]/g, (_, name, one, many) =>
    values[name] === 1 ? one : many).replace(/\{(\w+)\}/g, (_, name) => values[name])

  // ---- numbers ----

  const [GROUP, POINT] = english ? [",", "."] : [".", ","]
  const SCALES = english
    ? [[/^(?:thousand|k)\b/, 1e3], [/^(?:million|mn)\b/, 1e6], [/^(?:billion|bn)\b/, 1e9], [/^trillion\b/, 1e12]]
    : [[/^ng(?:hin|an) t[iy]\b/, 1e12], [/^(?:ng(?:hin|an)|k)\b/, 1e3], [/^van\b/, 1e4], [/^tr(?:ieu)?\b/, 1e6], [/^t[iy]\b/, 1e9]]
  const PERCENT = /^(?:%|phan tram\b|per ?cent\b)/
  const COUNTED = english
    ? /^(?:people|persons|workers|households|children|times|cases)\b/
    : /^(?:nguoi|lao dong|ho|luot|dong|tre|suat|doi tuong|truong hop|don vi|co so|doanh nghiep)\b/
  const NUMBER = /\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?![\d.,]*\d)|\d+(?:[.,]\d+)*/g
  // What has digits and is no amount: days, and the numbers of papers such as 43/NQ-CP.
  const NO_AMOUNT = /\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d+\/(?:\d{4}\/)?\p{Lu}[\p{L}-]*|(?<![\d.,])\d{1,2}\/\d{1,2}(?:\/\d{4})?(?![\d.,/])/gu
  const NOT_COUNTING = /(?:quy|thang|dieu|khoan|muc|ngay|article|section|quarter)\s*$/

  const WORDS = english
    ? numberWords("one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", [
      [20, "twenty"], [30, "thirty"], [40, "forty"], [50, "fifty"], [60, "sixty"], [70, "seventy"], [80, "eighty"], [90, "ninety"]])
    : numberWords("một hai ba bốn năm sáu bảy tám chín mười", [[1, "mốt"], [4, "tư"], [5, "lăm"], [5, "nhăm"], [7, "bẩy"]])
  const TEN = ["mươi", "muoi"]
  const HUNDRED = ["trăm", "tram", "hundred"]
  const SILENT = ["linh", "lẻ", "le", "and"]
  const SCALE_WORDS = new Map(english
    ? [["thousand", 1e3], ["million", 1e6], ["billion", 1e9]]
    : [["nghìn", 1e3], ["nghin", 1e3], ["ngàn", 1e3], ["ngan", 1e3], ["vạn", 1e4], ["van", 1e4], ["triệu", 1e6], ["trieu", 1e6], ["tỷ", 1e9], ["tỉ", 1e9], ["ty", 1e9], ["ti", 1e9]])

  /** The values of number words, as written and without accents; what is written has the first say. */
  function numberWords(row, more) {
    const all = [...row.split(" ").map((word, n) => [n + 1, word]), ...more]
    return new Map([...all.map(([value, word]) => [word.normalize("NFD").replace(/\p{M}/gu, ""), value]), ...all.map(([value, word]) => [word, value])])
  }

  /** Every way a printed number can be read: value and decimals, the way of the page's language first. */
  function readings(text) {
    const found = []
    for (const [group, point] of [[GROUP, POINT], [POINT, GROUP]]) {
      const grouped = new RegExp(`^\\d{1,3}(?:[${group} \\u00a0\\u202f]\\d{3})+(?:[${point}](\\d+))?$`).exec(text)
      const plain = new RegExp(`^\\d+(?:[${point}](\\d+))?$`).exec(text)
      const match = grouped || plain
      if (!match) continue
      const places = (match[1] || "").length
      const value = Number(text.replace(/\D/g, "")) / 10 ** places
      if (!found.some(other => other.value === value)) found.push({ value, places, own: group === GROUP })
    }
    return found
  }

  /** The unit of a number's last digit that is no zero; at least the second digit where `most` is set. */
  function coarseness(value, places, most) {
    let unit = 10 ** -places
    if (!value || places) return unit
    while (value % (unit * 10) === 0 && !(most && value < unit * 100)) unit *= 10
    return unit
  }

  /** The word before a number that says over, under or about; or an empty text. */
  function qualifier(before) {
    const words = ` ${split(before).map(folded).slice(-4).join(" ")}`
    return ["over", "under", "about"].find(name => listed(name).some(way => words.endsWith(` ${way}`))) || ""
  }

  /** From where to where a number may lie that is written like this. */
  function interval({ value, places }, scale, word) {
    const coarse = coarseness(value, places, false)
    if (word === "over") return [value * scale, (value + coarse) * scale]
    if (word === "under") return [(value - coarse) * scale, value * scale]
    let half = 10 ** -places / 2
    if (word === "about") half = Math.max(half, coarse / 2)
    else if (scale === 1 && value >= 1000) half = Math.max(half, coarseness(value, places, true) / 2)
    return [(value - half) * scale, (value + half) * scale]
  }

  /** The numbers that a query writes in words, each from two words on: "mười bảy nghìn". */
  function inWords(query) {
    const found = []
    const tokens = [...query.matchAll(/\p{L}+/gu)].map(match => ({ word: match[0].toLowerCase(), index: match.index }))
    for (let start = 0; start < tokens.length; start++) {
      if (!WORDS.has(tokens[start].word)) continue
      let [total, part, last, unit, end, counting] = [0, 0, 0, 1, start, 0]
      for (; end < tokens.length; end++) {
        const { word, index } = tokens[end]
        const gap = end > start ? query.slice(tokens[end - 1].index + tokens[end - 1].word.length, index) : ""
        if (/[^\s-]/.test(gap)) break
        if (WORDS.has(word)) {
          const value = WORDS.get(word)
          if (last && (last < 10 || value > 9)) break // two digits side by side are two numbers
          part += value
          last = value
          unit = 1
        } else if (TEN.includes(word) && last && last < 10) {
          part += last * 9
          last = 10
          unit = 10
          counting++
        } else if (HUNDRED.includes(word) && last) {
          part *= 100
          last = 0
          unit = 100
          counting++
        } else if (SCALE_WORDS.has(word) && part) {
          unit = SCALE_WORDS.get(word)
          total += part * unit
          part = last = 0
          counting++
        } else if (!(SILENT.includes(word) && counting)) break
      }
      const value = total + part
      if (counting || value > 10) {
        const close = tokens[end - 1].index + tokens[end - 1].word.length
        found.push({ index: tokens[start].index, end: close, value, unit })
        start = end - 1
      } else if (end > start + 1) start = end - 1
    }
    return found
  }

  /**
   * The numbers that a query asks for, in order: `text` as written, `ways` it can be meant, and where it stands; and the
   * years that it speaks of.
   */
  function numbers(query) {
    const years = []
    const asked = []
    const hidden = query.replace(NO_AMOUNT, found => " ".repeat(found.length))
    for (const { index, end, value, unit } of inWords(hidden)) {
      const word = qualifier(hidden.slice(0, index))
      const [low, high] = interval({ value: value / unit, places: 0 }, unit, word)
      const percent = PERCENT.test(bare(hidden.slice(end)))
      asked.push({ text: query.slice(index, end), index, end, percent, ways: [{ value, low, high, own: true, loose: unit > 1 }] })
    }
    const inside = index => asked.some(number => number.index <= index && index < number.end)
    let whole = hidden.trim()
    for (const match of hidden.matchAll(NUMBER)) {
      if (inside(match.index)) continue
      let [text, index, end] = [match[0], match.index, match.index + match[0].length]
      const before = hidden.slice(0, index)
      const after = bare(hidden.slice(end))
      if (/^(?:19|20)\d\d$/.test(text) && text !== whole && !COUNTED.test(after) && !PERCENT.test(after)) {
        years.push(text)
        continue
      }
      if (NOT_COUNTING.test(bare(before)) || /[\p{L}]$/u.test(before)) continue
      const scaled = SCALES.find(([pattern]) => pattern.test(after))
      if (scaled) {
        const unit = /^\s*\p{L}+(?:\s+t[ỷỉyi](?!\p{L}))?/u.exec(hidden.slice(end))
        if (unit && (scaled[1] === 1e12 && !english)) end += unit[0].length
        else end += /^\s*\p{L}+/u.exec(hidden.slice(end))[0].length
      }
      const rest = bare(hidden.slice(end))
      const word = qualifier(before)
      const ways = readings(text).map(reading => {
        const [low, high] = interval(reading, scaled ? scaled[1] : 1, word)
        return { value: reading.value * (scaled ? scaled[1] : 1), low, high, own: reading.own, loose: Boolean(scaled || word) }
      })
      // The second end of a range: 15–20, từ 15 đến 20.
      const earlier = asked[asked.length - 1]
      const between = earlier && hidden.slice(earlier.end, index)
      if (earlier && /^\s*(?:[-–—]|đến|den|to)\s*$/.test(between) && earlier.ways[0].value < ways[0].value) {
        const times = scaled && earlier.ways[0].value < ways[0].value / scaled[1] ? scaled[1] : 1
        earlier.ways = [{ value: earlier.ways[0].value * times, low: earlier.ways[0].low * times, high: ways[0].high, to: ways[0].value, own: true }]
        earlier.end = end
        earlier.text = query.slice(earlier.index, end)
        earlier.percent = PERCENT.test(rest)
        continue
      }
      const scale = scaled ? scaled[1] : 1
      asked.push({ text: query.slice(index, end), index, end, percent: PERCENT.test(rest), scale, ways })
    }
    asked.sort((a, b) => a.index - b.index)
    return { asked, years }
  }

  /** Text without accents, blanks at the front left out: what units and scales are read from. */
  const bare = text =>
    text.normalize("NFC").toLowerCase().replace(/đ/g, "d").normalize("NFD").replace(/\p{M}/gu, "").trim()

  // ---- figures ----

  const [NUMBER_TEXT, UNIT, NAME, WHERE, SOURCE, ROW, PLACE, VALUE, LOW, HIGH, SCALE, END] = Array(12).keys()
  const FILES = 14 // of the shelf of numbers, for one way of reading a number
  const SHOWN = 30

  /** From where to where the numbers lie that stand below a prefix of the shelf. */
  function span(prefix) {
    if (!prefix) return [0, Infinity]
    if (prefix === "0") return [0, 0]
    const size = 10 ** (prefix.charCodeAt(0) - "m".charCodeAt(0))
    if (prefix.length === 1) return [size, size * 10]
    const unit = size / 10 ** (prefix.length - 2)
    const low = Number(prefix.slice(1)) * unit
    return [low, low + unit]
  }

  /** What stands near an interval on the shelf of numbers, the nearest files first. */
  async function near(low, high, folder) {
    const [from, to] = [Math.min(low, low * 0.9), Math.max(high, high * 1.1)]
    const middle = (low + high) / 2
    const gap = prefix => {
      const [a, b] = span(prefix)
      return a <= middle && middle < b ? 0 : Math.min(Math.abs(a - middle), Math.abs(b - middle))
    }
    const open = [""]
    const found = []
    for (let n = 0; open.length && n < FILES; n++) {
      open.sort((a, b) => gap(a) - gap(b))
      const prefix = open.shift()
      const [items, next] = await node("so", prefix, folder)
      found.push(...items)
      for (const sign of next) {
        const [a, b] = span(prefix + sign)
        if (a <= to && b >= from) open.push(prefix + sign)
      }
    }
    return found
  }

  // ---- all places: the shelf of numbers says which places have a number, and their own shelves which figures ----

  const places = JSON.parse(texts.places || "[]") // of each: where its lookup page stands, and its name
  const MOST_PLACES = 6 // that are asked for one way of reading a number

  /** The places that have a number near an interval, the nearest first, and how far from it. */
  async function placesNear(low, high) {
    const gaps = new Map()
    for (const [value, holding] of await near(low, high, texts.numbers)) {
      if (value < low * 0.9 || value > high * 1.1) continue
      for (const n of holding) gaps.set(n, Math.min(Math.max(low - value, value - high, 0), gaps.has(n) ? gaps.get(n) : Infinity))
    }
    return [...gaps].sort((a, b) => a[1] - b[1] || a[0] - b[0]).map(([n, gap]) => [...places[n], gap])
  }

  /** The figures near an interval; of several sites, as seen from here. */
  async function figuresNear(low, high) {
    if (!places.length) return near(low, high)
    const asked = (await placesNear(low, high)).slice(0, MOST_PLACES)
    const found = await Promise.all(asked.map(async ([folder]) =>
      (await near(low, high, folder)).map(figure =>
        figure.map((part, n) => n === ROW || n === PLACE ? folder + part : part))))
    return found.flat()
  }

  /** The places that have a number and were not asked for it. */
  async function placesBeyond(number) {
    const { low, high } = number.ways[0]
    return places.length ? (await placesNear(low, high)).slice(MOST_PLACES).filter(([, , gap]) => gap === 0) : []
  }

  const same = (a, b) => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b))

  /** How a figure answers one way of reading a number: [tier, difference], or null where rounding does not explain it. */
  function match(figure, way, number) {
    let best = null
    const ends = figure[END] === null ? [figure[VALUE]] : [figure[VALUE], figure[END]]
    const scales = figure[SCALE] === 1 ? [1] : [1, figure[SCALE]]
    for (const scale of scales) {
      const times = scale / figure[SCALE] // the interval is in base units
      for (const end of ends) {
        const value = end * scale
        const equal = same(value, way.value) && (way.to === undefined || (figure[END] !== null && same(figure[END] * scale, way.to)))
        const within = value > way.low * (1 - 1e-12) && value < way.high * (1 + 1e-12)
        const rounded = way.own && figure[END] === null && way.value >= figure[LOW] * times * (1 - 1e-12) && way.value <= figure[HIGH] * times * (1 + 1e-12)
        if (!equal && !within && !rounded) continue
        const off = number.percent && figure[UNIT].indexOf("%") < 0 ? 2 : 0
        // Whoever says "over 17,000" or "17 thousand" means what rounds to it as much as what equals it.
        const tier = (equal || (way.loose && within) ? 0 : within ? 1 : 2) + (way.own ? 0 : 3) + off
        const difference = Math.abs(value - way.value) / (Math.abs(value) || 1)
        if (!best || tier < best[0] || (tier === best[0] && difference < best[1])) best = [tier, difference]
      }
    }
    return best
  }

  /** The figures that equal a number within rounding and scale: the equal first, then by the words of the query. */
  async function figuresFor(number, words, years) {
    const found = new Map()
    for (const way of number.ways) {
      for (const figure of await figuresNear(way.low, way.high)) {
        const result = match(figure, way, number)
        const known = found.get(figure[ROW])
        if (result && (!known || result[0] < known.tier)) found.set(figure[ROW], { figure, tier: result[0], difference: result[1] })
      }
    }
    const pairs = words.slice(1).map((word, n) => `${words[n]} ${word}`)
    for (const entry of found.values()) {
      const text = ` ${split([entry.figure[NAME], entry.figure[UNIT], entry.figure[WHERE], entry.figure[SOURCE]].join(" ")).map(folded).join(" ")} `
      const hits = list => list.filter(part => text.includes(` ${part} `)).length
      entry.context = hits(words) + 2 * hits(pairs) + 3 * hits(years)
    }
    return [...found.values()].sort((a, b) => a.tier - b.tier || b.context - a.context || a.difference - b.difference)
      .map(({ figure }) => figure)
  }

  // ---- pages ----

  const PER_BLOCK = 8
  const OTHER_ACCENTS = 0.3 // what a hit counts that is spelled alike only without accents
  const MISTYPED = 0.5
  const NOWHERE = 40

  /** The entry of a term on the shelf of words, or null. */
  async function entryOf(term) {
    for (let length = 0; length <= term.length; length++) {
      const [items, next] = await node("tu", term.slice(0, length))
      const item = items.find(([name]) => name === term)
      if (item) return item
      if (!next.includes(term[length]) || length === term.length) return null
    }
    return null
  }

  /** Whether two words differ by one letter: put in, left out, another, or two exchanged. */
  function oneApart(a, b) {
    if (Math.abs(a.length - b.length) > 1 || a === b) return false
    let n = 0
    while (a[n] && a[n] === b[n]) n++
    const [restA, restB] = [a.slice(n), b.slice(n)]
    return restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1) ||
      (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2))
  }

  /** The words of a query: each with what it may stand for, and whether its accents were typed. */
  function meant(words) {
    return Promise.all(words.filter(folded).map(async word => {
      const [plain, form] = [folded(word), sound(word)]
      const as = [{ plain, form, accented: plain !== form, factor: 1 }]
      if (plain.length < 3 || await entryOf(plain)) return as
      const all = (await load("am")).split(" ")
      const close = all.filter(other => oneApart(plain, other)).slice(0, 8)
      return close.length ? close.map(other => ({ plain: other, form: other, accented: false, factor: MISTYPED })) : as
    }))
  }

  /** The pages that words find: numbers of pages by score, the best first. */
  async function pagesFor(words) {
    const sought = await meant(words)
    const scores = new Map()
    const covered = new Map() // by page, then by position in the query: how well that word is met

    async function count(position, choice, second) {
      const entry = await entryOf(second ? `${choice.plain} ${second.plain}` : choice.plain)
      if (!entry) return 0
      const [, rare, forms] = entry
      for (const [form, pages] of Object.entries(forms)) {
        const [one, two] = form.split(" ")
        const fits = (!choice.accented || one === choice.form) && (!second || !second.accented || two === second.form)
        const met = choice.factor * (second ? second.factor : 1) * (fits ? 1 : OTHER_ACCENTS)
        for (let n = 0; n < pages.length; n += 2) {
          scores.set(pages[n], (scores.get(pages[n]) || 0) + met * rare * pages[n + 1])
          if (second) continue
          if (!covered.has(pages[n])) covered.set(pages[n], new Map())
          const seen = covered.get(pages[n])
          seen.set(position, Math.max(seen.get(position) || 0, met))
        }
      }
      return rare
    }

    // How rare each word is; one that stands nowhere is as rare as can be.
    const rarity = await Promise.all(sought.map(async (choices, n) => {
      const rare = await Promise.all(choices.map(choice => count(n, choice, null)))
      await Promise.all(choices.map(choice => Promise.all((sought[n + 1] || []).map(second => count(n, choice, second)))))
      return Math.max(...rare) || NOWHERE
    }))
    const whole = rarity.reduce((sum, rare) => sum + rare, 0)
    const share = page => [...(covered.get(page) || [])].reduce((sum, [n, part]) => sum + part * rarity[n], 0) / whole
    return [...scores].map(([page, score]) => [page, score * share(page) ** 2])
      .filter(([page]) => share(page) > 0.3)
      .sort((a, b) => b[1] - a[1] || a[0] - b[0])
  }

  async function pageRecords(numbers) {
    return Promise.all(numbers.map(async number => (await load(`trang-${Math.floor(number / PER_BLOCK)}`))[number % PER_BLOCK]))
  }

  /** The words of a query that name something: without its numbers and the words of a question. */
  function naming(query, asked) {
    let rest = query
    for (const { index, end } of asked) rest = rest.slice(0, index) + " ".repeat(end - index) + rest.slice(end)
    const words = split(joined(rest))
    const plain = words.map(folded)
    const ignored = listed("ignored").concat(asked.length ? listed("over").concat(listed("under"), listed("about")) : [])
    const dropped = new Set()
    for (const phrase of ignored) {
      const parts = phrase.split(" ")
      for (let n = 0; n + parts.length <= plain.length; n++) {
        if (parts.every((part, m) => plain[n + m] === part)) parts.forEach((_, m) => dropped.add(n + m))
      }
    }
    const kept = words.filter((_, n) => !dropped.has(n))
    return kept.length ? kept : asked.length ? [] : words
  }

  const merged = [...places] // those whose index is still to be joined to ours

  /** The pages that hold the words anywhere: Pagefind's index, which only a server can give. */
  async function inText(query) {
    const pagefind = await import(new URL("../pagefind/pagefind.js", location.href))
    // One after the other: each brings its own program and words.
    for (const [folder] of merged.splice(0)) await pagefind.mergeIndex(new URL(`${folder}../pagefind/`, location.href).pathname)
    const search = await pagefind.search(query)
    return Promise.all(search.results.slice(0, 10).map(result => result.data()))
  }

  // ---- what is shown; every text goes in as text ----

  const make = (tag, className, text) => {
    const element = document.createElement(tag)
    if (className) element.className = className
    if (text) element.textContent = text
    return element
  }

  // In a folder without a server an address ends in the name of its file.
  const local = href => location.protocol === "file:" ? href.replace(/\/(?=$|[?#])/, "/index.html") : href

  const link = (href, text) => {
    const a = make("a", "", text)
    a.href = local(href)
    return a
  }

  function figureEntry(figure) {
    const item = make("li")
    const number = make("p", "found__number")
    number.append(link(figure[ROW], figure[NUMBER_TEXT]), "\u00a0", make("span", "unit", figure[UNIT]))
    const body = make("div")
    const source = make("p", "found__source")
    source.append(link(figure[PLACE], figure[SOURCE]))
    body.append(make("p", "found__title", figure[NAME]), make("p", "found__where", figure[WHERE]), source)
    item.append(number, body)
    return item
  }

  function pageEntry([title, line, kind, href]) {
    const item = make("li")
    const body = make("div")
    const heading = make("p", "found__title")
    heading.append(link(href, title))
    body.append(heading, make("p", "found__where", line), make("p", "found__source", kind))
    item.append(body)
    return item
  }

  // An excerpt of Pagefind's is HTML with <mark>: only its text is shown.
  const textEntry = page => pageEntry([
    page.meta.title, new DOMParser().parseFromString(page.excerpt, "text/html").body.textContent, "", page.url,
  ])

  function list(title, entries, entry, className) {
    const ul = make("ul", className)
    ul.append(...entries.map(entry))
    return entries.length ? [make("h2", "", title), ul] : []
  }

  function elsewhere(query, beyond) {
    const line = make("p", "hint", texts.elsewhere)
    for (const [folder, name] of beyond) line.append(" ", link(`${folder}?q=${encodeURIComponent(query)}`, name))
    return line
  }

  function none(query) {
    const empty = make("div", "empty")
    const text = make("p")
    text.append(make("strong", "", fill(texts.none, { query })), " ", texts.noneMeans)
    empty.append(text)
    return empty
  }

  /** A button that looks for the words in the text of all pages, and puts what it finds in its place. */
  function textButton(query, shown) {
    const button = make("button", "button", fill(texts.inText, { query }))
    button.type = "button"
    button.addEventListener("click", async () => {
      button.disabled = true
      let found = []
      try {
        found = await inText(query)
      } catch (error) {
        status.textContent = texts.failed
        button.disabled = false
        return
      }
      const result = found.length ? list(texts.inTextFound, found, textEntry, "found found--pages") : [none(query)]
      status.textContent = fill(texts.counted, { figures: shown, pages: found.length })
      result[0].tabIndex = -1
      button.replaceWith(...result)
      result[0].focus()
    })
    return button
  }

  // A later query outruns an earlier one that is still loading.
  let turn = 0

  const say = (text, busy) => {
    status.textContent = text
    status.toggleAttribute("data-busy", Boolean(busy))
  }

  async function look(query) {
    const mine = ++turn
    query = query.normalize("NFC").trim()
    if (!query) {
      answer.replaceChildren()
      say("")
      return
    }
    say(texts.working, true)
    const { asked, years } = numbers(query)
    const words = naming(query, asked)
    const plain = words.map(folded).filter(word => word && !/^\d+$/.test(word))
    const shown = []
    let [figures, pages] = [0, 0]
    try {
      for (const number of asked) {
        const found = await figuresFor(number, plain, years)
        const most = asked.length > 1 ? 8 : SHOWN
        shown.push(...list(fill(texts.figures, { query: number.text }), found.slice(0, most), figureEntry, "found"))
        if (!found.length) shown.push(none(number.text))
        else if (found.length > most) shown.push(make("p", "hint", fill(texts.more, { n: found.length - most })))
        const beyond = await placesBeyond(number)
        if (beyond.length) shown.push(elsewhere(number.text, beyond))
        figures += found.length
      }
      const best = plain.length || years.length ? (await pagesFor(words)).slice(0, asked.length ? 5 : 12) : []
      const records = await pageRecords(best.map(([number]) => number))
      shown.push(...list(texts.pages, records, pageEntry, "found found--pages"))
      pages = records.length
      if (!asked.length && !pages) shown.push(none(query))
    } catch (error) {
      if (mine === turn) say(texts.failed)
      return
    }
    if (mine !== turn) return
    if (location.protocol !== "file:" && plain.length) shown.push(textButton(words.join(" "), figures))
    answer.replaceChildren(...shown)
    say(fill(texts.counted, { figures, pages }))
  }

  // ---- the address, the field and the keys ----

  const inAddress = () => new URLSearchParams(location.search).get("q") || ""

  function show() {
    field.value = inAddress()
    look(field.value)
  }

  field.form.addEventListener("submit", event => {
    event.preventDefault()
    try {
      if (field.value !== inAddress()) history.pushState(null, "", `?q=${encodeURIComponent(field.value)}`)
    } catch (error) { /* a page from a folder may not have its address changed */ }
    look(field.value)
  })
  field.addEventListener("keydown", event => {
    if (event.key === "Escape") field.value = ""
  })
  addEventListener("popstate", show)
  // A browser that comes back to the page puts into the field what stood there, after the scripts have run.
  addEventListener("pageshow", event => {
    if (!event.persisted) field.value = inAddress()
  })

  window.lookup = { split, sound, folded, numbers, oneApart } // for the tests
  show()
})()
