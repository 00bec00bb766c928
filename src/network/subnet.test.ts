import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstFree, overlap, routesIn } from './subnet.ts'

const cases: [one: string, other: string, together: boolean][] = [
  ['10.210.0.0/16', '10.210.3.0/24', true],
  ['10.210.3.0/24', '10.210.0.0/16', true],
  ['10.210.0.0/16', '10.211.0.0/16', false],
  ['10.210.0.0/16', '10.0.0.0/8', true],
  ['10.210.0.0/16', 'fd00::/64', false],
  ['192.168.1.77/24', '192.168.1.0/25', true],
]
for (const [one, other, together] of cases) {
  test(`${one} and ${other} ${together ? 'overlap' : 'are apart'}`, () => assert.equal(overlap(one, other), together))
}

test('the wanted subnet is taken when it is free, the next one otherwise', () => {
  assert.equal(firstFree(['10.210.0.0/16', '10.211.0.0/16'], []), '10.210.0.0/16')
  assert.equal(firstFree(['10.210.0.0/16', '10.211.0.0/16'], ['10.210.5.0/24']), '10.211.0.0/16')
  assert.throws(() => firstFree(['10.210.0.0/16'], ['10.0.0.0/8']), /a free subnet is not available/)
})

test('routes of the machine are read, without the default one', () => {
  const text = [
    'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT',
    'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0',
    'eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
  ].join('\n')
  assert.deepEqual(routesIn(text), ['172.17.0.0/16', '192.0.2.0/24'])
})
