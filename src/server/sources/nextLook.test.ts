import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Looked, nextLook } from './nextLook.ts'

const polled: Looked = {
  url: 'https://example.com/a.git',
  ref: null,
  poll_seconds: 60,
  failures: 0,
  quiet_looks: 0,
}
const start = Date.parse('2030-01-01T00:00:00Z')

/** When it looks the time after the next, and how long after it. */
function looksOf(changes: Partial<Looked>, now = start) {
  const looked = { ...polled, ...changes }
  const first = Date.parse(nextLook(looked, now) ?? assert.fail())
  const second = Date.parse(nextLook(looked, first + 900) ?? assert.fail())
  return { first, everyS: (second - first) / 1000 }
}

for (const [name, changes, everyS] of [
  ['as often as asked', {}, 60],
  ['not more often than once a minute', { poll_seconds: 30 }, 60],
  ['half as often after ten looks in vain', { quiet_looks: 10 }, 120],
  ['a fourth as often after twenty', { quiet_looks: 29 }, 240],
  ['every ten minutes at least, where nothing changes', { quiet_looks: 5_000 }, 600],
  ['never more often than asked', { poll_seconds: 3_600, quiet_looks: 5_000 }, 3_600],
  ['ever more seldom where it fails', { failures: 2 }, 240],
  ['once an hour at least, where it fails', { failures: 2_000 }, 3_600],
] as const) {
  test(`looks ${name}`, () => assert.equal(looksOf(changes).everyS, everyS))
}

test('those that look at the same look at the same time, from wherever they begin', () => {
  for (const late of [1, 7_000, 29_999, 31_000, 59_999]) {
    const apart = (looksOf({}, start + late).first - looksOf({}).first) / 1000
    assert.ok([0, 60].includes(apart), String(apart))
  }
  assert.notEqual(looksOf({}).first % 60_000, looksOf({ url: 'https://example.com/b.git' }).first % 60_000)
})

test('one that was only asked for once is not looked at again by itself', () =>
  assert.equal(nextLook({ ...polled, poll_seconds: null }), null))
