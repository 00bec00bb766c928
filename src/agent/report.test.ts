import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Wanted } from '../contract/link.ts'
import { defaultHealth } from '../model/health.ts'
import { labels } from '../model/instance.ts'
import type { Finding } from './health.ts'
import { type Container, sighting } from './inventory.ts'
import { type Known, seen } from './report.ts'

const container = (more: Partial<Container> = {}): Container => ({
  id: 'c1',
  labels: { [labels.set]: 's1', [labels.app]: 'blog', [labels.process]: 'web', [labels.release]: '7' },
  state: 'running',
  addresses: { berth: '10.0.0.7', other: '10.1.0.7' },
  exitCode: 0,
  oomKilled: false,
  error: '',
  startedAt: '2026-01-01T00:00:00Z',
  finishedAt: '0001-01-01T00:00:00Z',
  ...more,
})

const finding: Finding = { health: 'healthy', proven: true, note: '', passes: 1, failures: 0 }
const ended = { state: 'exited', finishedAt: '2026-01-01T00:01:00Z' } as const

function known(more: Partial<Container> = {}, lastWords: Known['lastWords'] = 'kept'): Known {
  const found = sighting(container(more), 'berth')
  assert.ok(found)
  return { ...found, finding, lastWords }
}

const wanted = (role: 'live' | 'draining'): Wanted => ({
  revision: 3,
  apps: [
    { app: 'blog', hosts: ['blog.test'], sets: [{ id: 's1', process: 'web', role, port: 80, health: defaultHealth }] },
  ],
})

const router = { revision: 3, ready: new Set(['c1']), busy: new Map([['c1', 2]]) }
const report = (instance: Known, role: 'live' | 'draining' = 'live') => seen('node-1', wanted(role), [instance], router)

test('a running instance with its address on our network', () => {
  assert.deepEqual(report(known()).instances, [
    {
      id: 'c1',
      node: 'node-1',
      set: 's1',
      app: 'blog',
      process: 'web',
      release: 7,
      state: 'running',
      health: 'healthy',
      address: '10.0.0.7',
      exitCode: null,
      oomKilled: false,
      note: '',
      startedAt: '2026-01-01T00:00:00Z',
      finishedAt: null,
    },
  ])
})

test('routed sets, and busy ones only while they drain', () => {
  assert.deepEqual(report(known()).router, { revision: 3, routed: ['s1'], busy: {} })
  assert.deepEqual(report(known(), 'draining').router.busy, { s1: 2 })
})

test('how it ended is said in words', () => {
  expectNote({ ...ended, exitCode: 3 }, 'exited with code 3')
  expectNote({ ...ended, exitCode: 137 }, 'killed (exit code 137)')
  expectNote({ ...ended, exitCode: 137, oomKilled: true }, 'killed: out of memory')
  expectNote({ ...ended, exitCode: 127, error: 'no such file: gunicorn' }, 'no such file: gunicorn')
})

test('an end is not final before its last words are kept', () => {
  const [early] = report(known({ ...ended, exitCode: 3 }, 'awaited')).instances
  assert.equal(early?.state, 'running')
  assert.equal(early?.health, 'unhealthy')
  assert.equal(early?.exitCode, null)
})

test('containers that are no instances are none of our business', () => {
  assert.equal(sighting(container({ labels: { [labels.app]: 'blog' } }), 'berth'), undefined)
})

function expectNote(more: Partial<Container>, note: string) {
  const [instance] = report(known(more)).instances
  assert.equal(instance?.note, note)
  assert.equal(instance?.state, 'exited')
  assert.equal(instance?.address, null)
}
