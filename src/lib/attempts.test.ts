import assert from 'node:assert/strict'
import test from 'node:test'
import { attempts } from './attempts.ts'

test('some failures are free, then one waits for the end of the window', ({ mock }) => {
  mock.timers.enable({ apis: ['Date'], now: 0 })
  const tries = attempts({ limit: 3, windowMs: 60_000 })
  for (let i = 0; i < 3; i += 1) {
    assert.equal(tries.wait('ada 1.2.3.4'), 0)
    tries.failed('ada 1.2.3.4')
  }
  mock.timers.setTime(10_000)
  assert.equal(tries.wait('ada 1.2.3.4'), 50)
  assert.equal(tries.wait('bob 1.2.3.4'), 0)
  mock.timers.setTime(60_000)
  assert.equal(tries.wait('ada 1.2.3.4'), 0)
})

test('a success forgets the failures', () => {
  const tries = attempts({ limit: 1, windowMs: 60_000 })
  tries.failed('a')
  tries.succeeded('a')
  assert.equal(tries.wait('a'), 0)
})

test('made-up keys push out the oldest, not the newest', () => {
  const tries = attempts({ limit: 1, windowMs: 60_000 })
  for (let i = 0; i <= 100_000; i += 1) tries.failed(`k${i}`)
  assert.equal(tries.wait('k0'), 0)
  assert.equal(tries.wait('k100000'), 60)
})
