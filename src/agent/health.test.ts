import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { type Check, type Finding, HealthMonitor, judge, pauseAfter } from './health.ts'

const passed = { passed: true } as const
const refused = { passed: false, reason: 'connection refused' } as const
const fresh: Finding = { health: 'unknown', proven: false, note: '', passes: 0, failures: 0 }

const after = (...results: (typeof passed | typeof refused)[]) => results.reduce<Finding>(judge, fresh)

test('one pass makes healthy', () => assert.equal(after(refused, passed).health, 'healthy'))
test('never passed stays unknown, and says why', () =>
  assert.deepEqual(after(refused, refused, refused, refused), { ...fresh, note: 'connection refused', failures: 4 }))
test('two failures in a row are forgiven', () => assert.equal(after(passed, refused, refused).health, 'healthy'))
test('three are not', () => assert.equal(after(passed, refused, refused, refused).health, 'unhealthy'))
test('a pass between them starts anew', () =>
  assert.equal(after(passed, refused, refused, passed, refused, refused).health, 'healthy'))
test('one pass heals', () => assert.equal(after(passed, refused, refused, refused, passed).health, 'healthy'))

test('probes hurry until the first pass, within the deadline only', () => {
  const deadline = { startedAt: Date.now(), deadlineMs: 60_000 }
  assert.equal(pauseAfter(after(refused), deadline), 100)
  assert.equal(pauseAfter(after(refused), { startedAt: Date.now() - 61_000, deadlineMs: 60_000 }), 1_000)
  assert.equal(pauseAfter(after(passed, refused), deadline), 1_000)
  const calm = pauseAfter(after(passed), deadline)
  assert.ok(calm >= 4_000 && calm <= 6_000)
  assert.ok(pauseAfter(after(...Array.from({ length: 20 }, () => passed)), deadline) >= 12_000)
})

async function app(t: TestContext): Promise<{ server: Server; check: Check }> {
  const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const target = { address: '127.0.0.1', port, host: 'a.test', path: '/', declared: false, timeoutMs: 1_000 }
  return { server, check: { kind: 'probe', target, deadlineMs: 10_000, startedAt: Date.now() } }
}

test('the first probe goes out at once', async (t) => {
  const { check } = await app(t)
  const times = []
  for (let tries = 0; tries < 10; tries++) times.push(await firstProbeMs(check))
  assert.ok(Math.min(...times) < 90, 'sooner than the pause between two probes, at least on a machine that is not busy')
})

async function firstProbeMs(check: Check): Promise<number> {
  const changed = Promise.withResolvers<void>()
  using monitor = new HealthMonitor(changed.resolve)
  const began = performance.now()
  monitor.watch(new Map([['one', check]]))
  await changed.promise
  assert.equal(monitor.of('one').health, 'healthy')
  return performance.now() - began
}

test('trusted ones start healthy, forgotten ones are unknown', async (t) => {
  const { check } = await app(t)
  using monitor = new HealthMonitor(() => undefined, ['one'])
  monitor.watch(
    new Map([
      ['one', check],
      ['two', check],
    ]),
  )
  assert.equal(monitor.of('one').health, 'healthy')
  assert.equal(monitor.of('two').health, 'unknown')
  monitor.watch(new Map())
  assert.equal(monitor.of('one').health, 'unknown')
})

test('another rule keeps what is known, a restart does not', async (t) => {
  const { check } = await app(t)
  using monitor = new HealthMonitor(() => undefined, ['one'])
  assert.ok(check.kind === 'probe')
  monitor.watch(new Map([['one', check]]))
  monitor.watch(new Map([['one', { ...check, target: { ...check.target, host: 'b.test' } }]]))
  assert.equal(monitor.of('one').health, 'healthy')
  monitor.watch(new Map([['one', { ...check, startedAt: check.startedAt + 1 }]]))
  assert.equal(monitor.of('one').health, 'unknown')
})

test('without a port, having run for a while is enough', async () => {
  const changed = Promise.withResolvers<void>()
  using monitor = new HealthMonitor(changed.resolve)
  monitor.watch(new Map([['one', { kind: 'uptime', uptimeMs: 50, startedAt: Date.now() }]]))
  assert.equal(monitor.of('one').health, 'unknown')
  await changed.promise
  assert.equal(monitor.of('one').health, 'healthy')
})
