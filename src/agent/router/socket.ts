import { connect, type Socket } from 'node:net'

const answerLimitMs = 10_000
/** The master answers at once, or not at all while it starts itself anew. */
const masterLimitMs = 1_000

/** Connected, and no answer in time. */
export class Silent extends Error {
  override readonly name = 'Silent'
}

/** Sends commands over one connection, in order; gives one answer for each. */
export async function ask(socket: string, commands: readonly string[]): Promise<string[]> {
  const text = await exchange(socket, `prompt\n${commands.join('\n')}\nquit\n`)
  const answers = text
    .split('\n> ')
    .slice(1, commands.length + 1)
    .map((answer) => answer.trim())
  if (answers.length < commands.length)
    throw new Error(`HAProxy answered ${answers.length} of ${commands.length} commands`)
  return answers
}

/** One command line to the master process; the answer as it is. */
export const askMaster = (socket: string, line: string) => exchange(socket, `${line}\n`, masterLimitMs)

function exchange(path: string, text: string, limitMs = answerLimitMs): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket: Socket = connect(path)
    socket.setTimeout(limitMs, () => socket.destroy(new Silent(`no answer from HAProxy at ${path}`)))
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')))
    socket.write(text)
  })
}
