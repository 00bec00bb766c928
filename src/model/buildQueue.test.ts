import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildsToBegin, letsPassMs, type QueuedBuild, whyItWaits } from './buildQueue.ts'

/** `a/x#1`: a build of the app a/x of team a. */
const builds = (...ids: string[]): QueuedBuild[] =>
  ids.map((id) => ({ id, team: id.split('/')[0] ?? '', app: id.replace(/#.*/, ''), waitedMs: 0 }))

const begin = (waiting: string[], running: string[], total: number, perTeam: number) =>
  buildsToBegin(builds(...waiting), builds(...running), { total, perTeam }).map(({ id }) => id)

for (const [name, waiting, running, total, perTeam, begun] of [
  ['the oldest first', ['a/1', 'a/2', 'a/3'], [], 2, 9, ['a/1', 'a/2']],
  ['none beyond what may run at once', ['a/1'], ['b/1', 'c/1'], 2, 9, []],
  ['a team at its limit does not hold up others', ['a/1', 'a/2', 'b/1'], ['a/0'], 4, 2, ['a/1', 'b/1']],
  ['an app has one at a time', ['a/1', 'b/2'], ['a/1#old'], 4, 4, ['b/2']],
  ['those begun now count as well', ['a/1#x', 'a/1#y', 'a/2'], [], 4, 4, ['a/1#x', 'a/2']],
] as const) {
  test(`builds to begin: ${name}`, () => assert.deepEqual(begin([...waiting], [...running], total, perTeam), begun))
}

test('a build that waits knows why', () => {
  const waiting = builds('a/1', 'b/1', 'b/2', 'c/1')
  const why = (id: string, running: string[], total: number, perTeam: number) =>
    whyItWaits(builds(id)[0] ?? assert.fail(), waiting, builds(...running), { total, perTeam })
  assert.equal(why('c/1', ['x/1', 'y/1'], 2, 2), 'waiting for other builds: 2 run, 3 wait before this one')
  assert.equal(why('a/1', ['x/1'], 1, 2), 'waiting for other builds: 1 runs, none wait before this one')
  assert.equal(
    why('b/2', ['b/8', 'b/9'], 9, 2),
    'waiting for builds of the team: 2 run at once, 1 waits before this one',
  )
  assert.equal(why('c/1', ['c/1#old'], 9, 9), 'waiting for the build of this app that is running')
})

test('a team may have a number of its own', () => {
  const teams = new Map([['a', 1]])
  const ids = (limits: { teams?: ReadonlyMap<string, number> }) =>
    buildsToBegin(builds('a/1', 'a/2', 'b/1', 'b/2'), [], { total: 9, perTeam: 2, ...limits }).map(({ id }) => id)
  assert.deepEqual(ids({}), ['a/1', 'a/2', 'b/1', 'b/2'])
  assert.deepEqual(ids({ teams }), ['a/1', 'b/1', 'b/2'])
})

test('builds that are bound differently do not run at once, and none overtakes one that waits long for that', () => {
  const bound = (bounds: string, ...ids: string[]) =>
    builds(...ids).map((build) => ({ ...build, bounds, waitedMs: letsPassMs }))
  const limits = { total: 9, perTeam: 9 }
  const waiting = [...bound('few', 'a/1'), ...bound('many', 'b/1'), ...bound('few', 'a/2'), ...builds('c/1')]
  const begun = (running: readonly QueuedBuild[]) => buildsToBegin(waiting, running, limits).map(({ id }) => id)
  assert.deepEqual(begun([]), ['a/1'])
  assert.deepEqual(begun(bound('few', 'x/1')), ['a/1'])
  assert.deepEqual(begun(bound('many', 'x/1')), [])
  assert.deepEqual(begun(builds('x/1')), ['a/1'])
  const young = waiting.map((build) => ({ ...build, waitedMs: letsPassMs - 1 }))
  assert.deepEqual(
    buildsToBegin(young, [], limits).map(({ id }) => id),
    ['a/1', 'a/2', 'c/1'],
  )
  const why = whyItWaits(waiting[1] ?? assert.fail(), waiting, bound('few', 'a/1'), limits)
  assert.match(why, /waiting for builds with other limits/)
})
