import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { deploy } from '../../src/contract/deploys.ts'
import { encodeHeader, tarEnd } from '../../src/lib/tarHeader.ts'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { cliFor } from '../harness/cli.ts'
import { type Measured, measure } from '../harness/load.ts'
import { operationsOf } from '../harness/operations.ts'
import { site } from '../harness/site.ts'
import { until } from '../harness/wait.ts'

const stack = 'berth/stack:bookworm'

let berth: TestBerth
/** Gives builds all the time that they want. */
let patient: TestBerth
let calm: Measured
before(async () => {
  const limits = { BERTH_BUILD_PIDS: '512', BERTH_BUILD_MEMORY_MB: '1024' }
  berth = await startBerth({ ...limits, BERTH_BUILD_SECONDS: '8' })
  patient = await startBerth({ ...limits, BERTH_BUILD_SECONDS: '100' })
  const operations = operationsOf(berth)
  await berth.createApp('calm')
  await operations.succeeded(await operations.deploy('calm', site({ text: 'calm' })))
  calm = await measure(berth.target('calm'), AbortSignal.timeout(5_000))
})
after(async () => {
  await patient?.[Symbol.asyncDispose]()
  await berth?.[Symbol.asyncDispose]()
})

type Hostile = {
  readonly app: string
  readonly run: string
  readonly ends: { readonly code: RegExp; readonly message: RegExp }
}

const tooLong = { code: /BUILD_TIMEOUT/, message: /^the build took longer than 8 s and was stopped$/ }

const hostile: readonly Hostile[] = [
  {
    app: 'fork-bomb',
    run: `bash -c 'bomb() { bomb | bomb & }; bomb; sleep 60'`,
    ends: tooLong,
  },
  {
    app: 'memory-hog',
    run: 'dd if=/dev/zero of=/dev/null bs=3000M count=1',
    ends: { code: /BUILD_FAILED/, message: /killed, probably out of memory \(limit 1024 MB\)/ },
  },
  {
    app: 'child-hog',
    run: 'sh -c "dd if=/dev/zero of=/dev/null bs=3000M count=1; exit 9"',
    ends: { code: /BUILD_FAILED/, message: /exit code 9, probably out of memory \(limit 1024 MB\)/ },
  },
  { app: 'long-log', run: 'yes "$(head -c 1000 /dev/zero | tr "\\0" x)"', ends: tooLong },
  { app: 'endless-line', run: 'tr "\\0" y < /dev/zero', ends: tooLong },
  { app: 'endless', run: 'sleep 4321.7', ends: tooLong },
  { app: 'busy', run: 'for i in 1 2 3 4 5 6; do while :; do :; done & done; wait', ends: tooLong },
  {
    app: 'disk-hog',
    run: 'while :; do dd if=/dev/zero of=/f bs=1M count=64 oflag=direct 2>/dev/null; dd if=/f of=/dev/null bs=1M iflag=direct 2>/dev/null; done',
    ends: tooLong,
  },
]

for (const { app, run, ends } of hostile) {
  test(`a hostile build is contained, and the neighbour serves on: ${app}`, { timeout: 180_000 }, async (t) => {
    const place = ends === tooLong ? berth : patient
    const operations = operationsOf(place)
    await place.createApp(app)
    const dockerfile = `FROM ${stack}\nRUN : ${place.cluster}; ${run}\n`
    const operation = await operations.deploy(app, { Dockerfile: dockerfile })
    const over = new AbortController()
    const measuring = measure(berth.target('calm'), over.signal)
    const { state, error } = await operations.ended(operation)
    over.abort()
    const { total, failed, p50, p99 } = await measuring
    t.diagnostic(
      `${app}: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms; calm: ${calm.p50.toFixed(1)}, ${calm.p99.toFixed(1)} ms`,
    )
    assert.equal(state, 'failed')
    assert.match(error?.code ?? '', ends.code)
    assert.match(error?.message ?? '', ends.message)
    assert.deepEqual([failed, total > 10], [[], true])
    assert.ok(p99 < Math.max(1_000, calm.p99 * 10), `p99 ${p99}`)
    const log = await readFile(join(place.dir, 'data/logs/operations', `${operation.id}.log`))
    assert.ok(log.length < 4.5 * 1024 * 1024, `${log.length} bytes of log`)
    await until('its group to be empty', () => nothingLeft(operation.id))
  })
}

const tar = (...members: Parameters<typeof encodeHeader>[0][]) =>
  Buffer.concat([...members.map((member) => encodeHeader(member)), tarEnd])

test('a team with limits of its own is bound by those', { timeout: 120_000 }, async () => {
  const operations = operationsOf(patient)
  await using cli = await cliFor({ BERTH_URL: patient.url, BERTH_TOKEN: patient.token })
  await patient.createApp('bound')
  const shown = await cli.berth(['team', 'limits', 'default', '--memory', '256M', '--seconds', '60'])
  assert.match(shown.stdout, /memory of a step +256M +this team\n.*processors of a step +\S+ +all/)
  const dockerfile = `FROM ${stack}\nRUN : ${patient.cluster}; dd if=/dev/zero of=/dev/null bs=600M count=1\n`
  const small = await operations.ended(await operations.deploy('bound', { Dockerfile: dockerfile }))
  assert.match(small.error?.message ?? '', /killed, probably out of memory \(limit 256 MB\)/)
  await cli.berth(['team', 'limits', 'default', '--memory', 'default', '--seconds', 'default'])
  const again = await operations.ended(await operations.deploy('bound', { Dockerfile: `${dockerfile}RUN exit 7\n` }))
  assert.match(again.error?.message ?? '', /exit code 7/)
})

const member = { mode: 0o644, size: 0 }
const tars: readonly (readonly [what: string, bytes: Buffer, reason: RegExp])[] = [
  ['absolute', tar({ ...member, path: '/etc/cron.d/x', type: '0' }), /is an absolute path/],
  ['outside', tar({ ...member, path: 'a/../../x', type: '0' }), /leads out of the source/],
  ['link', tar({ ...member, path: 'x', type: '2', target: '/etc/shadow' }), /the link "x" leads out of the source/],
  ['device', tar({ ...member, path: 'sda', type: '4' }), /"sda" is a device/],
  ['pipe', tar({ ...member, path: 'pipe', type: '6' }), /"pipe" is a named pipe/],
]

for (const [what, bytes, reason] of tars) {
  test(`a hostile tar file is refused before anything of it is used: ${what}`, async () => {
    const app = `tar-${what}`
    await berth.createApp(app)
    const upload = { type: 'application/x-tar', bytes: Readable.from([bytes]) } as const
    const operation = await berth.client.upload(deploy, { params: { app } }, upload)
    const { state, error } = await operationsOf(berth).ended(operation)
    assert.deepEqual([state, error?.code], ['failed', 'SOURCE'])
    assert.match(error?.message ?? '', reason)
  })
}

/** Whether the client of the build is gone; with it the Engine ends its steps. */
async function nothingLeft(operation: string): Promise<boolean> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')))
  return !lines.some((line) => line.includes(operation) || line.includes('4321.7'))
}
