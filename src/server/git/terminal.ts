import { printable } from '../../model/printable.ts'

/** The pusher's screen, line by line. */
export type Terminal = { line(text: string): void }

export const step = (text: string) => `-----> ${text}`
export const detail = (text: string) => `       ${text}`
export const alarm = (text: string) => ` !     ${text}`

const longest = 2_000

/** Nothing that steers a terminal gets through, and no line is without end. */
export const safeTerminal = (write: (text: string) => void): Terminal => ({
  line: (text) => write(`${printable(text).slice(0, longest)}\n`),
})

/** Says that it is still there when nothing was said for a while. Stop it with the given function. */
export function withHeartbeat(terminal: Terminal, everyMs: number): Terminal & Disposable {
  const started = Date.now()
  const beat = () => terminal.line(detail(`still working (${Math.round((Date.now() - started) / 1000)} s)`))
  const timer = setInterval(beat, everyMs)
  return {
    line(text) {
      timer.refresh()
      terminal.line(text)
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}
