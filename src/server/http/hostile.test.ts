import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { type Asked, startApi, type TestApi } from '../../../test/harness/api.ts'
import { basePath, type Endpoint } from '../../contract/endpoint.ts'
import { type EndpointName, endpoints } from '../../contract/endpoints.ts'

const marker = `/tmp/berth-hostile-${process.pid}`

/** What people and attackers send where a name, a word or a number belongs. */
const hostileTexts: Readonly<Record<string, string>> = {
  'a command substitution': `$(touch ${marker})`,
  backticks: `\`touch ${marker}\``,
  'a semicolon': `x; touch ${marker}`,
  'a pipe': `x | touch ${marker}`,
  quotes: `'"; drop table apps; --`,
  'a newline': 'x\nserver evil 1.2.3.4:80',
  'a carriage return': 'x\r\nSet-Cookie: a=b',
  'a NUL byte': 'x\0y',
  'a tab': 'x\ty',
  'an option': '--upload-pack=touch',
  'a short option': '-oProxyCommand=touch',
  'a path out': '../../etc/passwd',
  'an encoded path out': '..%2f..%2fetc%2fpasswd',
  'an absolute path': '/etc/passwd',
  'a template': `{{7*7}}\${7*7}<%= 7*7 %>`,
  markup: '<script>alert(1)</script>',
  'an escape sequence': '\u001b[31mred\u001b[0m',
  'turned reading direction': '\u202eevil',
  'an invisible character': 'ap\u200bp',
  'a look-alike letter': 'аpp',
  'an emoji': '🦄',
  'a full-width letter': 'ａpp',
  'a prototype key': '__proto__',
  'another prototype key': 'constructor',
  nothing: '',
  blanks: '   ',
  'a long text': 'a'.repeat(100_000),
  'a number as text': '1e309',
}

const wrongTypes: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  [],
  {},
  [[]],
  ['a'],
  { toString: 'x' },
  { length: 1 },
]

/** Fields that take text as it is: what is stored must come back the same. */
const takes = {
  labels: ['quotes', 'a semicolon', 'a command substitution', 'backticks', 'a pipe', 'an option', 'a short option'],
}

let api: TestApi
let token: string
before(async () => {
  api = await startApi()
  token = await api.token('operator')
})
after(async () => {
  assert.ok(!existsSync(marker), 'something was executed')
  await api[Symbol.asyncDispose]()
})

const post = (path: string, body: unknown) => api.ask('POST', `${basePath}${path}`, { token, body })
const patch = (path: string, body: unknown) => api.ask('PATCH', `${basePath}${path}`, { token, body })
const get = (path: string) => api.ask('GET', `${basePath}${path}`, { token })

for (const [what, text] of Object.entries(hostileTexts)) {
  test(`an app named with ${what} is refused with a reason`, async () => {
    const { status, json } = await post('/apps', { name: text, team: 'alpha' })
    if (what === 'another prototype key') return assert.equal(status, 200)
    assert.deepEqual([status, json.error.code], [400, 'INVALID'])
    assert.match(json.error.message, /^name: .{10,}/)
  })

  test(`a domain with ${what} is refused with a reason`, async () => {
    const { name } = await api.app()
    const { status, json } = await post(`/apps/${name}/domains`, { name: text })
    assert.deepEqual([status, json.error.code], [400, 'INVALID'])
    assert.equal((await get(`/apps/${name}/domains`)).json.length, 2)
  })

  test(`a variable named with ${what} is refused, or kept as it is`, async () => {
    const { name } = await api.app()
    const raw = `{"set":{${JSON.stringify(text)}:{"value":"x"}}}`
    const { status } = await patchRaw(`/apps/${name}/env?release=false`, raw)
    const names = (await get(`/apps/${name}/env`)).json.map(({ name }: { name: string }) => name)
    if (what === 'another prototype key') return assert.deepEqual([status, names], [200, ['GREETING', 'constructor']])
    assert.deepEqual([status, names], [400, ['GREETING']])
  })

  test(`a variable's value with ${what} comes back as it was, or is refused`, async () => {
    const { name } = await api.app()
    const { status } = await patch(`/apps/${name}/env?release=false`, { set: { A: { value: text } } })
    const { json } = await get(`/apps/${name}/env?values=true`)
    const kept = json.find(({ name }: { name: string }) => name === 'A')?.value
    const refusedOnes = ['a NUL byte', 'a long text']
    if (refusedOnes.includes(what)) assert.deepEqual([status, kept], [400, undefined])
    else assert.deepEqual([status, kept], [200, text])
  })

  test(`a token named with ${what} is refused, or kept as it is`, async () => {
    const { status } = await post('/tokens', { name: text })
    const names = (await get('/tokens')).json.map(({ name }: { name: string }) => name)
    assert.equal(names.includes(text), status === 200)
    if (takes.labels.includes(what)) assert.equal(status, 200)
    else assert.ok([200, 400].includes(status))
  })

  test(`a team, a user and a key named with ${what} never break anything`, async () => {
    const team = await post('/teams', { name: text })
    const user = await post('/users', { name: text })
    const key = await post('/keys', { name: text, key: text })
    assert.ok([200, 400].includes(team.status) && [200, 400].includes(user.status), `${team.text} ${user.text}`)
    assert.deepEqual([key.status, key.json.error.code], [400, 'INVALID'])
    if (team.status !== 200) return
    const members = await get(`/teams/${encodeURIComponent(text)}/members`)
    const kept = members.status === 200 || ['.', '..'].includes(text)
    assert.ok(kept, members.text)
  })

  test(`${what} in every path, query and text field is never more than refused`, async () => {
    for (const [name, endpoint] of Object.entries(endpoints) as [EndpointName, Endpoint][]) {
      if (name === 'logout') continue
      const path = endpoint.path.replace(/:\w+/g, encodeURIComponent(text.slice(0, 5_000)))
      const query = `?limit=${encodeURIComponent(text.slice(0, 5_000))}`
      for (const asked of [path, `${path}${query}`]) await harmless(endpoint, asked, {})
      await harmless(endpoint, path, { body: text })
      await harmless(endpoint, path, { body: bodyOf(endpoint, text) })
    }
  })
}

test('values of other types in every field are refused with the name of the field', async () => {
  const { name: app, operation } = await api.app()
  const things: Record<string, string> = { app, operation, number: '1', domain: 'a.b', team: 'alpha', user: 'max' }
  for (const endpoint of Object.values(endpoints) as Endpoint[]) {
    const path = endpoint.path.replace(/:(\w+)/g, (_, name: string) => things[name] ?? 'x')
    for (const [field] of fieldsOf(endpoint)) {
      for (const value of wrongTypes) {
        const { status, json } = await harmless(endpoint, path, { body: { [field]: value } })
        if (status === 400) assert.ok(json.error.message.length > 8, json.error.message)
      }
    }
  }
})

test('a refusal says nothing of what is inside, and every answer forbids to be framed or kept', async () => {
  for (const path of ['/api/v1/apps', '/api/v1/health', '/', '/api/v1/apps/%00', '//x', '/api/openapi.json']) {
    const { headers, text } = await api.ask('GET', path)
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.equal(headers.get('cache-control'), 'no-store')
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none';.* frame-ancestors 'none'/)
    assert.doesNotMatch(text, /node:|\.ts|"stack":"|\\n +at |sqlite/i)
  }
})

async function harmless(endpoint: Endpoint, path: string, asked: Asked) {
  const withBody = endpoint.method === 'GET' ? {} : asked
  const answer = await api.ask(endpoint.method, `${basePath}${path}`, { token, ...withBody })
  assert.ok(answer.status < 500, `${endpoint.method} ${path.slice(0, 200)}: ${answer.text}`)
  return answer
}

const fieldsOf = ({ body }: Endpoint): [string, unknown][] =>
  'shape' in body && typeof body.shape === 'object' && body.shape ? Object.entries(body.shape) : []

/** The same text in all fields of a body. */
const bodyOf = (endpoint: Endpoint, text: string) =>
  Object.fromEntries(fieldsOf(endpoint).map(([field]) => [field, text]))

function json(raw: string): Asked {
  return { raw, headers: { 'content-type': 'application/json' } }
}

const patchRaw = (path: string, raw: string) => api.ask('PATCH', `${basePath}${path}`, { token, ...json(raw) })
