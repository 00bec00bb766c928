import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayGo } from './drains.ts'

const began = Date.parse('2026-01-01T00:00:00Z')
const set = { id: 'old', since: new Date(began).toISOString(), drainMs: 30_000 }

const router = (routed: string[] = [], busy: Record<string, number> = {}, revision = 7) => ({
  revision,
  routed: JSON.stringify(routed),
  busy: JSON.stringify(busy),
})

const cases: [name: string, routers: ReturnType<typeof router>[], afterMs: number, goes: boolean][] = [
  ['goes when nobody sends to it and nothing is open', [router(['new'])], 0, true],
  ['stays while a router sends to it', [router(['new', 'old'])], 0, false],
  ['stays while a router sends to it, even after its time', [router(['old'])], 99_000, false],
  ['stays while requests are open', [router(['new'], { old: 1 })], 29_000, false],
  ['goes with open requests when its time is up', [router(['new'], { old: 1 })], 30_001, true],
  ['does not wait for requests of others', [router(['new'], { other: 3 })], 0, true],
  ['waits for every router', [router(['new']), router(['old'])], 0, false],
  ['waits for the requests of every router', [router(), router([], { old: 2 })], 0, false],
  ['stays while an agent has not counted yet', [router([], {}, 0)], 1_000, false],
  ['does not wait for such an agent beyond its time', [router([], {}, 0)], 30_001, true],
  ['goes where there is no router at all', [], 0, true],
]

for (const [name, routers, afterMs, goes] of cases) {
  test(name, () => assert.equal(mayGo(set, routers, began + afterMs), goes))
}
