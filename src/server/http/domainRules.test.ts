import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startApi, type TestApi } from '../../../test/harness/api.ts'

let api: TestApi
let [member, stranger, operator] = ['', '', '']

before(async () => {
  api = await startApi()
  member = await api.token('member')
  stranger = await api.token('stranger')
  operator = await api.token('operator')
  await api.app('shop')
  for (const name of ['*.wild.example', 'exact.example'])
    assert.equal((await add('shop', member, name)).status, 200, name)
  await api.ask('POST', '/api/v1/apps', { token: stranger, body: { name: 'thief', team: 'beta' } })
})
after(() => api[Symbol.asyncDispose]())

const add = (app: string, token: string, name: string, more = {}) =>
  api.ask('POST', `/api/v1/apps/${app}/domains`, { token, body: { name, ...more } })

const refused: [what: string, name: string][] = [
  ['below the wildcard of another team', 'pay.wild.example'],
  ['that is the domain of another team’s wildcard', 'wild.example'],
  ['deep below the wildcard of another team', 'a.b.wild.example'],
  ['below a name of another team', 'www.exact.example'],
  ['that covers what is below a name of another team', '*.exact.example'],
  ['below another team’s app', 'www.shop.test.localhost'],
  ['that covers what is below another team’s app', '*.shop.test.localhost'],
  ['below the platform’s own host', 'login.berth.test.localhost'],
  ['that covers the platform’s own host', '*.berth.test.localhost'],
  ['below an app that may come', 'x.future.test.localhost'],
  ['that covers a whole top level', '*.com'],
]

for (const [what, name] of refused) {
  test(`a member cannot take a name ${what}`, async () => {
    const { status, text } = await add('thief', stranger, name)
    assert.ok([400, 409].includes(status), text)
    assert.equal((await add('thief', stranger, `${name}.`)).status, status)
  })
}

test('the same team may, and an operator who skips the proof', async () => {
  assert.equal((await add('shop', member, 'pay.wild.example')).status, 200)
  assert.equal((await add('shop', member, 'www.shop.test.localhost')).status, 200)
  assert.equal((await add('thief', stranger, 'news.wild.example', { verify: false })).status, 403)
  assert.equal((await add('thief', operator, 'news.wild.example', { verify: false })).status, 200)
})
