import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { apiAs } from '../../../test/harness/api.ts'
import { basePath } from '../../contract/endpoint.ts'

const { api, ask, get, stop } = await apiAs('operator')
after(stop)

const path = '/teams/alpha/limits'
const change = (body: object) => ask('PATCH', path, { body })
const none = { builds: null, memoryMb: null, cpu: null, pids: null, ioMb: null, seconds: null }
const installation = api.ctx.settings.buildLimits

test('a team has the limits of the installation until an operator sets others, and again when that is taken back', async () => {
  assert.deepEqual(await get(path), { own: none, effective: installation })
  const changed = {
    own: { ...none, memoryMb: 4_096, cpu: 0.5 },
    effective: { ...installation, memoryMb: 4_096, cpu: 0.5 },
  }
  assert.deepEqual((await change({ memoryMb: 4_096, cpu: 0.5 })).json, changed)
  assert.deepEqual(await get(path), changed)
  assert.deepEqual((await change({ builds: 5 })).json.own, { ...changed.own, builds: 5 })
  assert.deepEqual((await change({ memoryMb: null, cpu: null, builds: null })).json, {
    own: none,
    effective: installation,
  })
})

test('members see them and change nothing', async () => {
  for (const role of ['member', 'admin'] as const) {
    const token = await api.token(role)
    assert.equal((await api.ask('GET', `${basePath}${path}`, { token })).status, 200)
    const { json } = await api.ask('PATCH', `${basePath}${path}`, { token, body: { builds: 9 } })
    assert.equal(json.error.code, 'FORBIDDEN')
    assert.match(json.error.message, /limit the builds of team alpha/)
  }
})

for (const body of [
  { builds: 0 },
  { memoryMb: 63 },
  { cpu: 0 },
  { pids: 1.5 },
  { ioMb: -1 },
  { seconds: '9' },
  { gpu: 1 },
]) {
  test(`${JSON.stringify(body)} is refused`, async () => {
    const { status, json } = await change(body)
    assert.deepEqual([status, json.error.code], [400, 'INVALID'])
  })
}
