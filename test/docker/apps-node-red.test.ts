import assert from 'node:assert/strict'
import { once } from 'node:events'
import test, { after, before } from 'node:test'
import { WebSocket } from 'ws'
import { rollback } from '../../src/contract/releases.ts'
import { output } from '../../src/lib/exec.ts'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { newRepository } from '../harness/repository.ts'

let berth: TestBerth
before(async () => {
  berth = await startBerth()
})
after(() => berth?.[Symbol.asyncDispose]())

test('Node-RED serves its editor and its flows, after a change and after a rollback', async () => {
  await using repository = await newRepository({ 'package.json': manifest, 'settings.js': settings, ...flows('one') })
  await output(['npm', 'install', '--package-lock-only', '--no-audit', '--no-fund'], { cwd: repository.dir })
  await repository.commit({})
  await berth.createApp('flows')

  const first = await berth.push(repository, 'flows')
  assert.equal(first.code, 0, first.stderr)
  await assertServes('one')

  await repository.commit(flows('two'))
  const second = await berth.push(repository, 'flows')
  assert.equal(second.code, 0, second.stderr)
  assert.match(second.stderr, /Installing dependencies with npm ci \(cached\)/)
  await assertServes('two')

  await berth.client.call(rollback, { params: { app: 'flows' }, body: {} })
  assert.equal((await berth.settled('flows')).state, 'succeeded')
  await assertServes('one')
})

const manifest = JSON.stringify({
  name: 'flows',
  private: true,
  engines: { node: '>=24' },
  scripts: { start: 'node-red --userDir . --settings settings.js' },
  dependencies: { 'node-red': '4' },
})

const settings = `module.exports = {
  uiPort: process.env.PORT,
  flowFile: 'flows.json',
  credentialSecret: process.env.CREDENTIAL_SECRET,
}
`

/** An answer at /hello, drawn in Node-RED's editor. */
const flows = (text: string) => ({
  'berth.yaml': 'health: /hello\nenv:\n  CREDENTIAL_SECRET: { generate: secret }\n',
  'flows.json': JSON.stringify([
    { id: 'tab', type: 'tab', label: 'Hello' },
    { id: 'in', type: 'http in', z: 'tab', url: '/hello', method: 'get', wires: [['text']] },
    { id: 'text', type: 'template', z: 'tab', template: text, output: 'str', wires: [['out']] },
    { id: 'out', type: 'http response', z: 'tab', wires: [] },
  ]),
})

async function assertServes(text: string): Promise<void> {
  assert.deepEqual(await berth.get('flows', '/hello'), { status: 200, body: text, error: '' })
  assert.match((await berth.get('flows')).body, /<title>Node-RED<\/title>/)
  const { version } = JSON.parse((await berth.get('flows', '/settings')).body) as { version: string }
  assert.match(version, /^4\./)
  assert.match(await firstNews(), /notification/)
}

/** What the editor is told first when it has subscribed, over its WebSocket. */
async function firstNews(): Promise<string> {
  const { host, port } = berth.target('flows')
  const socket = new WebSocket(`ws://127.0.0.1:${port}/comms`, { headers: { host }, handshakeTimeout: 5_000 })
  try {
    await once(socket, 'open')
    const news = once(socket, 'message', { signal: AbortSignal.timeout(5_000) })
    socket.send(JSON.stringify({ subscribe: 'notification/#' }))
    const [message] = await news
    return String(message)
  } finally {
    socket.terminate()
  }
}
