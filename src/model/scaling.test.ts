import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { planScale, type RunningSet, type ScalePlan } from './scaling.ts'

const size = { memoryMb: 512, cpu: 1 }
const sets = (...counts: number[]): RunningSet[] => counts.map((count, n) => ({ id: `s${n}`, count, ...size }))
const big = (...counts: number[]): RunningSet[] =>
  counts.map((count, n) => ({ id: `b${n}`, count, memoryMb: 1024, cpu: 1 }))

const cases: [name: string, running: RunningSet[], count: number, plan: ScalePlan][] = [
  ['starts the first', [], 1, { start: 1, drain: [] }],
  ['does nothing where nothing changes', sets(2), 2, { start: 0, drain: [] }],
  ['adds what is missing', sets(2), 5, { start: 3, drain: [] }],
  ['drains all for none', sets(2, 1), 0, { start: 0, drain: ['s0', 's1'] }],
  ['drains the set that is too many', sets(1, 2, 2), 3, { start: 0, drain: ['s2'] }],
  ['replaces a set that is too large', sets(4), 3, { start: 3, drain: ['s0'] }],
  ['keeps what fits and starts the rest', sets(4, 1), 3, { start: 2, drain: ['s0'] }],
  ['replaces all of another size', [...big(2), ...sets(1)], 2, { start: 1, drain: ['b0'] }],
]
for (const [name, running, count, plan] of cases) {
  test(name, () => assert.deepEqual(planScale(running, { ...size, count }), plan))
}

test('whatever runs: what is started and kept is what is wanted, and nothing is drained that could be kept', () => {
  for (let round = 0; round < 2_000; round++) {
    const running = [...sets(...counts()), ...big(...counts())]
    const count = randomInt(12)
    const plan = planScale(running, { ...size, count })
    const kept = running.filter(({ id }) => !plan.drain.includes(id))
    const keptCount = sum(kept)
    const what = JSON.stringify({ running, count, plan })
    assert.equal(plan.start + keptCount, count, what)
    assert.ok(plan.start >= 0, what)
    assert.ok(
      kept.every(({ memoryMb }) => memoryMb === size.memoryMb),
      what,
    )
    assert.equal(
      keptCount,
      best(
        running.filter(({ memoryMb }) => memoryMb === size.memoryMb),
        count,
      ),
      what,
    )
    assert.deepEqual(new Set(plan.drain).size, plan.drain.length, what)
  }
})

const counts = () => Array.from({ length: randomInt(5) }, () => randomInt(1, 6))
const sum = (all: readonly RunningSet[]) => all.reduce((total, { count }) => total + count, 0)

/** By trying every subset. */
function best([first, ...rest]: readonly RunningSet[], limit: number): number {
  if (!first) return 0
  const without = best(rest, limit)
  return first.count > limit ? without : Math.max(without, first.count + best(rest, limit - first.count))
}
