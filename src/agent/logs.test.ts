import assert from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { advance, formatPosition, type LogLine, type LogPosition } from '../model/logLine.ts'
import { followLogs, type LoggedContainer, type LogOptions, type LogSource } from './logs.ts'

const at = (n: number) => `2026-01-01T00:00:00.${String(n).padStart(9, '0')}Z`

type Said = { at: string; text: string }

const frameOf = ({ at, text }: Said) => {
  const data = Buffer.from(`${at} ${text}\n`)
  const header = Buffer.alloc(8)
  header[0] = 1
  header.writeUInt32BE(data.length, 4)
  return Buffer.concat([header, data])
}

/** An Engine with one container: what it said so far, whether it ended, and how often it was asked. */
function engine(said: Said[]) {
  const live = new Set<PassThrough>()
  const asked: Omit<LogOptions, 'signal'>[] = []
  const source: LogSource = {
    async logs(_id, { signal, ...options }) {
      asked.push(options)
      const since = Number(options.since ?? 0)
      const known = said.filter(({ at }) => Date.parse(at) / 1000 >= since).map(frameOf)
      if (!options.follow) return Readable.from(known)
      const stream = new PassThrough({ signal })
      for (const frame of known) stream.write(frame)
      live.add(stream)
      return stream
    },
  }
  const say = (one: Said) => {
    said.push(one)
    for (const stream of live) stream.write(frameOf(one))
  }
  const hangUp = () => {
    for (const stream of live) stream.end()
    live.clear()
  }
  return { source, say, hangUp, asked }
}

function server() {
  const lines: LogLine[] = []
  const calls: number[] = []
  const ends = new Map<string, LogPosition>()
  return {
    lines,
    calls,
    async logs(batch: readonly LogLine[]) {
      lines.push(...batch)
      calls.push(batch.length)
      for (const line of batch) ends.set(line.instance, advance(ends.get(line.instance), line))
    },
    lastLogTimes: async () => Object.fromEntries([...ends].map(([id, end]) => [id, formatPosition(end)])),
    texts: () => lines.map(({ text }) => text),
  }
}

const web: LoggedContainer = { id: 'c1', app: 'blog', process: 'web', release: 3, ended: false }

async function until(condition: () => boolean) {
  for (let left = 3_000; !condition(); left--) {
    if (left === 0) assert.fail(`never: ${condition}`)
    await sleep(10)
  }
}

const numbered = (from: number, to: number): Said[] =>
  Array.from({ length: to - from }, (_, index) => ({ at: at(from + index), text: `line ${from + index}` }))

const texts = (from: number, to: number) => numbered(from, to).map(({ text }) => text)

test('copies what was said and what is said, with its origin', async () => {
  const docker = engine(numbered(0, 2))
  const link = server()
  await using logs = followLogs({ source: docker.source, link })
  logs.sync([web])
  await until(() => link.lines.length === 2)
  docker.say({ at: at(2), text: 'line 2' })
  await until(() => link.lines.length === 3)
  assert.deepEqual(link.texts(), texts(0, 3))
  const [first] = link.lines
  assert.deepEqual(first, {
    app: 'blog',
    process: 'web',
    release: 3,
    instance: 'c1',
    at: at(0),
    stream: 'out',
    text: 'line 0',
  })
})

test('sends many lines in batches of at most 500', async () => {
  const docker = engine(numbered(0, 2_300))
  const link = server()
  await using logs = followLogs({ source: docker.source, link })
  logs.sync([web])
  await until(() => link.lines.length === 2_300)
  assert.ok(link.calls.every((size) => size <= 500))
  assert.ok(link.calls.length < 12)
})

test('last words of a container that had ended, once, and then it is complete', async () => {
  const docker = engine(numbered(0, 3))
  const link = server()
  const complete: string[] = []
  await using logs = followLogs({ source: docker.source, link, onComplete: (id) => complete.push(id) })
  logs.sync([{ ...web, ended: true }])
  assert.equal(logs.isComplete('c1'), false)
  await until(() => logs.isComplete('c1'))
  assert.deepEqual(link.texts(), texts(0, 3))
  logs.sync([{ ...web, ended: true }])
  logs.sync([])
  await sleep(20)
  assert.deepEqual(complete, ['c1'])
  assert.deepEqual(docker.asked, [{ follow: false }])
})

test('a stream that breaks off before the last words loses none', async () => {
  const docker = engine([])
  const link = server()
  await using logs = followLogs({ source: docker.source, link })
  logs.sync([web])
  docker.say({ at: at(0), text: 'line 0' })
  await until(() => link.lines.length === 1)
  docker.hangUp()
  docker.say({ at: at(1), text: 'line 1' })
  logs.sync([{ ...web, ended: true }])
  await until(() => logs.isComplete('c1'))
  assert.deepEqual(link.texts(), texts(0, 2))
})

test('goes on after a restart without loss or repetition, also among lines of one time', async () => {
  const said = [...numbered(0, 2), { at: at(2), text: 'piece 1' }, { at: at(2), text: 'piece 2' }]
  const docker = engine(said)
  const link = server()
  {
    await using logs = followLogs({ source: docker.source, link })
    logs.sync([web])
    await until(() => link.lines.length === 4)
  }
  docker.say({ at: at(2), text: 'piece 3' })
  docker.say({ at: at(3), text: 'line 3' })
  await using again = followLogs({ source: docker.source, link })
  again.sync([{ ...web, ended: true }])
  await until(() => again.isComplete('c1'))
  assert.deepEqual(link.texts(), ['line 0', 'line 1', 'piece 1', 'piece 2', 'piece 3', 'line 3'])
  assert.equal(docker.asked.at(-1)?.since, '1767225599.000000002')
})

test('a server that does not take the lines is asked again, and nothing is read meanwhile', async () => {
  let read = 0
  const endless = async function* () {
    for (let n = 0; ; n++) {
      read = n
      yield frameOf({ at: at(n), text: 'flood' })
    }
  }
  const source: LogSource = { logs: async () => Readable.from(endless()) }
  let refused = 0
  const link = {
    lastLogTimes: async () => ({}),
    logs: async () => {
      refused++
      throw new Error('disk full')
    },
  }
  await using logs = followLogs({ source, link })
  logs.sync([web])
  await until(() => refused >= 2)
  const before = read
  await sleep(100)
  assert.equal(read, before)
  assert.ok(read < 2_000)
})

test('one flood does not hold up another container', async () => {
  const link = server()
  const never = new Promise<never>(() => undefined)
  const docker = engine(numbered(0, 5))
  await using logs = followLogs({
    source: docker.source,
    link: {
      lastLogTimes: async () => ({}),
      logs: (lines) => (lines[0]?.app === 'flood' ? Promise.race([never, sleep(300)]) : link.logs(lines)),
    },
  })
  logs.sync([{ ...web, id: 'c2', app: 'flood' }, web])
  await until(() => link.lines.length === 5)
})

test('a container that is gone is complete; an Engine that fails is asked again', async () => {
  const link = server()
  let asked = 0
  const source: LogSource = {
    async logs() {
      asked++
      throw asked < 2 ? new Error('connection refused') : Object.assign(new Error('no such container'), { status: 404 })
    },
  }
  await using logs = followLogs({ source, link })
  logs.sync([web])
  await until(() => logs.isComplete('c1'))
  assert.equal(asked, 2)
})
