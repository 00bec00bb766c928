import assert from 'node:assert/strict'
import test from 'node:test'
import { basicAuth } from './basicAuth.ts'

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

test('name and password', () => assert.deepEqual(basicAuth(basic('ada:x:y')), { name: 'ada', password: 'x:y' }))
test('the name may be empty', () => assert.deepEqual(basicAuth(basic(':x')), { name: '', password: 'x' }))
for (const header of [undefined, '', 'Basic', 'Basic !!', 'Bearer abc', basic('no colon'), `${basic('a:b')} x`]) {
  test(`${header} is none`, () => assert.equal(basicAuth(header), undefined))
}
