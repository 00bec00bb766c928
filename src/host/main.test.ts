import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { run } from '../lib/exec.ts'

const berth = new URL('../../berth', import.meta.url).pathname

/** On an installation that is not there. */
async function berthWith(...words: string[]) {
  const dir = await mkdtemp(join(tmpdir(), 'berth-host-'))
  const own = { CONFIG: 'none.yaml', DATA_DIR: 'data', RUN_DIR: 'run', DOCKER_SOCKET: 'docker.sock' }
  const settings = Object.entries(own).map(([name, path]) => [`BERTH_${name}`, join(dir, path)])
  try {
    return await run([berth, ...words], { env: { ...process.env, ...Object.fromEntries(settings) } })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

test('what runs on the machine is told to programs too', async () => {
  const { code, stdout } = await berthWith('status', '--json')
  const { parts, apps } = JSON.parse(stdout)
  assert.deepEqual(
    parts.map(({ name, state, pid }: { name: string; state: string; pid: null }) => [name, state, pid]),
    ['dockerd', 'server', 'sshd', 'router'].map((name) => [name, 'stopped', null]),
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

test('help is there for the commands of the machine, and other words are misuse', async () => {
  assert.match((await berthWith('doctor', '--help')).stdout, /Usage: berth doctor/)
  const { code, stderr } = await berthWith('status', '--nope')
  assert.deepEqual([code, stderr], [2, 'berth: status takes no --nope (see: berth help)\n'])
})
