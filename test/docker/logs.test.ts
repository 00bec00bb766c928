import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { followLogs, type LogFollower } from '../../src/agent/logs.ts'
import { engineApi } from '../../src/engine/api.ts'
import { containers } from '../../src/engine/containers.ts'
import { output } from '../../src/lib/exec.ts'
import type { LogLine } from '../../src/model/logLine.ts'
import { AppLogs } from '../../src/server/logs/appLogs.ts'
import { imageWithShell } from '../harness/tinyImage.ts'

const docker = '/usr/bin/docker'
const label = `berth-test-logs=${process.pid}`
const source = containers(engineApi('/var/run/docker.sock'))
let image = ''
let dir = ''

before(async () => {
  image = await imageWithShell()
  dir = await mkdtemp(join(tmpdir(), 'berth-logs-'))
})

after(async () => {
  for (const id of await source.ids(label)) await source.remove(id)
  await rm(dir, { recursive: true })
})

/** With the log limits that every instance gets. */
async function start(script: string, ...options: string[]): Promise<string> {
  const limits = ['--log-driver', 'json-file', '--log-opt', 'max-size=10m', '--log-opt', 'max-file=2']
  const argv = ['run', '-d', '--init', '--network', 'none', '--label', label, ...limits, ...options] as const
  return (await output([docker, ...argv, image, 'sh', '-c', script])).trim()
}

const link = (logs: AppLogs) => ({
  logs: (lines: readonly LogLine[]) => logs.append(lines),
  lastLogTimes: () => logs.lastTimes(),
})

const follow = (logs: AppLogs) => followLogs({ source, link: link(logs) })

/** What the agent's watcher does: the whole list, again and again while something changes. */
async function syncUntil(follower: LogFollower, app: string, ids: readonly string[], isEnough: () => unknown) {
  const deadline = Date.now() + 60_000
  while (!(await isEnough())) {
    assert.ok(Date.now() < deadline, 'in time')
    follower.sync(await Promise.all(ids.map((id) => seen(app, id))))
    await sleep(20)
  }
}

async function seen(app: string, id: string) {
  const state = (await source.inspect(id))?.state
  const ended = state === undefined || state === 'exited' || state === 'dead'
  return { id, app, process: 'web', release: 1, ended }
}

const texts = (lines: readonly LogLine[]) => lines.map(({ text }) => text)

test('the last words of an instance that died at once', async () => {
  await using logs = new AppLogs(dir)
  const id = await start('echo starting; echo "no database" >&2; printf "no end of line"; exit 3')
  await source.wait(id)
  await using follower = follow(logs)
  await syncUntil(follower, 'dead', [id], () => follower.isComplete(id))
  const lines = await logs.tail({ app: 'dead', instance: id.slice(0, 12), lines: 50 })
  const byStream = (stream: string) => texts(lines.filter((line) => line.stream === stream))
  assert.deepEqual(byStream('out'), ['starting', 'no end of line'])
  assert.deepEqual(byStream('err'), ['no database'])
})

test('a line of an instance with a terminal', async () => {
  await using logs = new AppLogs(dir)
  const ids = [await start('echo hello; sleep 60', '-t')]
  await using follower = follow(logs)
  const said = async () => (await logs.tail({ app: 'terminal', lines: 10 })).length > 0
  await syncUntil(follower, 'terminal', ids, said)
  const [line] = await logs.tail({ app: 'terminal', lines: 1 })
  assert.equal(line?.text, 'hello')
})

test('200,000 lines, the follower and the store started anew in the middle: none lost, none twice', async () => {
  const id = await start('i=0; while [ $i -lt 200000 ]; do i=$((i+1)); echo "line $i"; done')
  let restarts = 0
  let complete = false
  while (!complete) {
    await using logs = new AppLogs(dir)
    await using follower = follow(logs)
    const until = Date.now() + (restarts < 5 ? 150 : 60_000)
    await syncUntil(follower, 'many', [id], () => follower.isComplete(id) || Date.now() > until)
    complete = follower.isComplete(id)
    restarts += 1
  }
  assert.ok(restarts > 2, `${restarts} runs`)
  await expectAll('many', 'o', 200_000)
})

test('both streams of a log whose file changes while it is followed: none lost, none twice', async () => {
  const script =
    'i=0; while [ $i -lt 10000 ]; do i=$((i+1)); echo "line $i"; echo "line $i" >&2; [ $((i%100)) != 0 ] || sleep 0.01; done'
  const id = await start(script, '--log-opt', 'max-size=300k', '--log-opt', 'max-file=20')
  for (const pauseMs of [300, 300, 60_000]) {
    await using logs = new AppLogs(dir)
    await using follower = follow(logs)
    const until = Date.now() + pauseMs
    await syncUntil(follower, 'rotated', [id], () => follower.isComplete(id) || Date.now() > until)
  }
  await expectAll('rotated', 'o', 10_000)
  await expectAll('rotated', 'e', 10_000)
})

test('a long line comes in pieces, none lost over a restart', async () => {
  const id = await start('head -c 100000 /dev/zero | tr "\\0" x; echo; echo end; sleep 1')
  for (const run of [1, 2]) {
    await using logs = new AppLogs(dir)
    await using follower = follow(logs)
    const isEnough = async () =>
      follower.isComplete(id) || (run === 1 && (await logs.tail({ app: 'long', lines: 1 })).length > 0)
    await syncUntil(follower, 'long', [id], isEnough)
  }
  await using logs = new AppLogs(dir)
  const lines = texts(await logs.tail({ app: 'long', lines: 50 }))
  assert.equal(lines.at(-1), 'end')
  assert.equal(lines.slice(0, -1).join(''), 'x'.repeat(100_000))
})

async function expectAll(app: string, stream: 'o' | 'e', count: number) {
  const folder = join(dir, 'apps', app)
  const files = (await readdir(folder)).filter((name) => name.endsWith('.log')).sort()
  const records = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))
  const fields = records.flatMap((text) => text.trimEnd().split('\n')).map((record) => record.split('\t'))
  const found = fields.filter((field) => field[4] === stream).map((field) => field[5])
  const misplaced = found.find((text, index) => text !== `line ${index + 1}`)
  assert.equal(misplaced, undefined)
  assert.equal(found.length, count)
}
