import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { findingsIn, preflight } from './preflight.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const env = { PATH: process.env.PATH, BERTH_CONFIG: '/nonexistent' }

test('lines of the checks become findings', () => {
  assert.deepEqual(findingsIn('ok\tos\tdebian 12\nbad\tports\tin use\tstop it\n'), [
    { ok: true, name: 'os', text: 'debian 12', wayOut: '' },
    { ok: false, name: 'ports', text: 'in use', wayOut: 'stop it' },
  ])
})

const systems: [release: string, ok: boolean][] = [
  ['ID=debian\nVERSION_ID="12"\n', true],
  ['ID=debian\nVERSION_ID="13"\n', true],
  ['PRETTY_NAME="Debian GNU/Linux trixie/sid"\nID=debian\n', true],
  ['ID=debian\nVERSION_ID="11"\n', false],
  ['ID=ubuntu\nVERSION_ID="24.04"\n', true],
  ['ID=ubuntu\nVERSION_ID="22.04"\n', false],
  ['ID=fedora\nVERSION_ID=41\n', false],
  ['ID="alpine"\nVERSION_ID=3.20.1\n', false],
  ['', false],
]
for (const [release, ok] of systems) {
  test(`${ok ? 'runs on' : 'refuses'} ${JSON.stringify(release)}`, async (t) => {
    const [finding] = await preflight(root, { ...env, BERTH_OS_RELEASE: await fileWith(t, release) }, ['os'])
    assert.equal(finding?.ok, ok)
    if (!ok) assert.match(finding?.wayOut ?? '', /use Debian 12 or newer/)
  })
}

test('a port in use is named with the process that holds it, and the option that avoids it', async (t) => {
  const port = await listening(t)
  const [finding] = await preflight(root, { ...env, BERTH_HTTP_PORT: String(port) }, ['ports'])
  assert.equal(finding?.ok, false)
  assert.match(finding?.text ?? '', new RegExp(`^port ${port} \\(http\\) is in use by process ${process.pid} .*node`))
  assert.match(finding?.wayOut ?? '', /--http-port/)
})

test('ports come from the settings file when the environment has none', async (t) => {
  const port = await listening(t)
  const file = await fileWith(t, `# a comment\nssh_port: ${port}\n`)
  const [finding] = await preflight(root, { ...env, BERTH_CONFIG: file }, ['ports'])
  assert.match(finding?.text ?? '', new RegExp(`port ${port} \\(ssh\\)`))
})

async function fileWith(t: TestContext, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-preflight-'))
  t.after(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'file'), text)
  return join(folder, 'file')
}

async function listening(t: TestContext): Promise<number> {
  const server = createServer()
  t.after(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
