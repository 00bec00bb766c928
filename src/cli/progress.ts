import { draw, isLively } from './print.ts'
import { lasted } from './time.ts'

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const silenceMs = 300

/** Shows on a terminal that something still goes on, whenever nothing was printed for a moment. */
export class Progress implements Disposable {
  readonly #startedAt = Date.now()
  readonly #timer: NodeJS.Timeout | undefined
  #label: string
  #quietSince = Date.now()
  #drawn = false

  constructor(label: string) {
    this.#label = label
    if (isLively) this.#timer = setInterval(() => this.#tick(), 80).unref()
  }

  label(text: string) {
    this.#label = text
  }

  /** Takes the spinner away, for a line to be printed. */
  clear() {
    if (this.#drawn) draw('')
    this.#drawn = false
    this.#quietSince = Date.now()
  }

  [Symbol.dispose]() {
    clearInterval(this.#timer)
    this.clear()
  }

  #tick() {
    const now = Date.now()
    if (now - this.#quietSince < silenceMs) return
    const frame = frames[Math.floor(now / 80) % frames.length]
    draw(`${frame} ${this.#label} ${lasted(now - this.#startedAt)}`)
    this.#drawn = true
  }
}
