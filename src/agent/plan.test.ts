import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WantedSet } from '../contract/link.ts'
import { defaultHealth } from '../model/health.ts'
import { type Candidate, plan } from './plan.ts'

const set = (id: string, role: WantedSet['role'], port: number | null = 8080): WantedSet => ({
  id,
  process: 'web',
  role,
  port,
  health: defaultHealth,
})

const instance = (id: string, setId: string, more: Partial<Candidate> = {}): Candidate => ({
  id,
  set: setId,
  state: 'running',
  health: 'healthy',
  address: '10.0.0.1',
  proven: true,
  ...more,
})

const sick = { health: 'unhealthy' } as const
const fresh = { health: 'unknown', proven: false } as const

test('a healthy instance of a live set gets requests', () =>
  expectServers([set('a', 'live')], [instance('1', 'a')], ['1 ready']))
test('one of a starting set does not', () => expectServers([set('a', 'starting')], [instance('1', 'a')], []))
test('one of a draining set finishes what it has', () =>
  expectServers([set('a', 'draining')], [instance('1', 'a')], ['1 drain']))
test('a draining one drains although it is unhealthy', () =>
  expectServers([set('a', 'draining')], [instance('1', 'a', sick)], ['1 drain']))
test('an unhealthy one leaves while others are healthy', () =>
  expectServers([set('a', 'live')], [instance('1', 'a'), instance('2', 'a', sick)], ['1 ready']))
test('all unhealthy: they stay', () =>
  expectServers([set('a', 'live')], [instance('1', 'a', sick), instance('2', 'a', sick)], ['1 ready', '2 ready']))
test('never healthy: not routed even when it is the only one', () =>
  expectServers([set('a', 'live')], [instance('1', 'a', fresh)], []))
test('an exited one leaves at once', () =>
  expectServers([set('a', 'live')], [instance('1', 'a', { state: 'exited', address: null })], []))
test('an exited one does not drain either', () =>
  expectServers([set('a', 'draining')], [instance('1', 'a', { state: 'exited', address: null })], []))
test('one without an address waits', () =>
  expectServers([set('a', 'live')], [instance('1', 'a', { address: null })], []))
test('a process without a port is never routed', () =>
  expectServers([set('a', 'live', null)], [instance('1', 'a')], []))
test('a stranger is not routed', () => expectServers([set('a', 'live')], [instance('1', 'b')], []))
test('the swap: new ones ready, old ones drain', () =>
  expectServers(
    [set('old', 'draining'), set('new', 'live')],
    [instance('1', 'old'), instance('2', 'new')],
    ['2 ready', '1 drain'],
  ))

function expectServers(sets: WantedSet[], instances: Candidate[], expected: string[]) {
  const [route] = plan({ revision: 1, apps: [{ app: 'blog', hosts: ['blog.test'], sets }] }, instances)
  assert.deepEqual(
    route?.servers.map(({ id, state }) => `${id} ${state}`),
    expected,
  )
}
