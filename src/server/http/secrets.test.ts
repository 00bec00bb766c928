import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startApi } from '../../../test/harness/api.ts'
import { basePath, type Endpoint } from '../../contract/endpoint.ts'
import { endpoints } from '../../contract/endpoints.ts'

const canaries = {
  secret: 'canary-secret-1',
  staged: 'canary-staged-2',
  password: 'canary-password-3',
  argument: 'canary-argument-4',
}

test('secrets come back by no endpoint, to no role, and stand in no log and not readable on disk', async () => {
  await using api = await startApi()
  const said = captureStderr()
  const operator = await api.token('operator')
  const ask = (method: string, path: string, body?: unknown) =>
    api.ask(method, `${basePath}${path}`, { token: operator, ...(body !== undefined && { body }) })
  const { name } = await api.app()
  await ask('PATCH', `/apps/${name}/env`, { set: { A: { value: canaries.secret, secret: true } } })
  await ask('PATCH', `/apps/${name}/env?release=false`, { set: { B: { value: canaries.staged, secret: true } } })
  await ask('POST', '/users', { name: 'new', password: canaries.password })
  await ask('POST', '/sessions', { name: 'new', password: `${canaries.password}x` })
  await ask('POST', `/apps/${name}/runs`, { command: ['import', `--key=${canaries.argument}`] })
  const { json: made } = await ask('POST', '/tokens', { name: 'shown once' })
  const [operation] = (await ask('GET', `/apps/${name}/operations`)).json

  const things: Record<string, string> = { app: name, operation: operation.id, number: '1', team: 'alpha' }
  const answers: string[] = []
  for (const endpoint of Object.values(endpoints) as Endpoint[]) {
    if (endpoint.method !== 'GET') continue
    const path = endpoint.path.replace(/:(\w+)/g, (_, name: string) => things[name] ?? 'x')
    answers.push((await ask('GET', path)).text)
    if (path.endsWith('/env')) answers.push((await ask('GET', `${path}?values=true`)).text)
  }
  said.stop()
  const stored = filesBelow(api.dir).map((path) => readFileSync(path, 'latin1'))
  for (const canary of [...Object.values(canaries), made.token]) {
    assert.ok(!answers.join('\n').includes(canary), `${canary} came back`)
    assert.ok(!said.text().includes(canary), `${canary} was logged`)
    const readable = stored.some((content) => content.includes(canary))
    assert.equal(readable, canary === canaries.argument, `${canary} on disk`)
  }
})

/** What the server logs while the test runs. */
function captureStderr() {
  const write = process.stderr.write
  const chunks: string[] = []
  process.stderr.write = (chunk: string | Uint8Array) => chunks.push(String(chunk)) > 0
  return {
    text: () => chunks.join(''),
    stop: () => {
      process.stderr.write = write
    },
  }
}

const filesBelow = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
