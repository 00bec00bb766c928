import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type GateInstance, type GateSet, gate, type Verdict } from './gate.ts'
import { defaultHealth } from './health.ts'

const one: GateInstance = { id: 'i1', state: 'running', health: 'unknown', exitCode: null, oomKilled: false, note: '' }
const healthy = { ...one, health: 'healthy' } as const
const starting = { ...one, state: 'starting' } as const
const crashed = { ...one, state: 'exited', health: 'unhealthy', exitCode: 3, note: 'exited with code 3' } as const
const web = (count: number, ...instances: GateInstance[]): GateSet => ({ process: 'web', count, instances })
const worker = (count: number, ...instances: GateInstance[]): GateSet => ({ process: 'worker', count, instances })

const open: Verdict = { is: 'open' }
const waiting = (healthy: number, wanted: number): Verdict => ({ is: 'waiting', healthy, wanted })
const shut = (reason: string, process = 'web', instance: string | undefined = 'i1'): Verdict => ({
  is: 'shut',
  process,
  reason,
  ...(instance && { instance }),
})
const late = defaultHealth.deadlineMs
const slow = { ...one, note: 'GET / answered 500' }
const oom = { ...crashed, exitCode: 137, oomKilled: true }
const failed = { ...crashed, note: 'exec: "gunicorn": not found' }
const unclear = { ...crashed, exitCode: null, note: '' }

const cases: [name: string, sets: GateSet[], elapsedMs: number, verdict: Verdict][] = [
  ['opens where nothing is to start', [], 0, open],
  ['opens when all are healthy', [web(2, healthy, healthy)], 0, open],
  ['waits for the first instance', [web(1)], 0, waiting(0, 1)],
  ['waits for one that is starting', [web(1, starting)], 0, waiting(0, 1)],
  ['waits for one that runs and has passed no probe', [web(1, one)], 0, waiting(0, 1)],
  ['waits for the rest', [web(3, healthy, one)], 0, waiting(1, 3)],
  ['waits for every process', [web(1, healthy), worker(1)], 0, waiting(1, 2)],
  ['counts no process twice', [web(1, healthy, healthy), worker(1)], 0, waiting(1, 2)],
  ['takes no exited one for healthy', [web(1, { ...healthy, state: 'exited' })], 0, waiting(0, 1)],
  ['forgives the first crash', [web(1, crashed)], 0, waiting(0, 1)],
  ['forgives the second crash', [web(1, crashed, crashed, starting)], 0, waiting(0, 1)],
  ['opens when it comes up after two crashes', [web(1, crashed, crashed, healthy)], 0, open],
  ['shuts at the third crash', [web(1, crashed, crashed, crashed)], 0, shut('it exited with code 3')],
  ['forgives each of many as often', [web(2, ...Array(5).fill(crashed))], 0, waiting(0, 2)],
  ['shuts when all of many crashed three times', [web(2, ...Array(6).fill(crashed))], 0, shut('it exited with code 3')],
  ['opens though it crashed often before', [web(1, crashed, crashed, crashed, healthy)], 0, open],
  [
    'names the process that fails',
    [web(1, healthy), worker(1, crashed, crashed, crashed)],
    0,
    shut('it exited with code 3', 'worker'),
  ],
  [
    'says what killed it',
    [web(1, crashed, crashed, oom)],
    0,
    shut('it was killed for using more memory than it may (raise it with berth scale --memory)'),
  ],
  [
    'says what the Engine said',
    [web(1, crashed, crashed, failed)],
    0,
    shut('it exited with code 3: exec: "gunicorn": not found'),
  ],
  ['knows no exit code', [web(1, crashed, crashed, unclear)], 0, shut('it exited without an exit code')],
  ['waits until just before the deadline', [web(1, slow)], late - 1, waiting(0, 1)],
  [
    'gives up at the deadline with the last probe',
    [web(1, slow)],
    late,
    shut('GET / answered 500 (gave up after 60 s)'),
  ],
  [
    'gives up on one that was never probed',
    [web(1, one)],
    late,
    shut('it is running, but has not passed a probe (gave up after 60 s)'),
  ],
  [
    'gives up where nothing has started',
    [web(1)],
    late,
    shut('no instance has started (gave up after 60 s)', 'web', ''),
  ],
  ['gives up on one that crashed once', [web(1, crashed)], late, shut('it exited with code 3 (gave up after 60 s)')],
  [
    'tells of the one that runs rather than of the dead',
    [web(1, crashed, slow)],
    late,
    shut('GET / answered 500 (gave up after 60 s)'),
  ],
  [
    'does not tell of a healthy one',
    [web(2, healthy, { ...slow, id: 'i2' })],
    late,
    shut('GET / answered 500 (gave up after 60 s)', 'web', 'i2'),
  ],
  ['opens at the deadline too', [web(1, healthy)], late, open],
]

for (const [name, sets, elapsedMs, verdict] of cases) {
  test(name, () => assert.deepEqual(gate(sets, defaultHealth, elapsedMs), verdict))
}
