import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { EngineError, engineApi, isAway } from './api.ts'

/** A daemon that answers as it is told, on a socket of its own. */
async function daemon(t: TestContext, answer: RequestListener) {
  const dir = mkdtempSync(join(tmpdir(), 'berth-engine-'))
  const server = createServer(answer)
  server.listen(join(dir, 'docker.sock'))
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
    rmSync(dir, { recursive: true, force: true })
  })
  return engineApi(join(dir, 'docker.sock'))
}

const silent = (error: unknown) => isAway(error) && /did not answer \/x within 0.1 s/.test(String(error))
const soon = { path: '/x', withinMs: 100 }
/** Time enough on a busy machine for what answers. */
const inTime = { path: '/x', withinMs: 30_000 }

test('a daemon that hangs is given up', async (t) => {
  const api = await daemon(t, () => undefined)
  await assert.rejects(api.json(soon), silent)
  await assert.rejects(api.stream(soon), silent)
  await assert.rejects(api.hijack(soon), silent)
})

test('so is one that hangs in the middle of an answer', async (t) => {
  const api = await daemon(t, (_request, response) => void response.write('[1,'))
  await assert.rejects(api.json(soon), silent)
})

test('what waits for something to happen may take longer, once it has begun', async (t) => {
  const api = await daemon(t, (_request, response) => {
    response.flushHeaders()
    setTimeout(() => response.end('{"StatusCode":7}'), 750)
  })
  assert.deepEqual(await api.json({ path: '/x', withinMs: 500, waits: true }), { StatusCode: 7 })
})

test('a refusal is not the absence of the daemon, unless it says so', async (t) => {
  let status = 400
  const api = await daemon(t, (_request, response) => response.writeHead(status).end('{"message":"no such thing"}'))
  const refused = (error: unknown) => error instanceof EngineError && error.message === 'no such thing'
  await assert.rejects(api.json(inTime), (error) => refused(error) && !isAway(error))
  await assert.rejects(api.hijack(inTime), (error) => refused(error) && !isAway(error))
  status = 503
  await assert.rejects(api.json(inTime), (error) => refused(error) && isAway(error))
})

test('a daemon that dies is away, before and during an answer', async (t) => {
  const api = await daemon(t, (request, response) => {
    if (request.url?.includes('later')) response.write('[1,')
    setTimeout(() => request.socket.destroy(), 20)
  })
  await assert.rejects(api.json(inTime), isAway)
  await assert.rejects(api.json({ ...inTime, path: '/later' }), isAway)
  await assert.rejects(engineApi('/nonexistent/docker.sock').json(soon), isAway)
})
