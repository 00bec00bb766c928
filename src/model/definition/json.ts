/** Where a text stops being JSON; nothing when it is JSON. (The parser of JavaScript does not always tell.) */
export function jsonErrorAt(text: string): number | undefined {
  const scanner = new Scanner(text)
  try {
    scanner.value()
    scanner.space()
    return scanner.at < text.length ? scanner.at : undefined
  } catch {
    return scanner.at
  }
}

const patterns = {
  space: /[ \t\r\n]*/y,
  string: /"(?:[^"\\\p{Cc}]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"/uy,
  atom: /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y,
}

class Scanner {
  readonly #text: string
  at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(): void {
    this.space()
    const first = this.#text[this.at]
    if (first === '{') this.#items('}', () => this.#member())
    else if (first === '[') this.#items(']', () => this.value())
    else this.#match(first === '"' ? patterns.string : patterns.atom)
  }

  space(): void {
    this.#match(patterns.space)
  }

  #member(): void {
    this.space()
    this.#match(patterns.string)
    this.space()
    this.#character(':')
    this.value()
  }

  #items(end: string, item: () => void): void {
    this.at += 1
    this.space()
    if (this.#text[this.at] !== end) this.#list(item)
    this.#character(end)
  }

  #list(item: () => void): void {
    item()
    this.space()
    while (this.#text[this.at] === ',') {
      this.at += 1
      item()
      this.space()
    }
  }

  #character(wanted: string): void {
    if (this.#text[this.at] !== wanted) throw new Error('not JSON')
    this.at += 1
  }

  #match(pattern: RegExp): void {
    pattern.lastIndex = this.at
    const length = pattern.exec(this.#text)?.[0].length
    if (length === undefined) throw new Error('not JSON')
    this.at += length
  }
}
