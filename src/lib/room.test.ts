import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inWords, judge, type Room, roomAt, roomsAt } from './room.ts'

const giga = 2 ** 30
const room = (freeGb: number, more: Partial<Room> = {}): Room => ({
  path: '/x',
  freeBytes: freeGb * giga,
  totalBytes: 100 * giga,
  freeFiles: 1,
  ...more,
})
const reserve = { mb: 2_048, percent: 2 }

const cases: [Room, ReturnType<typeof judge>][] = [
  [room(50), 'fine'],
  [room(4), 'fine'],
  [room(3.9), 'low'],
  [room(2), 'low'],
  [room(1.9), 'short'],
  [room(0.9), 'out'],
  [room(0), 'out'],
  [room(50, { totalBytes: 10_000 * giga }), 'out'],
  [room(50, { freeFiles: 0.03 }), 'low'],
  [room(50, { freeFiles: 0.001 }), 'out'],
]

for (const [given, verdict] of cases) {
  test(`${inWords(given)} of ${given.totalBytes / giga} GB is ${verdict}`, () =>
    assert.equal(judge(given, reserve), verdict))
}

test('nothing has to stay free where nobody wants it', () =>
  assert.equal(judge(room(0), { mb: 0, percent: 0 }), 'fine'))

test('a file system is looked at once, also by paths that are not there yet', async () => {
  const rooms = await roomsAt([import.meta.dirname, `${import.meta.dirname}/not/there/yet`])
  assert.equal(rooms.length, 1)
  const { freeBytes, totalBytes } = await roomAt('/')
  assert.ok(freeBytes > 0 && freeBytes <= totalBytes)
})
