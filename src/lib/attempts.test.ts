import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { attempts } from './attempts.ts'

test('a key waits after so many failures, until the window is over', () => {
  mock.timers.enable({ apis: ['Date'], now: 0 })
  const tries = attempts({ limit: 2, windowMs: 60_000 })
  tries.failed('a')
  assert.equal(tries.wait('a'), 0)
  tries.failed('a')
  assert.deepEqual([tries.wait('a'), tries.wait('b')], [60, 0])
  mock.timers.setTime(45_000)
  assert.equal(tries.wait('a'), 15)
  mock.timers.setTime(60_000)
  assert.equal(tries.wait('a'), 0)
  mock.timers.reset()
})

test('a success forgets the failures', () => {
  const tries = attempts({ limit: 1, windowMs: 60_000 })
  tries.failed('a')
  tries.succeeded('a')
  assert.equal(tries.wait('a'), 0)
})

test('made-up keys push out old ones and never fill the memory', () => {
  const tries = attempts({ limit: 1, windowMs: 60_000 })
  for (let n = 0; n <= 100_000; n++) tries.failed(`k${n}`)
  assert.equal(tries.wait('k0'), 0)
  assert.ok(tries.wait('k100000') > 0)
})
