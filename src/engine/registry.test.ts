import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { engineApi } from './api.ts'
import { ImageTooLarge, registryImages } from './registry.ts'

/** A daemon that tells of a pull and does not end it; `left` comes when whoever asked went away. */
async function pulling(t: TestContext, ...lines: object[]) {
  const dir = mkdtempSync(join(tmpdir(), 'berth-registry-'))
  const left = Promise.withResolvers<void>()
  const server = createServer((_, response) => {
    response.once('close', left.resolve)
    response.write(lines.map((line) => `${JSON.stringify(line)}\r\n`).join(''))
  }).listen(join(dir, 'docker.sock'))
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
    rmSync(dir, { recursive: true, force: true })
  })
  return { registry: registryImages(engineApi(join(dir, 'docker.sock'))), left: left.promise }
}

const downloading = (id: string, progressDetail: object) => ({ id, status: 'Downloading', progressDetail })
const digest = `sha256:${'0'.repeat(64)}`

test('a pull of layers that are too large together is left', async (t) => {
  const { registry, left } = await pulling(
    t,
    downloading('a', { current: 10, total: 600 }),
    downloading('a', { current: 20, total: 600 }),
    downloading('b', { current: 401 }),
  )
  await assert.rejects(registry.pull('x', digest, { mostBytes: 1_000 }), ImageTooLarge)
  await left
})

test('so is one that is called off, and one that fails', async (t) => {
  const still = await pulling(t, downloading('a', { current: 1, total: 1_000 }))
  const stop = new AbortController()
  const pull = still.registry.pull('x', digest, { signal: stop.signal })
  setTimeout(() => stop.abort(), 100)
  await assert.rejects(pull)
  await still.left
  const failed = await pulling(t, downloading('a', { total: 1_000 }), { error: 'no such manifest' })
  await assert.rejects(failed.registry.pull('x', digest, { mostBytes: 1_000 }), /no such manifest/)
  await failed.left
})
