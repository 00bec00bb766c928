import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { run } from '../lib/exec.ts'

const berth = new URL('../../berth', import.meta.url).pathname

/** On an installation that is not there. */
async function berthWith(...words: string[]) {
  const dir = await mkdtemp(join(tmpdir(), 'berth-host-'))
  const own = { CONFIG: 'none.yaml', DATA_DIR: 'data', RUN_DIR: 'run', DOCKER_SOCKET: 'docker.sock' }
  const settings = Object.entries(own).map(([name, path]) => [`BERTH_${name}`, join(dir, path)] as const)
  settings.push(['BERTH_CLUSTER', 'not-here'])
  try {
    return await run([berth, ...words], { env: { ...process.env, ...Object.fromEntries(settings) } })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

test('what runs on the machine is told to programs too', async () => {
  const { code, stdout } = await berthWith('status', '--json')
  const { parts, apps } = JSON.parse(stdout)
  // Under systemd, the Engine is the machine's own and may run.
  const [engine, ...own] = parts
  assert.equal(engine.name, 'dockerd')
  assert.deepEqual(
    own.map(({ name, state, pid }: { name: string; state: string; pid: null }) => [name, state, pid]),
    ['server', 'sshd', 'router'].map((name) => [name, 'stopped', null]),
  )
  assert.match(apps.unknown, /admin\.json|Berth/)
  assert.equal(code, 0)
})

test('what is wrong with the machine is told to programs too', async () => {
  const { code, stdout } = await berthWith('doctor', '--json')
  const engine = JSON.parse(stdout).find(({ name }: { name: string }) => name === 'docker engine')
  assert.deepEqual(engine, { ok: false, name: 'docker engine', text: 'it does not answer', wayOut: 'run "berth up"' })
  assert.equal(code, 1)
})

test('what was stopped is told to programs, and how that went to whoever looks on', async () => {
  const { code, stdout, stderr } = await berthWith('down', '--json')
  const stopped = ['sshd', 'server', 'router']
  assert.deepEqual([code, JSON.parse(stdout)], [0, { stopped, instances: [], dockerdUsedBy: [] }])
  assert.match(stderr, /✓ Stopping server: stopped/)
})

test('why it cannot be set up here is told to programs too', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  try {
    const { code, stdout, stderr } = await berthWith('up', '--json', '--http-port', String(port))
    const { error } = JSON.parse(stdout)
    assert.deepEqual([code, error.code], [1, 'UNAVAILABLE'])
    assert.match(
      error.message,
      new RegExp(`nothing was changed:\\n.*port ${port} \\(http\\) is in use by process`, 's'),
    )
    assert.equal(stderr.trimEnd(), error.message)
  } finally {
    taken.close()
  }
})

test('help is there for the commands of the machine, and other words are misuse', async () => {
  assert.match((await berthWith('doctor', '--help')).stdout, /Usage: berth doctor/)
  const { code, stderr } = await berthWith('status', '--nope')
  assert.deepEqual([code, stderr], [2, 'berth: status takes no --nope (see: berth help)\n'])
  assert.match((await berthWith('test', '--json')).stderr, /berth test does not know --json/)
})
