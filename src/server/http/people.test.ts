import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { apiAs, password } from '../../../test/harness/api.ts'
import { basePath } from '../../contract/endpoint.ts'

const { api, token: operator, ask, stop } = await apiAs('operator')
after(stop)

const login = (body: object, headers: Record<string, string> = {}) =>
  api.ask('POST', `${basePath}/sessions`, { body, headers })

let address = 0
beforeEach(() => {
  address += 1
})
const from = (n = address) => ({ 'x-forwarded-for': `192.0.2.${n}` })

test('a login gives a token that works, and logout ends it', async () => {
  const { json } = await login({ name: 'max', password }, from())
  assert.deepEqual(json.user, { name: 'max', role: 'member', teams: [{ name: 'alpha', role: 'member' }] })
  const whoami = () => ask('GET', '/whoami', { token: json.token })
  assert.equal((await whoami()).json.name, 'max')
  await ask('DELETE', '/sessions', { token: json.token })
  assert.equal((await whoami()).status, 401)
})

test('a token is taken as bearer and as the password of any user name, nothing else', async () => {
  const token = await api.token('member')
  const status = async (authorization: string) =>
    (await api.ask('GET', `${basePath}/whoami`, { headers: { authorization } })).status
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
  assert.equal(await status(`Bearer ${token}`), 200)
  assert.equal(await status(`bearer ${token}`), 200)
  assert.equal(await status(basic(`anything:${token}`)), 200)
  for (const bad of [
    '',
    token,
    'Bearer',
    'Bearer  ',
    `Bearer ${token}x`,
    basic(`${token}:`),
    basic(`max:${password}`),
  ]) {
    assert.equal(await status(bad), 401, bad)
  }
})

test('wrong passwords and unknown names are refused alike', async () => {
  const wrong = await login({ name: 'ada', password: 'wrong' }, from())
  const unknown = await login({ name: 'nobody', password: 'wrong' }, from())
  assert.deepEqual([wrong.status, wrong.text], [401, unknown.text])
})

test('after too many failures an account is shut for everybody, from any address', async () => {
  for (let n = 0; n < 5; n++) await login({ name: 'eve', password: 'wrong' }, from(100 + n))
  const { status, json } = await login({ name: 'eve', password }, from(110))
  assert.deepEqual([status, json.error.code], [429, 'TOO_MANY_ATTEMPTS'])
  assert.equal((await login({ name: 'max', password }, from(110))).status, 200)
})

test('after too many failures an address is shut for every account, whatever it claims to be', async () => {
  const spoofed = (n: number) => ({ 'x-forwarded-for': `198.51.100.${n}, 192.0.2.200` })
  for (let n = 0; n < 5; n++) await login({ name: `guess${n}`, password: 'wrong' }, spoofed(n))
  assert.equal((await login({ name: 'max', password }, spoofed(99))).status, 429)
})

test('many attempts at once do not slip through together', async () => {
  const tries = Array.from({ length: 20 }, () => login({ name: 'olga', password: 'wrong' }, from()))
  const statuses = (await Promise.all(tries)).map(({ status }) => status)
  assert.equal(statuses.filter((status) => status === 401).length, 5)
})

test('failed logins stand in the events, passwords do not', async () => {
  await login({ name: 'ghost', password: 'canary-password' }, from())
  const { text, json } = await ask('GET', '/events')
  const event = json.find(({ actor }: Row) => actor === 'ghost')
  assert.deepEqual([event.action, event.result, event.source], ['login', 'UNAUTHENTICATED', `192.0.2.${address}`])
  assert.ok(!text.includes('canary-password'))
})

test('a password is changed with the current one only', async () => {
  await ask('POST', '/users', { body: { name: 'pat', password: 'first password' } })
  const { json } = await login({ name: 'pat', password: 'first password' }, from())
  const change = (current: string, next: string) =>
    ask('POST', '/whoami/password', { token: json.token, body: { current, next } })
  assert.match((await change('guess', 'second password')).json.error.message, /^current: is not your password/)
  assert.match((await change('first password', 'short')).json.error.message, /^next: must have at least 12/)
  assert.equal((await change('first password', 'second password')).status, 200)
  assert.equal((await login({ name: 'pat', password: 'first password' }, from())).status, 401)
  assert.equal((await login({ name: 'pat', password: 'second password' }, from())).status, 200)
})

test('a token is shown once, listed without itself, and gone when removed', async () => {
  const token = await api.token('member')
  const { json } = await ask('POST', '/tokens', { token, body: { name: 'ci', expiresInDays: 30 } })
  assert.match(json.token, /^berth_[a-z0-9]{40}$/)
  assert.ok(Date.parse(json.expiresAt) > Date.now() + 29 * 86_400_000)
  const list = await ask('GET', '/tokens', { token })
  assert.ok(list.text.includes('"ci"') && !list.text.includes('berth_'))
  assert.equal((await ask('DELETE', `/tokens/${json.id}`, { token: operator })).status, 404)
  assert.equal((await ask('DELETE', `/tokens/${json.id}`, { token })).status, 200)
  assert.equal((await ask('GET', '/whoami', { token: json.token })).status, 401)
})

const blob = 'AAAAC3NzaC1lZDI1NTE5AAAAIMTKPNsUSQvn2bWsG2xYmDS2IE6khnPxyhZCvZtpS5ow'
const badKeys: Readonly<Record<string, readonly [key: string, message: RegExp]>> = {
  'a private key': ['-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\n-----END OPENSSH PRIVATE KEY-----', /private key/],
  'options before it': [`command="sh" ssh-ed25519 ${blob} x`, /no options before it/],
  'options without quotes': [`no-pty ssh-ed25519 ${blob} x`, /no options before it/],
  'two lines': [`ssh-ed25519 ${blob} x\nssh-ed25519 ${blob} y`, /must be one line/],
  'another type than its content': [`ssh-rsa ${blob} x`, /must be "type base64 comment"/],
  'an unknown type': [`ssh-dss ${blob} x`, /must be "type base64 comment"/],
  'no base64': ['ssh-ed25519 $(id) x', /must be "type base64 comment"/],
  'half of it': [`ssh-ed25519 ${blob.slice(0, 20)} x`, /must be "type base64 comment"/],
  'a NUL byte': [`ssh-ed25519 ${blob}\0 x`, /must be "type base64 comment"/],
  'much text': ['x'.repeat(20_000), /too long/],
}

for (const [what, [key, message]] of Object.entries(badKeys)) {
  test(`an SSH key with ${what} is refused`, async () => {
    const { status, json } = await ask('POST', '/keys', { body: { key } })
    assert.deepEqual([status, json.error.code], [400, 'INVALID'])
    assert.match(json.error.message, message)
    assert.deepEqual((await ask('GET', '/keys')).json, [])
  })
}

test('an SSH key gets its fingerprint from us and its name from a cleaned comment', async () => {
  const token = await api.token('member')
  const key = `ssh-ed25519 ${blob} \u001b[31mmax@\u202elaptop`
  const { json } = await ask('POST', '/keys', { token, body: { key } })
  assert.equal(json.name, 'max@laptop')
  assert.match(json.fingerprint, /^SHA256:[A-Za-z0-9+/]{43}$/)
  assert.equal((await ask('POST', '/keys', { body: { key } })).json.error.code, 'NAME_TAKEN')
  assert.equal((await ask('DELETE', `/keys/${json.id}`)).status, 404)
  assert.equal((await ask('DELETE', `/keys/${json.id}`, { token })).status, 200)
})

test('a user made without a password gets one, once, and works in the team named', async () => {
  const { json } = await ask('POST', '/users', { body: { name: 'Zoë', team: 'beta' } })
  assert.equal(json.password.length, 20)
  const { json: session } = await login({ name: 'Zoë', password: json.password }, from())
  assert.deepEqual(session.user.teams, [{ name: 'beta', role: 'member' }])
  assert.ok(!(await ask('GET', '/users')).text.includes(json.password))
})

test('the last operator cannot be disabled or demoted', async () => {
  for (const body of [{ disabled: true }, { role: 'member' }]) {
    const { status, json } = await ask('PATCH', '/users/olga', { body })
    assert.deepEqual([status, json.error.message], [400, 'user: olga is the last operator and must stay one'])
  }
})

test('a team admin takes people in and out of that team only', async () => {
  const admin = await api.token('admin')
  const set = (team: string, user: string) => ask('POST', `/teams/${team}/members`, { token: admin, body: { user } })
  assert.equal((await set('alpha', 'eve')).status, 200)
  assert.equal((await set('beta', 'max')).status, 404)
  assert.equal((await set('alpha', 'nobody')).json.error.code, 'NOT_FOUND')
  assert.equal((await ask('DELETE', '/teams/alpha/members/eve', { token: admin })).status, 200)
  const { json } = await ask('GET', '/teams/alpha/members', { token: admin })
  assert.deepEqual(json, [
    { user: 'ada', role: 'admin' },
    { user: 'max', role: 'member' },
  ])
})

test('who tries what they may not stands in the events', async () => {
  const { name } = await api.app()
  await ask('DELETE', `/apps/${name}`, { token: await api.token('member'), body: { confirm: name } })
  const [event] = (await ask('GET', '/events?limit=1')).json
  assert.deepEqual(
    [event.actor, event.action, event.target, event.result],
    ['max', 'destroyApp', `app ${name}`, 'FORBIDDEN'],
  )
})

type Row = Record<string, unknown>
