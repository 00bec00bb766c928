export type Print = {
  line(text?: string): void
  /** Runs one step of a list; its result is shown beside the title, with the time it took. */
  step(title: string, work: () => Promise<string>): Promise<void>
}

/** A command's answer for programs; `ok` is false where it is a no. */
export type Told = { readonly ok: boolean; readonly json: unknown }

type Out = { readonly isTTY?: boolean; write(text: string): unknown }

/** A terminal sees the seconds run; a pipe gets a line for each step, and one every 15 s while it lasts. */
export function printTo(out: Out): Print {
  return {
    line: (text = '') => void out.write(`${text}\n`),

    async step(title, work) {
      const began = Date.now()
      const ticker = out.isTTY ? spin(out, title, began) : heartbeat(out, title, began)
      try {
        const result = await work()
        out.write(`${clear(out)}✓ ${title}: ${result} (${seconds(began)})\n`)
      } catch (error) {
        out.write(`${clear(out)}✗ ${title} (${seconds(began)})\n`)
        throw error
      } finally {
        clearInterval(ticker)
      }
    },
  }
}

const spin = (out: Out, title: string, began: number) =>
  setInterval(() => out.write(`${clear(out)}  ${title} … ${seconds(began)}`), 200)

const heartbeat = (out: Out, title: string, began: number) =>
  setInterval(() => out.write(`  ${title} … ${seconds(began)}\n`), 15_000)

const clear = (out: Out) => (out.isTTY ? '\r\u001b[K' : '')
const seconds = (began: number) => `${((Date.now() - began) / 1000).toFixed(1)} s`
