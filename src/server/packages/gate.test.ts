import assert from 'node:assert/strict'
import { test } from 'node:test'
import { locks } from '../../lib/locks.ts'
import { gate } from './gate.ts'

test('many are inside at once, one alone only when it is empty, and nobody comes in meanwhile', async () => {
  const { with: inside, whenEmpty } = gate()
  const seen: string[] = []
  const leave = Promise.withResolvers<void>()
  const first = inside(() => leave.promise)
  await inside(async () => void seen.push('second'))
  assert.equal(await whenEmpty(async () => void seen.push('too early')), false)
  leave.resolve()
  await first
  const alone = Promise.withResolvers<void>()
  const emptied = whenEmpty(() => alone.promise)
  const waits = inside(async () => void seen.push('after'))
  assert.equal(await whenEmpty(async () => undefined), false)
  seen.push('alone')
  alone.resolve()
  assert.equal(await emptied, true)
  await waits
  assert.deepEqual(seen, ['second', 'alone', 'after'])
})

test('who fails alone lets the others in', async () => {
  const { with: inside, whenEmpty } = gate()
  await assert.rejects(whenEmpty(() => Promise.reject(new Error('no'))))
  assert.equal(await inside(async () => 'in'), 'in')
})

test('who waits for the one alone can be called off, and does nothing', async () => {
  const { with: inside, whenEmpty } = gate()
  const alone = Promise.withResolvers<void>()
  const emptied = whenEmpty(() => alone.promise)
  const off = new AbortController()
  const waits = inside(() => assert.fail('it went in'), off.signal)
  off.abort(new Error('called off'))
  await assert.rejects(waits, /called off/)
  alone.resolve()
  assert.equal(await emptied, true)
  assert.equal(await inside(async () => 'in', new AbortController().signal), 'in')
})

test('who waits for another with the same key can be called off, and those after it get their turn', async () => {
  const lock = locks()
  const first = Promise.withResolvers<void>()
  const holds = lock('a', () => first.promise)
  const off = new AbortController()
  const second = lock('a', () => assert.fail('it had its turn'), off.signal)
  const third = lock('a', async () => 'third')
  off.abort(new Error('called off'))
  await assert.rejects(second, /called off/)
  first.resolve()
  await holds
  assert.equal(await third, 'third')
})

test('work for one key is done one after another, whatever fails, and that for others at once', async () => {
  const lock = locks()
  const seen: string[] = []
  const first = Promise.withResolvers<void>()
  const failed = lock('a', () => first.promise.then(() => Promise.reject(new Error('no'))))
  const second = lock('a', async () => void seen.push('a'))
  await lock('b', async () => void seen.push('b'))
  first.resolve()
  await assert.rejects(failed, /no/)
  await second
  assert.deepEqual(seen, ['b', 'a'])
})
