import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { startApi, type TestApi } from '../../../test/harness/api.ts'
import { attach } from '../../client/attach.ts'
import { basePath } from '../../contract/endpoint.ts'
import { Refusal, refuse } from '../../model/refusal.ts'
import type { AttachedRun, Terminal } from './context.ts'

type Played = (run: AttachedRun, terminal: Terminal) => Promise<number>

let api: TestApi
let play: Played = async () => 0
before(async () => {
  api = await startApi({ runs: { attached: (run, terminal) => play(run, terminal) } })
})
after(() => api[Symbol.asyncDispose]())

/** Gives back what was written to it, large or small, and ends with 3. */
const echo: Played = async (_, { input, output }) => {
  for await (const chunk of input) await output('out', chunk)
  await output('err', Buffer.from('bye'))
  return 3
}

async function run(played: Played, input: AsyncIterable<Uint8Array>, command = ['cat'], signal?: AbortSignal) {
  play = played
  const { name } = await api.app()
  const written = { out: [] as Uint8Array[], err: [] as Uint8Array[] }
  const connection = { url: api.url, token: await api.token('member') }
  const resizes: ((size: { columns: number; rows: number }) => void)[] = []
  const terminal = {
    input,
    output: (stream: 'out' | 'err', bytes: Uint8Array) => void written[stream].push(bytes),
    watchSize: (resize: (size: { columns: number; rows: number }) => void) => void resizes.push(resize),
  }
  const request = { command, tty: true, size: { columns: 100, rows: 30 } }
  const exit = attach(connection, name, request, terminal, signal)
  return { exit, resizes, text: (stream: 'out' | 'err') => Buffer.concat(written[stream]) }
}

async function* chunks(...texts: (string | Buffer)[]) {
  for (const text of texts) yield Buffer.from(text)
}

test('input, output, errors and the exit code go through as they are', async () => {
  const large = Buffer.alloc(3_000_000, 'x\0\n')
  const { exit, text } = await run(echo, chunks('one ', Buffer.from([0, 255, 1, 2]), large))
  assert.equal(await exit, 3)
  assert.deepEqual(text('out'), Buffer.concat([Buffer.from('one '), Buffer.from([0, 255, 1, 2]), large]))
  assert.equal(text('err').toString(), 'bye')
})

test('the command reaches the container as it is, with who asks and the size of the terminal', async () => {
  const hostile = ['sh', '-c', '$(touch /tmp/x); `id`', '--flag', "it's", '']
  let seen: AttachedRun | undefined
  const { exit } = await run(
    async (order) => {
      seen = order
      return 0
    },
    chunks(),
    hostile,
  )
  assert.equal(await exit, 0)
  assert.deepEqual(
    [seen?.command, seen?.tty, seen?.size, seen?.actor.name],
    [hostile, true, { columns: 100, rows: 30 }, 'max'],
  )
})

test('a new size of the terminal arrives', async () => {
  const sizes: unknown[] = []
  const input = new PassThrough()
  const { exit, resizes, text } = await run(async (_, terminal) => {
    terminal.onResize((size) => {
      sizes.push(size)
      input.end()
    })
    await terminal.output('out', Buffer.from('ready'))
    for await (const _chunk of terminal.input);
    return 0
  }, input)
  while (text('out').length === 0) await sleep(5)
  resizes[0]?.({ columns: 120, rows: 40 })
  assert.equal(await exit, 0)
  assert.deepEqual(sizes, [{ columns: 120, rows: 40 }])
})

test('a refusal of the run comes as it is, a mistake of ours without its text', async () => {
  const refused = await run(async () => refuse('UNAVAILABLE', 'the Docker Engine', 'it does not answer'), chunks())
  await assert.rejects(refused.exit, (error) => error instanceof Refusal && error.code === 'UNAVAILABLE')
  const broken = await run(async () => {
    throw new Error('secret detail')
  }, chunks())
  await assert.rejects(
    broken.exit,
    (error) => error instanceof Refusal && error.code === 'UNEXPECTED' && !error.message.includes('secret'),
  )
})

test('the run is told when the user is gone', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const user = new AbortController()
  const { exit, text } = await run(
    async (_, { signal, output }) => {
      signal.addEventListener('abort', () => resolve())
      await output('out', Buffer.from('ready'))
      await promise
      return 0
    },
    new PassThrough(),
    ['cat'],
    user.signal,
  )
  while (text('out').length === 0) await sleep(5)
  user.abort()
  await assert.rejects(exit)
  await promise
})

test('what is refused before the upgrade reaches the client as a refusal', async () => {
  const terminal = { input: chunks(), output: () => undefined }
  const connection = { url: api.url, token: await api.token('stranger') }
  const { name } = await api.app()
  const codeOf = (app: string, command: string[]) =>
    attach(connection, app, { command }, terminal).catch((error) => (error instanceof Refusal ? error.code : error))
  assert.equal(await codeOf(name, ['ls']), 'NOT_FOUND')
  assert.equal(await codeOf('no-such', ['ls']), 'NOT_FOUND')
})

const badFrames: Readonly<Record<string, string | Buffer>> = {
  'no JSON': 'hello',
  'a binary frame': Buffer.from('{"command":["ls"]}'),
  'no command': '{"command":[]}',
  'an empty program': '{"command":[""]}',
  'a NUL byte': '{"command":["a\\u0000b"]}',
  'text for a shell': '{"command":"ls -la"}',
  'an unknown field': '{"command":["ls"],"privileged":true}',
  'an absurd size': '{"command":["ls"],"size":{"columns":1e9,"rows":1}}',
}

for (const [what, frame] of Object.entries(badFrames)) {
  test(`a first frame with ${what} is refused, and nothing runs`, async () => {
    play = async () => assert.fail('it ran')
    const { name } = await api.app()
    const headers = { authorization: `Bearer ${await api.token('member')}` }
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}${basePath}/apps/${name}/runs/attach`, { headers })
    socket.on('open', () => socket.send(frame, { binary: typeof frame !== 'string' }))
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    socket.on('message', (data) => resolve(String(data)))
    socket.on('error', reject)
    assert.equal(JSON.parse(await promise).error.code, 'INVALID')
  })
}

const opened = async (headers: Record<string, string>, app: string) => {
  const socket = new WebSocket(`${api.url.replace('http', 'ws')}${basePath}/apps/${app}/runs/attach`, { headers })
  const message = new Promise<string>((resolve) => socket.on('message', (data) => resolve(String(data))))
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject))
  return { socket, message }
}

test('who lost the right between the door and the command does not run it', async () => {
  play = async () => assert.fail('it ran')
  const { name } = await api.app()
  const token = await api.token('member')
  const headers = { authorization: `Bearer ${token}` }
  const { socket, message } = await opened(headers, name)
  assert.equal((await api.ask('DELETE', `${basePath}/sessions`, { token })).status, 200)
  socket.send('{"command":["ls"]}')
  assert.equal(JSON.parse(await message).error.code, 'UNAUTHENTICATED')
})

test('a page of another origin opens no socket, whatever it knows', async () => {
  const { name } = await api.app()
  const authorization = `Bearer ${await api.token('member')}`
  for (const origin of ['http://evil.test', 'null', 'http://127.0.0.1:1', `${api.url}.evil.test`])
    await assert.rejects(opened({ authorization, origin }, name), /403/, origin)
  const own = await opened({ authorization, origin: api.url }, name)
  own.socket.terminate()
})
