import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { builderPlace, result } from '../../../test/harness/builderPlace.ts'
import { until } from '../../../test/harness/wait.ts'
import { refuse } from '../../model/refusal.ts'
import { noLimits } from '../../model/teamLimits.ts'
import { setTeamLimits } from '../store/teamLimits.ts'
import type { BuildOrder } from './parts.ts'

/** Builds that end when the test says so, or with their signal. */
function held() {
  const under = new Map<string, () => void>()
  let begun = 0
  return {
    under,
    begun: () => begun,
    build: (order: BuildOrder) =>
      new Promise<typeof result>((resolve, reject) => {
        begun++
        under.set(order.id, () => resolve(result))
        order.signal.addEventListener('abort', () => reject(order.signal.reason), { once: true })
      }),
    end: (id: string) => under.get(id)?.(),
  }
}

test('builds begin oldest first within the limits, and a team at its limit does not hold up another', async () => {
  await using place = await builderPlace({ queue: { total: 3, perTeam: 2 } })
  const hold = held()
  place.play.build = hold.build
  const of = async (team: string) => place.queued(await place.newApp(team))
  const [one, two, three] = [await of('red'), await of('red'), await of('red')]
  const other = await of('blue')
  place.begin()
  await until('three builds', () => hold.under.size === 3)
  assert.deepEqual([...hold.under.keys()].sort(), [one.id, two.id, other.id].sort())
  assert.match((await place.log(three)).join('\n'), /waiting for builds of the team: 2 run at once, none wait/)
  hold.end(two.id)
  await until('the third', () => hold.under.has(three.id))
  for (const { id } of [one, three, other]) hold.end(id)
  for (const build of [one, two, three, other]) assert.equal((await place.over(build)).state, 'succeeded')
})

test('a team with limits of its own: as many at once as it has, apart from builds with others, and told to the build', async () => {
  await using place = await builderPlace({ queue: { total: 4, perTeam: 2 } })
  const hold = held()
  const seen = new Map<string, number | null>()
  place.play.build = (order) => {
    seen.set(order.id, order.limits.memoryMb)
    return hold.build(order)
  }
  const of = async (team: string) => place.queued(await place.newApp(team))
  const [one, two, other] = [await of('small'), await of('small'), await of('others')]
  await place.store.write([], (tx) => setTeamLimits(tx, one.team_id, { ...noLimits, builds: 1, memoryMb: 64 }))
  place.begin()
  await until('the first', () => hold.under.has(one.id))
  await until('the reason of the second', async () =>
    (await place.log(two)).join('\n').includes('waiting for builds of the team: 1 runs at once'),
  )
  await until('the reason of the other', async () =>
    (await place.log(other)).join('\n').includes('waiting for builds with other limits'),
  )
  await place.store.write('builds', (tx) => setTeamLimits(tx, one.team_id, { ...noLimits, builds: 2, memoryMb: 64 }))
  await until('the second', () => hold.under.has(two.id))
  assert.ok(!hold.under.has(other.id))
  for (const { id } of [one, two]) hold.end(id)
  await until('the other', () => hold.under.has(other.id))
  hold.end(other.id)
  for (const build of [one, two, other]) assert.equal((await place.over(build)).state, 'succeeded')
  assert.deepEqual(
    [one, two, other].map(({ id }) => seen.get(id)),
    [64, 64, null],
  )
})

test('a build says what it is waiting for', async () => {
  await using place = await builderPlace({ queue: { total: 1, perTeam: 1 } })
  const hold = held()
  place.play.build = hold.build
  const builds = [await place.queued(await place.newApp()), await place.queued(await place.newApp())]
  const last = await place.queued(await place.newApp())
  place.begin()
  await until('its reason', async () =>
    (await place.log(last)).join('\n').includes('waiting for other builds: 1 runs, 1 waits before this one'),
  )
  for (const build of [...builds, last]) {
    await until('its turn', () => hold.under.has(build.id))
    hold.end(build.id)
  }
  assert.equal((await place.over(last)).state, 'succeeded')
})

test('a success is recorded with its steps, its size and its package, and its source is kept', async () => {
  await using place = await builderPlace()
  place.play.build = async (order) => {
    order.onStep({ title: 'Install', ms: 1_500 })
    return result
  }
  const build = await place.queued(await place.newApp())
  place.begin()
  const row = await place.over(build)
  assert.deepEqual([row.state, row.kept, row.image_bytes, row.attempts], ['succeeded', 1, 1_000, 1])
  assert.deepEqual(
    (JSON.parse(row.steps) as { title: string }[]).map(({ title }) => title),
    ['Fetch the source', 'Install', 'Store the package'],
  )
  assert.match((await place.log(build)).join('\n'), /-----> Built b1\n.*Fetch.*\n.* Install +1\.5 s/)
  const copy = join(place.dir, 'copy.tar')
  await place.kept.unpack((await place.appNameOf(build)) ?? '', 1, copy)
  assert.equal(await readFile(copy, 'utf8'), `source of ${build.id}`)
})

test('a failure is recorded with its reason', async () => {
  await using place = await builderPlace()
  place.play.build = async () => refuse('BUILD_FAILED', 'npm install', 'exit code 1')
  const build = await place.queued(await place.newApp())
  place.begin()
  const row = await place.over(build)
  assert.deepEqual([row.state, row.error_code, row.kept], ['failed', 'BUILD_FAILED', 0])
  assert.match((await place.log(build)).join('\n'), /-----> Failed: b1/)
})

test('cancelling ends exactly that build, also one that waits', async () => {
  await using place = await builderPlace({ queue: { total: 2, perTeam: 2 } })
  const hold = held()
  place.play.build = hold.build
  const [doomed, spared] = [await place.queued(await place.newApp()), await place.queued(await place.newApp())]
  const waiting = await place.queued(await place.newApp())
  place.begin()
  await until('two builds', () => hold.under.size === 2)
  await place.cancel(waiting)
  await place.cancel(doomed)
  for (const build of [waiting, doomed]) {
    const row = await place.over(build)
    assert.deepEqual([row.state, row.error_message], ['cancelled', 'cancelled by max'])
  }
  hold.end(spared.id)
  assert.equal((await place.over(spared)).state, 'succeeded')
})

test('a step that takes too long is stopped and says so', async () => {
  await using place = await builderPlace({
    times: { leaseMs: 60_000, fetchMs: 60_000, storeMs: 50, engineMs: 1_000 },
  })
  place.play.store = (signal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
  const build = await place.queued(await place.newApp())
  place.begin()
  const row = await place.over(build)
  assert.deepEqual([row.state, row.error_code], ['failed', 'STEP_TIMEOUT'])
  assert.match(row.error_message ?? '', /storing the package took longer/)
})

test('a server that stops gives its builds back, and the attempt does not count', async () => {
  await using place = await builderPlace()
  const hold = held()
  place.play.build = hold.build
  const build = await place.queued(await place.newApp())
  const first = place.begin()
  await until('the build', () => hold.under.has(build.id))
  await first.stop()
  const back = await place.row(build)
  assert.deepEqual([back.state, back.attempts, back.lease_owner], ['queued', 0, null])
  place.play.build = async () => result
  place.begin()
  assert.equal((await place.over(build)).state, 'succeeded')
})

for (const step of ['building', 'storing'] as const) {
  test(`a server killed while ${step}: the next one builds again and says so`, async () => {
    await using place = await builderPlace()
    const hold = held()
    const stuck = Promise.withResolvers<void>()
    if (step === 'building') place.play.build = hold.build
    else place.play.store = () => stuck.promise
    const build = await place.queued(await place.newApp())
    const first = place.begin()
    await place.inState(build, 'running')
    if (step === 'building') await until('the build', () => hold.under.has(build.id))
    first.die()
    stuck.resolve()
    place.play.build = async () => result
    place.play.store = async () => undefined
    place.begin()
    const row = await place.over(build)
    assert.deepEqual([row.state, row.attempts], ['succeeded', 2])
    assert.match((await place.log(build)).join('\n'), /Building b1 again \(attempt 2 of 3\)/)
  })
}

test('a build that servers die of is given up after three attempts', async () => {
  await using place = await builderPlace()
  const hold = held()
  place.play.build = hold.build
  const build = await place.queued(await place.newApp())
  for (const attempt of [1, 2, 3]) {
    const server = place.begin()
    await until(`attempt ${attempt}`, () => hold.begun() === attempt)
    server.die()
  }
  place.begin()
  const row = await place.over(build)
  assert.deepEqual([row.state, row.error_code, row.attempts], ['failed', 'INTERRUPTED', 3])
  assert.equal(hold.begun(), 3)
})

test('an Engine that goes away under a build: it is built again when the Engine is back', async () => {
  await using place = await builderPlace()
  let attempts = 0
  place.play.build = async () => {
    if (++attempts > 1) return result
    await place.engine.stop()
    setTimeout(() => void place.engine.start(), 300)
    return refuse('BUILD_FAILED', 'npm install', 'error reading from server: EOF')
  }
  const build = await place.queued(await place.newApp())
  place.begin()
  const row = await place.over(build)
  assert.deepEqual([row.state, row.attempts], ['succeeded', 2])
  assert.match((await place.log(build)).join('\n'), /The Docker Engine went away in the middle of the build/)
})

for (const reason of ['killed, probably out of memory (limit 512 MB)', 'exit code 143', 'exit code 137: late']) {
  test(`an Engine that ends kills its steps first (${reason}): built again`, async () => {
    await using place = await builderPlace({
      times: { leaseMs: 60_000, fetchMs: 60_000, storeMs: 60_000, engineMs: 60_000 },
    })
    let attempts = 0
    place.play.build = async () => {
      if (++attempts > 1) return result
      setTimeout(() => void place.engine.stop().then(() => setTimeout(() => void place.engine.start(), 300)), 100)
      return refuse('BUILD_FAILED', 'npm install', reason)
    }
    const build = await place.queued(await place.newApp())
    place.begin()
    const row = await place.over(build)
    assert.deepEqual([row.state, row.attempts], ['succeeded', 2])
  })
}

test('an Engine that is away before a build fails it with that reason', async () => {
  await using place = await builderPlace()
  await place.engine.stop()
  const build = await place.queued(await place.newApp())
  place.begin()
  const row = await place.over(build)
  assert.deepEqual([row.state, row.error_code, row.attempts], ['failed', 'UNAVAILABLE', 1])
})
