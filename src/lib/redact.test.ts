import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redactor, type Secret } from './redact.ts'

const marked = (value: string, name = 'KEY'): Secret => ({ name, value, marked: true })
const plain = (value: string, name = 'NAME'): Secret => ({ name, value, marked: false })

const value = `p@ss/w0rd+ü"x' y`
const base64 = (text: string) => Buffer.from(text).toString('base64')

const forms: Record<string, string> = {
  'as it is': value,
  'in JSON': JSON.stringify({ value }),
  'URL-encoded': encodeURIComponent(value),
  'URL-encoded, all of it': 'p%40ss%2Fw0rd%2B%C3%BC%22x%27%20y',
  'URL-encoded in small letters': 'p%40ss%2fw0rd%2b%c3%bc%22x%27%20y',
  'as a form sends it': new URLSearchParams({ value }).toString(),
  'as a shell quotes it': `'${value.replaceAll("'", "'\\''")}'`,
  'in hex': Buffer.from(value).toString('hex'),
  'in base64': base64(value),
  'in base64, one byte behind': base64(`:${value}`),
  'in base64, two bytes behind': base64(`u:${value}`),
  'in base64, with more behind it': base64(`user:${value}\nmore`),
  'in base64url': Buffer.from(`>>>${value}???`).toString('base64url'),
}

for (const [how, text] of Object.entries(forms)) {
  test(`a value is found ${how}`, () => {
    const line = redactor([marked(value)])(`before ${text} after`)
    assert.match(line, /^before .*\[KEY\].* after$/)
    const rest = line.replace(/^before | after$/g, '').replace('[KEY]', '')
    assert.ok(rest.length < 30, rest)
  })
}

test('each line of a value is a secret of its own, and the whole too', () => {
  const redact = redactor([marked('first line\nsecond line\r\nx\n')])
  assert.equal(redact('the second line of it'), 'the [KEY] of it')
  assert.equal(redact('x'), 'x')
  assert.equal(redact(JSON.stringify('first line\nsecond line\r\nx')), '"[KEY]"')
})

test('a long value is found whole, cut, and with its base64 in lines', () => {
  const long = Array.from({ length: 50 }, (_, n) => `part-${n * 7919}`).join(':')
  const redact = redactor([marked(long)])
  assert.equal(redact(`<${long}>`), '<[KEY]>')
  assert.match(redact(long.slice(0, 200)), /^\[KEY\].{0,63}$/)
  for (const width of [76, 64]) {
    const lines = base64(`${long}\n`).match(new RegExp(`.{1,${width}}`, 'g')) ?? []
    for (const line of lines.slice(0, -1)) assert.equal(redact(line), '[KEY]')
  }
})

test('the longest value wins, and values side by side are told apart', () => {
  const redact = redactor([marked('secret', 'A'), marked('secret-and-more', 'B'), marked('secret-and', 'C')])
  assert.equal(redact('secretsecret-and-moresecret-an'), '[A][B][A]-an')
})

test('what is short, and a plain word that nobody called secret, stays', () => {
  assert.equal(
    redactor([marked('short'), plain('production'), plain('12345678'), plain('10.0.0.1')])('short production'),
    'short production',
  )
  assert.equal(redactor([marked('production')])('in production'), 'in [KEY]')
  assert.equal(redactor([plain('postgres://u:p@h/d')])('at postgres://u:p@h/d'), 'at [NAME]')
})

test('a name is put in as it is', () => {
  assert.equal(redactor([marked('$& $1 $`', 'A')])('x $& $1 $` y'), 'x [A] y')
})

test('thousands of values that begin alike cost no more than a few', () => {
  const many = Array.from({ length: 4_000 }, (_, n) => marked(`${'a'.repeat(40)}${n}`, `K${n}`))
  const redact = redactor(many)
  const line = 'a'.repeat(16_384)
  const started = performance.now()
  for (let times = 0; times < 20; times++) assert.equal(redact(line), line)
  assert.ok(performance.now() - started < 5_000, 'linear, not quadratic')
})
