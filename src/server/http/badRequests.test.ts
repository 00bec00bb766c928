import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type Asked, apiAs } from '../../../test/harness/api.ts'
import { basePath } from '../../contract/endpoint.ts'

const { api, token, stop } = await apiAs('operator')
after(stop)

const badBodies: Readonly<Record<string, readonly [Asked, status: number, message: RegExp]>> = {
  'no JSON': [{ raw: '{"name":', headers: { 'content-type': 'application/json' } }, 400, /^body: is not valid JSON/],
  'a list': [{ body: [] }, 400, /^body: must be an object/],
  'a number': [{ body: 7 }, 400, /^body: must be an object/],
  nothing: [{}, 400, /^name: is missing/],
  'another content type': [{ raw: 'name=x', headers: { 'content-type': 'text/plain' } }, 400, /^content-type: must be/],
  'a form': [
    { raw: 'name=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    400,
    /^content-type: must be/,
  ],
  'bytes that are no text': [
    { raw: new Uint8Array([0x22, 0xff, 0xfe, 0x22]), headers: { 'content-type': 'application/json' } },
    400,
    /^body: is not UTF-8/,
  ],
  'a key twice': [json('{"name":"one","name":"two"}'), 400, /^body: the key "name" is given twice/],
  'a key twice, once escaped': [json('{"name":"one","n\\u0061me":"two"}'), 400, /is given twice/],
  'a prototype key': [json('{"name":"one","__proto__":{"team":"alpha"}}'), 400, /"__proto__" cannot be used/],
  'an unknown key': [{ body: { name: 'one', owner: 'x' } }, 400, /^owner: is not known here/],
  'half a character': [json('{"name":"\\ud800"}'), 400, /lone surrogate/],
  'deep nesting': [json(`{"name":${'['.repeat(1_000)}${']'.repeat(1_000)}}`), 400, /nested deeper than 32/],
  'very deep nesting': [json('['.repeat(500_000) + ']'.repeat(500_000)), 400, /nested deeper than 32/],
  'nesting without end': [json('['.repeat(1_000_000)), 400, /not valid JSON/],
  'more than a megabyte': [json(`{"name":"${'a'.repeat(1_100_000)}"}`), 413, /larger than the limit of 1 MiB/],
  'half a million quotes': [json(`"${'\\"'.repeat(250_000)}`), 400, /not valid JSON/],
}

for (const [what, [asked, status, message]] of Object.entries(badBodies)) {
  test(`a body with ${what} is refused: ${status}`, async () => {
    const answer = await api.ask('POST', `${basePath}/apps`, { token, ...asked })
    assert.equal(answer.status, status, answer.text)
    assert.match(answer.json.error.message, message)
  })
}

const badPaths: Readonly<Record<string, readonly [path: string, status: number]>> = {
  'no endpoint': ['/nothing', 404],
  'bad encoding': ['/apps/%zz', 400],
  'an encoded slash': ['/apps/a%2fb', 400],
  'a trailing slash': ['/apps/', 400],
  'a query twice': ['/operations?limit=1&limit=2', 400],
  'an unknown query': ['/operations?all=1', 400],
  'a limit of nothing': ['/operations?limit=0', 400],
  'a limit beyond': ['/operations?limit=100000', 400],
  'a limit in words': ['/operations?limit=ten', 400],
  'a huge number': ['/apps/blog/releases/99999999999999999999', 400],
  'a negative number': ['/apps/blog/releases/-1', 400],
}

for (const [what, [path, status]] of Object.entries(badPaths)) {
  test(`a path with ${what} is refused: ${status}`, async () => {
    const answer = await api.ask('GET', `${basePath}${path}`, { token })
    assert.equal(answer.status, status, answer.text)
    assert.ok(answer.json.error.message)
  })
}

function json(raw: string): Asked {
  return { raw, headers: { 'content-type': 'application/json' } }
}
