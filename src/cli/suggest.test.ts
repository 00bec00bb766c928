import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closest, distance } from './suggest.ts'

const apart = (a: string, b: string, edits: number) =>
  test(`"${a}" and "${b}" are ${edits} apart`, () => assert.equal(distance(a, b), edits))

apart('deploy', 'deploy', 0)
apart('depoly', 'deploy', 1)
apart('log', 'logs', 1)
apart('kitten', 'sitting', 3)
apart('', 'abc', 3)

test('suggests only what is close', () => {
  assert.equal(closest('relases', ['releases', 'restart']), 'releases')
  assert.equal(closest('frobnicate', ['releases', 'restart']), undefined)
})
