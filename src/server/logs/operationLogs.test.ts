import assert from 'node:assert/strict'
import { appendFile, mkdtemp, readdir, readFile, rm, stat, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { OperationLogs } from './operationLogs.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'operation-logs-'))
})
afterEach(() => rm(dir, { recursive: true }))

const never = new AbortController().signal
const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `line ${from + index}`)
const pause = () => new Promise((resolve) => setTimeout(resolve, 20))

async function readInto(seen: string[], lines: AsyncIterable<string>) {
  for await (const line of lines) seen.push(line)
}

test('follows from the first line until it is finished', async () => {
  await using logs = new OperationLogs(dir)
  const early = Array.fromAsync(logs.follow('op1', never))
  await pause()
  await logs.append('op1', '-----> one')
  const late = Array.fromAsync(logs.follow('op1', never))
  await Promise.all(numbered(0, 500).map((line) => logs.append('op1', line)))
  await logs.finish('op1')
  const expected = ['-----> one', ...numbered(0, 500)]
  assert.deepEqual(await early, expected)
  assert.deepEqual(await late, expected)
  assert.deepEqual(await Array.fromAsync(logs.follow('op1', never)), expected)
  assert.deepEqual(await logs.read('op1'), expected)
})

test('survives a kill: finished stays finished, and the other goes on where its last whole line ends', async () => {
  const killed = new OperationLogs(dir)
  await killed.append('done', 'all of it')
  await killed.finish('done')
  await killed.append('half', 'first')
  await appendFile(join(dir, 'operations/half.log'), 'tor')
  await using logs = new OperationLogs(dir)
  assert.deepEqual(await Array.fromAsync(logs.follow('done', never)), ['all of it'])
  const half = Array.fromAsync(logs.follow('half', never))
  await logs.append('half', 'second')
  await logs.finish('half')
  await logs.finish('half')
  assert.deepEqual(await half, ['first', 'second'])
})

test('what is resumed after its end is open again', async () => {
  await using logs = new OperationLogs(dir)
  await logs.append('op', 'one')
  await logs.finish('op')
  await Promise.all([logs.append('op', 'two'), logs.append('op', 'three')])
  const following = Array.fromAsync(logs.follow('op', never))
  await logs.append('op', 'four')
  await logs.finish('op')
  assert.deepEqual(await following, ['one', 'two', 'three', 'four'])
  assert.deepEqual(await logs.read('op'), ['one', 'two', 'three', 'four'])
})

test('an end without a line ends its followers', async () => {
  await using logs = new OperationLogs(dir)
  const following = Array.fromAsync(logs.follow('op', never))
  await logs.finish('op')
  assert.deepEqual(await following, [])
  assert.deepEqual(await logs.read('unknown'), [])
})

test('the signal ends a follower', async () => {
  await using logs = new OperationLogs(dir)
  const stop = new AbortController()
  await logs.append('op', 'one')
  const following = logs.follow('op', stop.signal)
  assert.equal((await following.next()).value, 'one')
  const rest = Array.fromAsync(following)
  stop.abort()
  assert.deepEqual(await rest, [])
})

test('a long log loses its middle and says so; a follower that keeps up misses nothing', async () => {
  await using logs = new OperationLogs(dir, { maxBytes: 20_000 })
  const seen: string[] = []
  const following = readInto(seen, logs.follow('op', never))
  const slow = logs.follow('op', never)
  await logs.append('op', 'line 0')
  await slow.next()
  for (const line of numbered(1, 5_000)) {
    await logs.append('op', line)
    while (line.endsWith('00') && seen.at(-1) !== line) await pause()
  }
  await logs.finish('op')
  assert.ok((await stat(join(dir, 'operations/op.log'))).size <= 20_000)
  await following
  assert.deepEqual(seen, numbered(0, 5_000))
  const kept = await logs.read('op')
  const cut = kept.findIndex((line) => line.startsWith('…'))
  const [, count] = /^… (\d+) lines left out …$/.exec(kept[cut] ?? '') ?? []
  assert.deepEqual(kept.slice(0, cut), numbered(0, cut))
  assert.deepEqual(kept.slice(cut + 1), numbered(cut + Number(count), 5_000))
  const rest = await Array.fromAsync(slow)
  assert.equal(rest.at(-1), 'line 4999')
  assert.ok(rest.includes(`… ${count} lines left out …`))
})

test('is plain text, one line each, none of them endless', async () => {
  await using logs = new OperationLogs(dir)
  await logs.append('op', 'a\nb\0c')
  await logs.append('op', 'x'.repeat(100_000))
  const text = await readFile(join(dir, 'operations/op.log'), 'utf8')
  assert.equal(text, `a b\ufffdc\n${'x'.repeat(16_384)}…\n`)
})

test('prunes by number and age, but nothing that is not finished', async () => {
  await using logs = new OperationLogs(dir, { maxOperations: 3, maxAgeDays: 1 })
  for (const id of ['a', 'b', 'c', 'd', 'e']) {
    await logs.append(id, id)
    await pause()
    if (id !== 'a') await logs.finish(id)
  }
  await logs.prune()
  assert.deepEqual((await readdir(join(dir, 'operations'))).sort(), ['a.log', 'c.log', 'd.log', 'e.log'])
  const twoDaysAgo = new Date(Date.now() - 2 * 86_400_000)
  await utimes(join(dir, 'operations/d.log'), twoDaysAgo, twoDaysAgo)
  await logs.prune()
  assert.deepEqual((await readdir(join(dir, 'operations'))).sort(), ['a.log', 'c.log', 'e.log'])
})

test('refuses ids that lead elsewhere', async () => {
  await using logs = new OperationLogs(dir)
  for (const id of ['../x', '', '..', 'a/b', '/etc/passwd', 'a.b', 'x'.repeat(200)]) {
    await assert.rejects(logs.append(id, 'x'), /not an operation's id/)
    await assert.rejects(logs.read(id), /not an operation's id/)
  }
  assert.deepEqual(await readdir(dir), [])
})
