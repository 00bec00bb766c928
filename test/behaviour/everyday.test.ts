import assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import test, { after, before } from 'node:test'
import { attach } from '../../src/client/attach.ts'
import { showApp } from '../../src/contract/apps.ts'
import { deploy } from '../../src/contract/deploys.ts'
import { addDomain, removeDomain } from '../../src/contract/domains.ts'
import { changeEnv, listEnv } from '../../src/contract/env.ts'
import { listInstances } from '../../src/contract/instances.ts'
import { appLogs } from '../../src/contract/logs.ts'
import { operationLog, showOperation } from '../../src/contract/operations.ts'
import { restart, rollback } from '../../src/contract/releases.ts'
import { createRun } from '../../src/contract/runs.ts'
import { changeScale } from '../../src/contract/scale.ts'
import { output } from '../../src/lib/exec.ts'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { get } from '../harness/load.ts'
import { newRepository } from '../harness/repository.ts'
import { site } from '../harness/site.ts'
import { until } from '../harness/wait.ts'

const params = { app: 'daily' }
let berth: TestBerth
before(async () => {
  berth = await startBerth()
  await berth.createApp('daily')
})
after(() => berth[Symbol.asyncDispose]())

/** As the CLI does it: follows the log, then asks how it ended. */
async function done({ id }: { readonly id: string }) {
  const log = await Array.fromAsync(
    berth.client.stream(operationLog, { params: { operation: id }, query: { follow: true } }),
  )
  const ended = await berth.client.call(showOperation, { params: { operation: id }, query: { wait: 60 } })
  assert.equal(ended.state, 'succeeded', `${ended.error?.message}\n${log.map(({ text }) => text).join('\n')}`)
  return log.map(({ text }) => text)
}

test('a folder is deployed by an upload', async () => {
  await using repository = await newRepository(site({ text: 'env:GREETING' }))
  const path = join(berth.dir, 'source.tar')
  await output(['tar', '-C', repository.dir, '--exclude', '.git', '-cf', path, '.'])
  const upload = { type: 'application/x-tar', bytes: createReadStream(path) } as const
  const log = await done(await berth.client.upload(deploy, { params }, upload))
  assert.match(log.join('\n'), /-----> .*v1/s)
  assert.equal((await berth.get('daily')).body, '(unset)')
})

test('a variable reaches the app by a new release, and can be taken back', async () => {
  const { operation } = await berth.client.call(changeEnv, {
    params,
    body: { set: { GREETING: { value: "it's $(here)\nand `there`", secret: true } } },
  })
  assert.ok(operation)
  await done(operation)
  assert.equal((await berth.get('daily')).body, "it's $(here)\nand `there`")
  const [variable] = await berth.client.call(listEnv, { params, query: { values: true } })
  assert.deepEqual([variable?.name, variable?.value, variable?.secret], ['GREETING', null, true])
  await done(await berth.client.call(rollback, { params, body: {} }))
  assert.equal((await berth.get('daily')).body, '(unset)')
})

test('scale and restart are seen in the instances', async () => {
  const { operation } = await berth.client.call(changeScale, { params, body: { web: { count: 2 } } })
  assert.ok(operation)
  await done(operation)
  await done(await berth.client.call(restart, { params, body: {} }))
  const live = async () => {
    const instances = await berth.client.call(listInstances, { params })
    return instances.filter(({ role, health }) => role === 'live' && health === 'healthy').length
  }
  await until('two live instances', async () => (await live()) === 2)
  const { state, processes } = await berth.client.call(showApp, { params })
  assert.deepEqual([state, processes[0]?.running], ['running', 2])
})

test('a host name is routed as soon as it is added, and no longer when it is removed', async () => {
  const target = { port: berth.ports.http, host: 'daily.example.com', path: '/' }
  await berth.client.call(addDomain, { params, body: { name: 'daily.example.com' } })
  await until('the route', async () => (await get(target)).status === 200)
  await berth.client.call(removeDomain, { params: { app: 'daily', domain: 'daily.example.com' } })
  await until('no route', async () => (await get(target)).status !== 200)
})

test('what the instances wrote can be read and followed', async () => {
  const lines = await Array.fromAsync(berth.client.stream(appLogs, { params, query: { lines: 1_000 } }))
  assert.ok(lines.some(({ text, process }) => process === 'web' && text === 'listening'))
  const stop = new AbortController()
  const seen: string[] = []
  const follow = async () => {
    for await (const { text } of berth.client.stream(
      appLogs,
      { params, query: { follow: true, lines: 0 } },
      stop.signal,
    ))
      seen.push(text)
  }
  const following = follow().catch(() => undefined)
  await done(await berth.client.call(restart, { params, body: {} }))
  await until('lines of the new instances', () => seen.includes('listening'))
  stop.abort()
  await following
})

test('a command runs detached, and its output is the log of the operation', async () => {
  const command = ['sh', '-c', 'echo "run $BERTH_APP"; echo oops >&2']
  const log = await done(await berth.client.call(createRun, { params, body: { command } }))
  assert.deepEqual(log.map((line) => line.trim()).sort(), ['oops', 'run daily'])
})

async function attached(command: string[], typed: string, tty = false) {
  const input = new PassThrough()
  input.end(typed)
  const written = { out: '', err: '' }
  const terminal = {
    input,
    output: (stream: 'out' | 'err', bytes: Uint8Array) => {
      written[stream] += Buffer.from(bytes).toString('utf8')
    },
  }
  const exit = await attach(berth.client.connection, 'daily', { command, tty }, terminal)
  return { exit, ...written }
}

test('a command runs attached: input, output, errors and exit code', async () => {
  const script = 'read line; echo "got $line"; echo "bad $1" >&2; exit 7'
  const { exit, out, err } = await attached(['sh', '-c', script, 'sh', "$(id) 'quoted'"], 'hello\n')
  assert.deepEqual([exit, out, err], [7, 'got hello\n', "bad $(id) 'quoted'\n"])
})

test('a command runs attached with a terminal of the size asked for', async () => {
  const script = 'sleep 0.3; stty size; test -t 0 && echo terminal; cat'
  const { exit, out } = await attached(['sh', '-c', script], '', true)
  assert.equal(exit, 0)
  assert.match(out, /24 80\r\nterminal\r\n/)
})
