import { stdin, stdout } from 'node:process'
import { attach } from '../client/attach.ts'
import { errorOutput, write } from './print.ts'

type Login = { readonly url: string; readonly token: string }

/** Runs a command with this terminal, or with these pipes, and gives its exit code. */
export async function runAttached(
  login: Login,
  app: string,
  command: string[],
  wantsTerminal: boolean,
): Promise<number> {
  const tty = wantsTerminal && stdin.isTTY === true && stdout.isTTY === true
  const request = { command, tty, size: sizeNow() }
  if (tty) stdin.setRawMode(true)
  try {
    return await attach(login, app, request, {
      input: quietly(stdin),
      output: (stream, bytes) => (stream === 'err' ? errorOutput(bytes) : write(bytes)),
      ...(tty && { watchSize: (resize) => stdout.on('resize', () => resize(sizeNow())) }),
    })
  } finally {
    if (tty) stdin.setRawMode(false)
    stdin.destroy()
  }
}

const sizeNow = () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 })

/** Ends, rather than fails, when the command is over before its input. */
async function* quietly(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* input
  } catch {
    return
  }
}
