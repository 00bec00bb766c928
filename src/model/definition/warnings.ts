import { failAt, type Place, position } from './place.ts'

const mostBytes = 65_536
const mostWarnings = 50

/** What is understood but not done, in the order in which it was found, each said once. */
export class Warnings {
  readonly #said = new Set<string>()
  #more = 0

  /** An `offset` gives the line. */
  say(file: string, text: string, message: string, offset?: number): void {
    if (this.#said.size >= mostWarnings) {
      this.#more += 1
      return
    }
    const at = offset === undefined ? '' : `:${position(text, offset).line}`
    this.#said.add(`${file}${at}: ${message}`)
  }

  list(): string[] {
    return this.#more > 0 ? [...this.#said, `and ${this.#more} more warnings`] : [...this.#said]
  }
}

/** A file to read. Throws DEFINITION when it is too large. */
export function placeOf(file: string, raw: string, warnings: Warnings): Place {
  const text = raw.replace(/^\uFEFF/, '')
  const place = { file, text, warn: (message: string, offset?: number) => warnings.say(file, text, message, offset) }
  if (raw.length > mostBytes) failAt(place, 0, 'is larger than 64 KiB')
  return place
}
