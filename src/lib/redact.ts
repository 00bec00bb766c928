export type Secret = {
  /** What stands in the text instead of the value. */
  readonly name: string
  readonly value: string
  /** Said to be secret: then a value that is a plain word counts too. */
  readonly marked: boolean
}

const leastSecret = 6
/** Longer values are looked for in pieces, so that no search gets long and a value that was cut is found too. */
const piece = 64
/** Where `openssl base64` and `base64` break their lines. */
const widths = [64, 76] as const

/**
 * Takes secrets out of a line of text: as they are, and as base64, base64url, hex, URL-encoded, JSON and shell text. A
 * value of several lines is looked for line by line. The time it takes grows with the line, and only with the logarithm of
 * what there is to look for.
 */
export function redactor(secrets: readonly Secret[]): (line: string) => string {
  const patterns = patternsOf(secrets)
  const starts = startsOf(patterns)
  return patterns.length === 0 ? String : (line) => replaced(line, patterns, starts)
}

/** A start or a piece of a form, and what the form goes on with. `shorter`: the longest other one that this begins with. */
type Pattern = { readonly text: string; readonly rest: () => string; readonly name: string; shorter: number }

function patternsOf(secrets: readonly Secret[]): Pattern[] {
  const found = new Map<string, Pattern>()
  for (const { name, value, marked } of secrets) {
    const forms = linesOf(value, marked).flatMap(formsOf)
    for (const { text, rest } of forms.flatMap(pieces))
      if (!found.has(text)) found.set(text, { text, rest, name, shorter: -1 })
  }
  const patterns = [...found.values()].sort(byText)
  linkShorter(patterns)
  return patterns
}

const byText = (a: Pattern, b: Pattern) => (a.text < b.text ? -1 : 1)

function linkShorter(patterns: readonly Pattern[]): void {
  const open: number[] = []
  for (const [index, pattern] of patterns.entries()) {
    while (open.length > 0 && !pattern.text.startsWith(patterns[open.at(-1) ?? 0]?.text ?? '')) open.pop()
    pattern.shorter = open.at(-1) ?? -1
    open.push(index)
  }
}

const isHarmless = (text: string) => /^(?:[a-z]{1,12}|\d{1,8}|[\d.]{1,15})$/i.test(text)

function linesOf(value: string, marked: boolean): string[] {
  const lines = value.includes('\n') ? [value, ...value.split('\n')] : [value]
  const worth = (text: string) => text.length >= leastSecret && (marked || !isHarmless(text))
  return [...new Set(lines.map((line) => line.trim()).filter(worth))]
}

function formsOf(text: string): string[] {
  const bytes = Buffer.from(text)
  const json = JSON.stringify(text).slice(1, -1)
  const hex = bytes.toString('hex')
  const escaped = [encodeURI(text.toWellFormed()), ...urlForms(bytes)]
  const all = [
    text,
    json,
    json.replaceAll('/', '\\/'),
    asciiJson(json),
    text.replaceAll("'", "'\\''"),
    ...escaped,
    ...escaped.map((form) => form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())),
    hex,
    hex.toUpperCase(),
    ...base64Forms(bytes),
  ]
  return [...new Set(all.flatMap((form) => form.split('\n')))].filter((form) => form.length >= leastSecret)
}

/** What encodeURIComponent, jq and Python leave as it is differs by a few characters, and forms write + for a blank. */
function urlForms(bytes: Buffer): string[] {
  const encoded = (kept: RegExp) =>
    Array.from(bytes, (byte) => {
      const char = String.fromCharCode(byte)
      return kept.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    }).join('')
  const forms = [encoded(/[A-Za-z0-9_.~-]/), encoded(/[A-Za-z0-9_.!~*'()-]/), encoded(/[A-Za-z0-9_.~/-]/)]
  return [...forms, ...forms.map((form) => form.replaceAll('%20', '+'))]
}

const asciiJson = (json: string) =>
  json.replace(/[^\0-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** Text in front moves the value by one or two bytes: what all three ways have is the middle, which hangs on the value alone. */
function base64Forms(bytes: Buffer): string[] {
  const middles = [0, 1, 2].map((before) => {
    const moved = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    return moved.slice([0, 2, 3][before], Math.floor(((before + bytes.length) * 8) / 6))
  })
  return [...middles, ...middles.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))]
}

/** Wherever a program may break the line. */
function pieces(form: string): Pick<Pattern, 'text' | 'rest'>[] {
  const starts = widths.flatMap((width) => Array.from({ length: Math.ceil(form.length / width) }, (_, n) => n * width))
  return [...new Set(starts)]
    .filter((start) => form.length - start >= leastSecret)
    .map((start) => ({ text: form.slice(start, start + piece), rest: () => form.slice(start + piece) }))
}

const slot = (a: number, b: number, c: number) => (a * 961 + b * 31 + c) & 0xffff

/** Which three characters a pattern can start with: nearly all places of a line are passed over by that. */
function startsOf(patterns: readonly Pattern[]): Uint8Array {
  const starts = new Uint8Array(0x10000)
  for (const { text } of patterns) starts[slot(text.charCodeAt(0), text.charCodeAt(1), text.charCodeAt(2))] = 1
  return starts
}

function replaced(line: string, patterns: readonly Pattern[], starts: Uint8Array): string {
  let text = ''
  let copied = 0
  let last = ''
  for (let at = 0; at + leastSecret <= line.length; at++) {
    if (starts[slot(line.charCodeAt(at), line.charCodeAt(at + 1), line.charCodeAt(at + 2))] === 0) continue
    const found = longestAt(line, at, patterns)
    if (!found) continue
    const goesOn = at === copied && last === found.name
    text += goesOn ? '' : `${line.slice(copied, at)}[${found.name}]`
    last = found.name
    copied = endOf(line, at + found.text.length, found)
    at = copied - 1
  }
  return copied === 0 ? line : text + line.slice(copied)
}

/** The form may go on behind the piece that was found. */
function endOf(line: string, from: number, { rest }: Pattern): number {
  const more = rest()
  let same = 0
  while (same < more.length && line.charCodeAt(from + same) === more.charCodeAt(same)) same++
  return from + same
}

/** All patterns that the text goes on with are in the chain of the last one that does not sort after it. */
function longestAt(line: string, at: number, patterns: readonly Pattern[]): Pattern | undefined {
  const text = line.slice(at, at + piece)
  let [low, high] = [0, patterns.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((patterns[middle]?.text ?? '') <= text) low = middle + 1
    else high = middle
  }
  let candidate = patterns[low - 1]
  while (candidate && !text.startsWith(candidate.text)) candidate = patterns[candidate.shorter]
  return candidate
}
