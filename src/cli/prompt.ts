import { once } from 'node:events'
import { stdin } from 'node:process'
import { Failed } from './failure.ts'
import { askFor } from './print.ts'

export const canAsk = () => stdin.isTTY === true

/** One line from the terminal, which hands over whole lines. */
export async function ask(question: string, otherwise = ''): Promise<string> {
  askFor(`${question}${otherwise ? ` [${otherwise}]` : ''}: `)
  const line = await nextInput()
  stdin.pause()
  return line.trim() || otherwise
}

/** One line from the terminal that does not appear on it. */
export async function askSecret(question: string): Promise<string> {
  askFor(`${question}: `)
  stdin.setRawMode(true)
  try {
    return await hiddenLine()
  } finally {
    stdin.setRawMode(false)
    stdin.pause()
    askFor('\n')
  }
}

async function hiddenLine(): Promise<string> {
  let typed: string[] = []
  for (;;) {
    for (const key of await nextInput()) {
      if (key === '\r' || key === '\n' || key === '\x04') return typed.join('')
      if (key === '\x03') throw new Failed('cancelled', 130)
      typed = edited(typed, key)
    }
  }
}

async function nextInput(): Promise<string> {
  stdin.resume()
  const [chunk] = await once(stdin, 'data')
  return String(chunk)
}

function edited(typed: readonly string[], key: string): string[] {
  if (key === '\x7f' || key === '\b') return typed.slice(0, -1)
  return key === '\x15' ? [] : [...typed, key]
}

/** All of standard input. */
export async function readStdin(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}
