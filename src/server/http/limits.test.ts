import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { apiAs } from '../../../test/harness/api.ts'
import { most } from '../../model/limits.ts'

const { api, token, stop } = await apiAs('member')
after(stop)

/** The answer to the first request that is refused, and how many were not. */
async function fill(method: string, path: string, bodyOf: (count: number) => object, enough: number) {
  for (let count = 0; count <= enough; count++) {
    const { status, json } = await api.ask(method, `/api/v1${path}`, { token, body: bodyOf(count) })
    if (status !== 200) return { count, status, code: json.error.code }
  }
  return { count: enough + 1, status: 200, code: '' }
}

const full = (count: number) => ({ count, status: 413, code: 'TOO_LARGE' })

test('nobody makes tokens without end', async () => {
  const known = (await api.ask('GET', '/api/v1/tokens', { token })).json.length
  const filled = await fill('POST', '/tokens', (count) => ({ name: `t ${count}` }), most.tokensOfUser)
  assert.deepEqual(filled, full(most.tokensOfUser - known))
})

test('nobody adds domains without end', async () => {
  const { name } = await api.app()
  const filled = await fill(
    'POST',
    `/apps/${name}/domains`,
    (count) => ({ name: `d${count}.${name}.example` }),
    most.domainsOfApp,
  )
  assert.deepEqual(filled, full(most.domainsOfApp - 1))
})

for (const release of ['true', 'false']) {
  test(`an environment has a size that the Engine takes, release=${release}`, async () => {
    const { name } = await api.app()
    const value = 'ü'.repeat(15_000)
    const path = `/apps/${name}/env?release=false`
    assert.deepEqual(await fill('PATCH', path, (count) => ({ set: { [`V${count}`]: { value } } }), 20), full(8))
    const body = { set: { W: { value } } }
    assert.equal((await api.ask('PATCH', `/api/v1/apps/${name}/env?release=${release}`, { token, body })).status, 413)
    const swap = { set: { W: { value } }, unset: ['V0'] }
    const swapped = await api.ask('PATCH', `/api/v1/apps/${name}/env?release=${release}`, { token, body: swap })
    assert.equal(swapped.status, 200, swapped.text)
  })
}
