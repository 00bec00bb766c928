import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arrange } from './arrange.ts'
import { sumConnections } from './busy.ts'
import type { AppRoute, RouterSettings, RouteServer } from './routes.ts'
import { type Running, readMap, readServers } from './running.ts'
import { command, outcome, record, stepsTo } from './steps.ts'
import { readOldWorkers } from './workers.ts'

const settings: RouterSettings = {
  config: '/d/haproxy.cfg',
  socket: '/r/router.sock',
  master: '/r/master.sock',
  bind: ['*:80'],
  api: { host: 'berth.test', port: 7117 },
}

const server = (id: string, state: RouteServer['state'] = 'ready'): RouteServer => ({
  id,
  address: '10.0.0.1',
  port: 80,
  state,
})
const app = (name: string, ...servers: RouteServer[]): AppRoute => ({ app: name, hosts: [`${name}.test`], servers })

const empty = (count = 64): Running => ({
  pid: 1,
  version: '',
  backends: Array.from({ length: count }, (_, n) => `b${n + 1}`),
  hosts: new Map([['berth.test', 'api']]),
  wildcards: new Map(),
  servers: new Map(),
})

/** Sends what is needed to a pretended HAProxy that accepts all; gives the commands. */
function go(running: Running, ...routes: AppRoute[]): string[] {
  const steps = stepsTo(arrange(routes, running, new Map(), settings), running)
  for (const step of steps) record(step, running)
  return steps.map((step) => command(step, settings).replace(' pool-purge-delay 5s pool-max-conn -1', ''))
}

test('a first release: server, then host', () => {
  assert.deepEqual(go(empty(), app('blog', server('v1'))), [
    'add server b1/v1 10.0.0.1:80',
    'set server b1/v1 state ready',
    'add map /d/hosts.map blog.test b1',
  ])
})

test('a swap: the new one is ready before the old one drains', () => {
  const running = empty()
  go(running, app('blog', server('v1')))
  assert.deepEqual(go(running, app('blog', server('v2'), server('v1', 'drain'))), [
    'add server b1/v2 10.0.0.1:80',
    'set server b1/v2 state ready',
    'set server b1/v1 state drain',
  ])
  assert.deepEqual(go(running, app('blog', server('v2'))), ['set server b1/v1 state maint', 'del server b1/v1'])
})

test('nothing changed: nothing to say', () => {
  const running = empty()
  go(running, app('blog', server('v1')), app('shop', server('s1')))
  assert.deepEqual(go(running, app('shop', server('s1')), app('blog', server('v1'))), [])
})

test('an app that leaves frees its backend', () => {
  const running = empty()
  go(running, app('blog', server('v1')))
  assert.deepEqual(go(running), ['del map /d/hosts.map blog.test', 'set server b1/v1 state maint', 'del server b1/v1'])
  assert.deepEqual(go(running, app('shop', server('s1'))).at(-1), 'add map /d/hosts.map shop.test b1')
})

test('a host moves to another app in one step', () => {
  const running = empty()
  go(running, { ...app('a', server('a1')), hosts: ['a.test', 'x.test'] }, app('b', server('b1')))
  const moved = go(running, app('a', server('a1')), { ...app('b', server('b1')), hosts: ['b.test', 'x.test'] })
  assert.deepEqual(moved, ['set map /d/hosts.map x.test b2'])
})

test('wildcards have a map of their own', () => {
  assert.deepEqual(go(empty(), { ...app('blog'), hosts: ['*.blog.test'] }), ['add map /d/wildcards.map blog.test b1'])
})

test('a moved address is changed in place', () => {
  const running = empty()
  go(running, app('blog', server('v1')))
  const moved = go(running, app('blog', { ...server('v1'), address: '10.0.0.9', port: 81 }))
  assert.deepEqual(moved, ['set server b1/v1 addr 10.0.0.9 port 81'])
})

test('a host belongs to the first app that has it, and the API keeps its own', () => {
  const layout = arrange(
    [app('a'), { ...app('b'), hosts: ['a.test', 'berth.test', 'b.test'] }],
    empty(),
    new Map(),
    settings,
  )
  assert.deepEqual([...layout.hosts].sort(), [
    ['a.test', 'b1'],
    ['b.test', 'b2'],
    ['berth.test', 'api'],
  ])
})

test('apps beyond the spare backends wait for the reload; the others do not', () => {
  const running = empty(2)
  const routes = ['a', 'b', 'c'].map((name) => app(name, server(name)))
  const layout = arrange(routes, running, new Map(), settings)
  assert.ok(layout.backends.length >= 3 + 32)
  assert.deepEqual([...layout.apps.values()], ['b1', 'b2', 'b3'])
  assert.equal(stepsTo(layout, running).filter((step) => step.do === 'add').length, 2)
})

test('a deletion that connections forbid is tried again, other refusals are errors', () => {
  const at = { backend: 'b1', id: 'v1' }
  assert.equal(
    outcome({ do: 'delete', ...at }, 'Server still has connections attached to it, cannot remove it.'),
    'later',
  )
  assert.equal(outcome({ do: 'delete', ...at }, 'Server deleted.'), 'done')
  assert.equal(outcome({ do: 'state', ...at, state: 'drain' }, 'No such server.'), 'failed')
})

test('what HAProxy prints is understood', () => {
  const state =
    '1\n# be_id be_name …\n4 b1 1 v1 10.0.0.1 2 8 1 1 0 1 0 0 0 0 0 0 - 80 - 0 0 - - 0\n3 api 1 local 127.0.0.1 2 0 1 1 0 1 0 0 0 0 0 0 - 7117 - 0 0 - - 0'
  assert.deepEqual(
    readServers(state),
    new Map([['b1', new Map([['v1', { address: '10.0.0.1', port: 80, state: 'drain' }]])]]),
  )
  assert.deepEqual(
    readMap('0x55 blog.test b1\n0x56 shop.test b2'),
    new Map([
      ['blog.test', 'b1'],
      ['shop.test', 'b2'],
    ]),
  )
  assert.deepEqual(
    sumConnections('# bkname/svname …\nb1/v1 4/1 10.0.0.1 80 - 5000 3 1 1 0 1 -1 1 1 0'),
    new Map([['v1', 3]]),
  )
  const procs =
    '#<PID> <type>\n1 master 4 [failed: 0]\n# workers\n20 worker 0\n# old workers\n10 worker 1\n12 worker 2\n# programs\n'
  assert.deepEqual(readOldWorkers(procs), [10, 12])
})
