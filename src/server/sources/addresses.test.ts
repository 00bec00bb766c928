import assert from 'node:assert/strict'
import test from 'node:test'
import { allowedAddresses, safeAddress } from './addresses.ts'

const nothing = allowedAddresses('')

const inside = [
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0.0.0.0',
  'localhost',
  '10.1.2.3',
  '172.31.255.255',
  '192.168.0.1',
  '169.254.169.254',
  '100.64.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:10.0.0.1]',
  '[fe80::1]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[64:ff9b::7f00:1]',
  '[2002:7f00:1::]',
  '[2001:0:1::]',
]

for (const host of inside) {
  test(`${host} is inside`, () => assert.rejects(safeAddress(host, nothing), { code: 'INVALID' }))
}

for (const host of ['8.8.8.8', '[2606:4700::1111]', '172.32.0.1']) {
  test(`${host} is outside`, async () => assert.equal(await safeAddress(host, nothing), host.replace(/[[\]]/g, '')))
}

test('the operator allows networks', async () => {
  const allowed = allowedAddresses('10.0.0.0/8, 127.0.0.1')
  assert.equal(await safeAddress('10.1.2.3', allowed), '10.1.2.3')
  assert.equal(await safeAddress('[::ffff:127.0.0.1]', allowed), '::ffff:127.0.0.1')
  await assert.rejects(safeAddress('127.0.0.2', allowed), { code: 'INVALID' })
  await assert.rejects(safeAddress('192.168.0.1', allowed), { code: 'INVALID' })
  assert.equal(await safeAddress('192.168.0.1', allowedAddresses('all')), '192.168.0.1')
  assert.throws(() => allowedAddresses('10.0.0.0/x'), { code: 'INVALID' })
})

test('a name without an address is told', () =>
  assert.rejects(safeAddress('nowhere.invalid', nothing), { code: 'UNAVAILABLE' }))
