import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { clientAddress, networkOf } from './clientAddress.ts'

const cases: readonly (readonly [peer: string, forwarded: string | undefined, address: string])[] = [
  ['127.0.0.1', undefined, '127.0.0.1'],
  ['127.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['::ffff:127.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['127.0.0.1', '1.1.1.1, 203.0.113.9', '203.0.113.9'],
  ['127.0.0.1', '2001:db8::1', '2001:db8::1'],
  ['127.0.0.1', 'evil\nline', '127.0.0.1'],
  ['127.0.0.1', '', '127.0.0.1'],
  ['203.0.113.5', '1.1.1.1', '203.0.113.5'],
  ['::ffff:203.0.113.5', '1.1.1.1', '203.0.113.5'],
]

for (const [peer, forwarded, address] of cases) {
  test(`from ${peer} with X-Forwarded-For ${JSON.stringify(forwarded)}: ${address}`, () => {
    const request = { socket: { remoteAddress: peer }, headers: { 'x-forwarded-for': forwarded } }
    assert.equal(clientAddress(request as unknown as IncomingMessage), address)
  })
}

const networks: readonly (readonly [address: string, network: string])[] = [
  ['203.0.113.9', '203.0.113.9'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
]

for (const [address, network] of networks) {
  test(`${address} is of ${network}, whose failed logins count together`, () =>
    assert.equal(networkOf(address), network))
}
