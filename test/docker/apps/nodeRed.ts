import assert from 'node:assert/strict'
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { output } from '../../../src/lib/exec.ts'
import { writeFiles } from '../../harness/builds.ts'
import type { App, Site } from './app.ts'

export const nodeRed: App = {
  name: 'flows',
  async tree(folder) {
    await writeFiles(folder, own)
    await output(['npm', 'install', '--package-lock-only', '--no-audit', '--no-fund'], { cwd: folder })
  },
  builds: /Installing dependencies with npm ci/,
  ways: ['git push', 'zip file'],
  async serves(site) {
    assert.equal((await site.visit('/hello')).body, 'from a flow')
    assert.match((await site.visit('/')).body, /<title>Node-RED<\/title>/)
    assert.match(JSON.parse((await site.visit('/settings')).body).version, /^4\./)
    assert.match(await firstNews(site), /notification/)
  },
}

/** What its owner writes; the flow answers at /hello, as drawn in the editor. */
const own = {
  'package.json': JSON.stringify({
    name: 'flows',
    private: true,
    engines: { node: '>=24' },
    scripts: { start: 'node-red --userDir . --settings settings.js' },
    dependencies: { 'node-red': '4' },
  }),
  'settings.js': `module.exports = {
  uiPort: process.env.PORT,
  flowFile: 'flows.json',
  credentialSecret: process.env.CREDENTIAL_SECRET,
}
`,
  'berth.yaml': 'health: /hello\nenv:\n  CREDENTIAL_SECRET: { generate: secret }\n',
  'flows.json': JSON.stringify([
    { id: 'tab', type: 'tab', label: 'Hello' },
    { id: 'in', type: 'http in', z: 'tab', url: '/hello', method: 'get', wires: [['text']] },
    { id: 'text', type: 'template', z: 'tab', template: 'from a flow', output: 'str', wires: [['out']] },
    { id: 'out', type: 'http response', z: 'tab', wires: [] },
  ]),
}

/** What the editor is told first when it has subscribed, over its WebSocket. */
async function firstNews({ origin }: Site): Promise<string> {
  const { host, port } = new URL(origin)
  const socket = new WebSocket(`ws://127.0.0.1:${port}/comms`, { headers: { host }, handshakeTimeout: 30_000 })
  try {
    await once(socket, 'open')
    const news = once(socket, 'message', { signal: AbortSignal.timeout(30_000) })
    socket.send(JSON.stringify({ subscribe: 'notification/#' }))
    const [message] = await news
    return String(message)
  } finally {
    socket.terminate()
  }
}
