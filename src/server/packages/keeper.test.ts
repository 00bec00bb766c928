import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { builderPlace } from '../../../test/harness/builderPlace.ts'
import { openEngine } from '../../engine/engine.ts'
import { refuse } from '../../model/refusal.ts'
import { packageStored, wantPackage } from '../store/packageRows.ts'
import { packageKeeper } from './keeper.ts'
import type { Storage } from './storage.ts'

test('a package is not fetched back onto a disk that is nearly full', async (t) => {
  await using place = await builderPlace()
  const socket = join(place.dir, 'empty.sock')
  const images = new Set<string>()
  const engine = createServer((request, response) => {
    const here = [...images].some((image) => request.url?.includes(encodeURIComponent(image)))
    response.writeHead(here ? 200 : 404).end('{}')
  }).listen(socket)
  t.after(() => engine.close())
  const storage: Storage = {
    place: 'elsewhere',
    reference: () => 'ref',
    put: async () => ({ digest: null, bytes: null }),
    get: async ({ image }) => void images.add(image),
    remove: async () => undefined,
    check: async () => undefined,
  }
  const { id, number } = await place.queued(await place.newApp())
  const row = { build_id: id, app: 'a', number, image: 'sha256:1', place: storage.place, reference: 'ref' }
  await place.store.write([], async (tx) => {
    await wantPackage(tx, row)
    await packageStored(tx, row, { digest: null, bytes: null })
  })
  let full = true
  const keeper = packageKeeper({
    store: place.store,
    engine: openEngine(socket),
    cluster: 'test',
    storage,
    needRoom: async (what) => (full ? refuse('DISK_LOW', what, '1 MB', '/', '2 MB') : undefined),
    storeMs: 1_000,
  })
  const { signal } = new AbortController()
  assert.equal(await keeper.bring('sha256:2', signal), false)
  await assert.rejects(keeper.bring('sha256:1', signal), {
    code: 'DISK_LOW',
    message: /^the package of b1 is not fetched: 1 MB/,
  })
  full = false
  assert.equal(await keeper.bring('sha256:1', signal), true)
  full = true
  assert.equal(await keeper.bring('sha256:1', signal), true)
})
