import { once } from 'node:events'
import { printable } from '../model/printable.ts'

/** The only file that writes to the terminal. */

const stdout = process.stdout
const stderr = process.stderr

export const isTerminal = stdout.isTTY === true
const dumb = process.env.TERM === 'dumb'
const coloured = process.env.NO_COLOR ? false : Boolean(process.env.FORCE_COLOR) || (isTerminal && !dumb)
export const width = stdout.columns || 80
/** Whether a line can be drawn again and again while something lasts. */
export const isLively = stderr.isTTY === true && !dumb

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const
export type Colour = keyof typeof codes

export const paint = (colour: Colour, text: string) => (coloured ? `\x1b[${codes[colour]}m${text}\x1b[0m` : text)

export const say = (line: string) => console.log(line)

export const sayLines = (lines: readonly string[]) => {
  if (lines.length > 0) console.log(lines.join('\n'))
}

export const sayJson = (value: unknown) => console.log(JSON.stringify(value, null, 2))

/** One object a line, for what has no end. */
export const sayJsonLine = (value: unknown) => console.log(JSON.stringify(value))

export const complain = (line: string) => console.error(line)

/** What goes to a program or a terminal as it is. */
export const write = (chunk: string | Uint8Array) => stdout.write(chunk)

/** All of it, no faster than it is taken. */
export async function writeAll(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) if (!stdout.write(chunk)) await once(stdout, 'drain')
}

/** Draws over the current line of the terminal. */
export const draw = (text: string) => stderr.write(`\r\x1b[K${text.slice(0, Math.max(0, (stderr.columns || 80) - 1))}`)

/** What an application wrote: harmless on a terminal, as it is elsewhere. */
export const foreign = (text: string) => (isTerminal ? printable(text) : text)

export const askFor = (question: string) => stderr.write(question)

export const errorOutput = (chunk: Uint8Array) => stderr.write(chunk)

// `berth ps | head` is no error.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})
