import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { keepers } from './keepers.ts'
import type { Part } from './parts.ts'
import type { Supervisor } from './supervisor.ts'
import { until } from './until.ts'

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

test('what is killed runs again; what is stopped stays stopped', async (t) => {
  const { keeper, part } = await setUp(t)
  await keeper.start(part)
  const first = await pidOf(keeper, part)
  process.kill(first, 'SIGKILL')
  assert.ok(await until(async () => ![null, first].includes((await keeper.state(part)).pid), 5))
  await keeper.stop(part)
  assert.equal((await keeper.state(part)).state, 'stopped')
})

test('starting twice starts one', async (t) => {
  const { keeper, part } = await setUp(t)
  await keeper.start(part)
  const first = await pidOf(keeper, part)
  await keeper.start(part)
  assert.equal(await pidOf(keeper, part), first)
})

test('a program whose keeper was killed goes on, and the next keeper takes it', async (t) => {
  const { keeper, part, runDir } = await setUp(t)
  await keeper.start(part)
  const first = await pidOf(keeper, part)
  process.kill(Number(await readFile(join(runDir, 'router.keeper'), 'utf8')), 'SIGKILL')
  await keeper.start(part)
  assert.equal(await pidOf(keeper, part), first)
  await keeper.stop(part)
  assert.equal((await keeper.state(part)).state, 'stopped')
})

test('a program that ends at once is tried again, later and later, and its words are kept', async (t) => {
  const { keeper, part } = await setUp(t, ['ls', '/nonexistent-file'])
  await keeper.start(part)
  assert.ok(await until(async () => (await keeper.lastWords(part, 20)).includes('router ended with 2'), 5))
  assert.match(await keeper.lastWords(part, 20), /cannot access '\/nonexistent-file'/)
  assert.ok(await until(async () => (await keeper.state(part)).state === 'restarting', 10))
})

test('memory and start of what runs are known', async (t) => {
  const { keeper, part } = await setUp(t)
  await keeper.start(part)
  const { bytes, since } = await keeper.state(part)
  assert.ok((bytes ?? 0) > 10_000)
  assert.ok(Math.abs(Date.now() - (since?.getTime() ?? 0)) < 5000)
})

async function setUp(t: TestContext, argv: Part['argv'] = ['sleep', '98765']) {
  const folder = await mkdtemp(join(tmpdir(), 'berth-keepers-'))
  const runDir = join(folder, 'run')
  const options = { runDir, logDir: join(folder, 'logs'), cluster: 'test', root, env: { PATH: process.env.PATH } }
  const keeper = keepers(options)
  const part: Part = { name: 'router', argv, mark: argv.join(' '), stop: 'TERM', graceSeconds: 2 }
  t.after(async () => {
    await keeper.stop(part)
    await rm(folder, { recursive: true })
  })
  return { keeper, part, runDir }
}

async function pidOf(keeper: Supervisor, part: Part): Promise<number> {
  const { pid } = await keeper.state(part)
  assert.ok(pid)
  return pid
}
