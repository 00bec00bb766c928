import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi } from '../../../test/harness/api.ts'
import { definitionSchema } from '../../model/definition/schema.ts'

test('a browser at the address of the API is told what to type, by a page that may load nothing', async () => {
  await using api = await startApi()
  const answer = await fetch(api.url)
  assert.equal(answer.status, 200)
  assert.match(answer.headers.get('content-type') ?? '', /^text\/html/)
  assert.match(answer.headers.get('content-security-policy') ?? '', /default-src 'none'; style-src 'sha256-/)
  assert.match(await answer.text(), /git push berth main/)
})

test('editors get the JSON Schema of berth.yaml without signing in', async () => {
  await using api = await startApi()
  const answer = await fetch(`${api.url}/api/berth.schema.json`)
  assert.deepEqual(await answer.json(), JSON.parse(JSON.stringify(definitionSchema)))
})
