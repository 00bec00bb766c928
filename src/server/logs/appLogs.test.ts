import assert from 'node:assert/strict'
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import type { LogLine } from '../../model/logLine.ts'
import { AppLogs } from './appLogs.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'app-logs-'))
})
afterEach(() => rm(dir, { recursive: true }))

const time = (n: number) => new Date(Date.UTC(2026, 0, 1) + n).toISOString().replace('Z', '000000Z')

const line = (n: number, also: Partial<LogLine> = {}): LogLine => ({
  app: 'blog',
  process: 'web',
  release: 1,
  instance: 'c1',
  at: time(n),
  stream: 'out',
  text: `line ${n}`,
  ...also,
})

const lines = (from: number, to: number, also?: Partial<LogLine>) =>
  Array.from({ length: to - from }, (_, index) => line(from + index, also))

const texts = (found: readonly LogLine[]) => found.map(({ text }) => text)

async function take(source: AsyncIterable<LogLine>, count: number): Promise<LogLine[]> {
  const found: LogLine[] = []
  for await (const one of source) if (found.push(one) === count) break
  return found
}

test('gives back what was written', async () => {
  await using logs = new AppLogs(dir)
  const odd = line(1, { stream: 'err', text: '\x1b[31mred\ttab ü \u2028', process: 'worker', release: 12 })
  await logs.append([line(0), odd])
  assert.deepEqual(await logs.tail({ app: 'blog', lines: 10 }), [line(0), odd])
})

test('NUL and newline do not survive', async () => {
  await using logs = new AppLogs(dir)
  await logs.append([line(0, { text: 'a\0b\nc\td' }), line(1)])
  assert.deepEqual(texts(await logs.tail({ app: 'blog', lines: 10 })), ['a\ufffdb c\td', 'line 1'])
})

test('a tab or newline in another field cannot forge a record', async () => {
  await using logs = new AppLogs(dir)
  await logs.append([line(0, { instance: 'c\n1\t', process: 'w\tb' })])
  assert.deepEqual(await logs.tail({ app: 'blog', lines: 10 }), [line(0, { instance: 'c 1 ', process: 'w b' })])
})

test('the newest that match, over several segments and blocks', async () => {
  await using logs = new AppLogs(dir, { segmentBytes: 100_000 })
  for (let n = 0; n < 4_000; n += 100) {
    await logs.append([...lines(n, n + 50), ...lines(n + 50, n + 100, { process: 'worker', instance: 'c2' })])
  }
  assert.ok((await readdir(join(dir, 'apps/blog'))).length > 2)
  assert.deepEqual(texts(await logs.tail({ app: 'blog', lines: 2 })), ['line 3998', 'line 3999'])
  assert.equal((await logs.tail({ app: 'blog', lines: 100_000 })).length, 4_000)
  const web = await logs.tail({ app: 'blog', process: 'web', lines: 60 })
  assert.deepEqual([web.length, web[0]?.text, web.at(-1)?.text], [60, 'line 3840', 'line 3949'])
  assert.equal((await logs.tail({ app: 'blog', instance: 'c', lines: 10 })).length, 10)
  assert.equal(
    (await logs.tail({ app: 'blog', instance: 'c2', since: `${time(3_900).slice(0, 23)}Z`, lines: 99 })).length,
    50,
  )
  assert.deepEqual(await logs.tail({ app: 'other', lines: 10 }), [])
  assert.deepEqual(await logs.tail({ app: 'blog', lines: 0 }), [])
})

test('a line longer than a block is read whole', async () => {
  await using logs = new AppLogs(dir)
  const long = 'x'.repeat(200_000)
  await logs.append([line(0), line(1, { text: long }), line(2)])
  assert.deepEqual(texts(await logs.tail({ app: 'blog', lines: 3 })), ['line 0', long, 'line 2'])
})

test('keeps to its size, and drops the oldest first', async () => {
  await using logs = new AppLogs(dir, { maxBytesPerApp: 100_000, segmentBytes: 10_000 })
  for (let n = 0; n < 5_000; n += 50) await logs.append(lines(n, n + 50))
  const files = (await readdir(join(dir, 'apps/blog'))).filter((name) => name.endsWith('.log'))
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(dir, 'apps/blog', name))).size))
  assert.ok(sizes.reduce((sum, size) => sum + size) <= 100_000)
  const kept = await logs.tail({ app: 'blog', lines: 5_000 })
  assert.ok(kept.length > 1_000)
  assert.deepEqual(texts(kept), texts(lines(5_000 - kept.length, 5_000)))
})

test('drops what is too old, and still knows where the instance was', async () => {
  await using logs = new AppLogs(dir, { maxAgeDays: 1 })
  await logs.append(lines(0, 10))
  const [file = ''] = await readdir(join(dir, 'apps/blog'))
  const twoDaysAgo = new Date(Date.now() - 2 * 86_400_000)
  await utimes(join(dir, 'apps/blog', file), twoDaysAgo, twoDaysAgo)
  await using later = new AppLogs(dir, { maxAgeDays: 1 })
  await later.prune()
  assert.deepEqual(await later.tail({ app: 'blog', lines: 10 }), [])
  assert.deepEqual(await later.lastTimes(), { c1: `o${time(9)}*1` })
  await later.append([line(10)])
  await using again = new AppLogs(dir)
  assert.deepEqual(texts(await again.tail({ app: 'blog', lines: 10 })), ['line 10'])
})

test('a torn last line is gone after a kill, and nothing else', async () => {
  const killed = new AppLogs(dir)
  await killed.append(lines(0, 3))
  const [file = ''] = await readdir(join(dir, 'apps/blog'))
  await appendFile(join(dir, 'apps/blog', file), `${time(3)}\tc1\tweb\t1\to\tli`)
  await using logs = new AppLogs(dir)
  assert.deepEqual(await logs.lastTimes(), { c1: `o${time(2)}*1` })
  await logs.append([line(3)])
  assert.deepEqual(texts(await logs.tail({ app: 'blog', lines: 9 })), ['line 0', 'line 1', 'line 2', 'line 3'])
})

test('rubbish in the middle is passed over', async () => {
  const before = new AppLogs(dir)
  await before.append([line(0)])
  const [file = ''] = await readdir(join(dir, 'apps/blog'))
  await appendFile(join(dir, 'apps/blog', file), Buffer.concat([Buffer.alloc(70_000), Buffer.from('\nrubbish\n')]))
  await using logs = new AppLogs(dir)
  await logs.append([line(1)])
  assert.deepEqual(texts(await logs.tail({ app: 'blog', lines: 9 })), ['line 0', 'line 1'])
})

test('knows after a restart where each instance was, with and without a word on it', async () => {
  const first = new AppLogs(dir, { segmentBytes: 50_000, maxBytesPerApp: 10_000_000 })
  for (let n = 0; n < 5_000; n += 500) await first.append(lines(n, n + 500))
  await first.append([line(5_000, { instance: 'c2' }), line(5_000, { instance: 'c2', text: 'second piece' })])
  const expected = { c1: `o${time(4_999)}*1`, c2: `o${time(5_000)}*2` }
  await using killed = new AppLogs(dir)
  assert.deepEqual(await killed.lastTimes(), expected)
  await writeFile(join(dir, 'apps/blog/positions'), 'rubbish')
  await using without = new AppLogs(dir)
  assert.deepEqual(await without.lastTimes(), expected)
})

test('follows: the newest, then the rest, no gap and no repetition while others write', async () => {
  await using logs = new AppLogs(dir, { segmentBytes: 20_000 })
  await logs.append(lines(0, 1_000))
  const write = async () => {
    for (let n = 1_000; n < 6_000; n += 20) await logs.append(lines(n, n + 20))
  }
  const stop = new AbortController()
  const early = take(logs.follow({ app: 'blog', lines: 10 }, stop.signal), 5_010)
  const writing = write()
  await new Promise((resolve) => setTimeout(resolve, 20))
  const joined = take(logs.follow({ app: 'blog', lines: 100 }, stop.signal), 3_000)
  await writing
  await logs.append(lines(6_000, 10_000))
  assert.deepEqual(texts(await early), texts(lines(990, 6_000)))
  const late = texts(await joined)
  const from = Number(late[0]?.slice(5))
  assert.deepEqual(late, texts(lines(from, from + 3_000)))
})

test('follows what does not exist yet, and ends with the signal', async () => {
  await using logs = new AppLogs(dir)
  const stop = new AbortController()
  const following = logs.follow({ app: 'blog', process: 'web', lines: 10 }, stop.signal)
  const first = following.next()
  await new Promise((resolve) => setTimeout(resolve, 20))
  await logs.append([line(0), line(1, { process: 'worker' })])
  assert.equal((await first).value?.text, 'line 0')
  const rest = Array.fromAsync(following)
  await logs.append([line(2, { process: 'worker' })])
  stop.abort()
  assert.deepEqual(await rest, [])
})

test('a slow reader is moved on and told', async () => {
  await using logs = new AppLogs(dir)
  await logs.append([line(0)])
  const stop = new AbortController()
  const reader = logs.follow({ app: 'blog', lines: 1 }, stop.signal)
  assert.equal((await reader.next()).value?.text, 'line 0')
  for (let n = 1; n <= 120_000; n += 1_000) await logs.append(lines(n, n + 1_000))
  const rest = await take(reader, 2)
  const [, skipped] = /^… (\d+) lines skipped$/.exec(rest[0]?.text ?? '') ?? []
  assert.ok(Number(skipped) > 1_000)
  assert.equal(rest[0]?.instance, '')
  assert.equal(rest[1]?.text, `line ${1 + Number(skipped)}`)
})

test('a reader whose place was removed meanwhile is told', async () => {
  await using logs = new AppLogs(dir, { segmentBytes: 10_000, maxBytesPerApp: 40_000 })
  await logs.append([line(0)])
  const reader = logs.follow({ app: 'blog', lines: 1 }, new AbortController().signal)
  await reader.next()
  for (let n = 1; n < 2_000; n += 50) await logs.append(lines(n, n + 50))
  const [notice, next] = await take(reader, 2)
  assert.equal(notice?.text, '… lines skipped')
  assert.ok(Number(next?.text.slice(5)) > 1_000)
})

test('memory stays bounded while a flood is written and a reader sleeps', async () => {
  await using logs = new AppLogs(dir)
  const reader = logs.follow({ app: 'blog', lines: 1 }, new AbortController().signal)
  await logs.append([line(0)])
  await reader.next()
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  for (let n = 1; n <= 300_000; n += 500) await logs.append(lines(n, n + 500, { text: 'y'.repeat(300) }))
  globalThis.gc?.()
  assert.ok(process.memoryUsage().heapUsed - before < 60_000_000)
  await reader.return(undefined)
})

test('removing an app ends its followers, and late lines of its instances bring nothing back', async () => {
  await using logs = new AppLogs(dir)
  await logs.append([line(0), line(0, { app: 'other', instance: 'o1' })])
  const following = logs.follow({ app: 'blog', lines: 10 }, new AbortController().signal)
  assert.equal((await following.next()).value?.text, 'line 0')
  const rest = Array.fromAsync(following)
  await logs.remove('blog')
  assert.deepEqual(await rest, [])
  await logs.append([line(1)])
  assert.deepEqual(await readdir(join(dir, 'apps')), ['other'])
  await logs.append([line(2, { instance: 'new' })])
  assert.deepEqual(texts(await logs.tail({ app: 'blog', lines: 10 })), ['line 2'])
})

test('names that lead elsewhere: lines are dropped, questions refused, nothing is made', async () => {
  await using logs = new AppLogs(dir)
  for (const app of ['../x', '..', '', '/etc', 'a/b', 'A', 'x\0', '.hidden', 'x'.repeat(200)]) {
    await logs.append([line(0, { app })])
    await assert.rejects(logs.tail({ app, lines: 1 }), /not an app's name/)
    await assert.rejects(logs.remove(app), /not an app's name/)
  }
  assert.deepEqual(await readdir(dir), [])
})

test('the file can be read by people', async () => {
  await using logs = new AppLogs(dir)
  await logs.append([line(0, { stream: 'err' })])
  const text = await readFile(join(dir, 'apps/blog/00000001.log'), 'utf8')
  assert.equal(text, `${time(0)}\tc1\tweb\t1\te\tline 0\n`)
})

test('what the full disk does not take is refused, and taken the next time', async () => {
  await mkdir(join(dir, 'apps/blog'), { recursive: true })
  await symlink('/dev/full', join(dir, 'apps/blog/00000001.log'))
  await using logs = new AppLogs(dir)
  await assert.rejects(logs.append(lines(0, 3)), /ENOSPC/)
  await logs.append(lines(0, 3))
  assert.deepEqual(texts(await logs.tail({ app: 'blog', lines: 10 })), ['line 0', 'line 1', 'line 2'])
  assert.deepEqual(await logs.lastTimes(), { c1: `o${time(2)}*1` })
})
