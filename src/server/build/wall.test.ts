import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rulesOf } from './wall.ts'

test('the wall has a door for each port, and ends with a refusal', () => {
  const lines = rulesOf([80, 3128]).trimEnd().split('\n')
  assert.deepEqual(lines.slice(0, 3), ['*filter', ':BERTH-BUILD-OUT - [0:0]', ':BERTH-BUILD-HOST - [0:0]'])
  assert.deepEqual(lines.slice(-4), [
    '-A BERTH-BUILD-HOST -p tcp --dport 80 -j RETURN',
    '-A BERTH-BUILD-HOST -p tcp --dport 3128 -j RETURN',
    '-A BERTH-BUILD-HOST -j REJECT',
    'COMMIT',
  ])
  assert.ok(lines.includes('-A BERTH-BUILD-OUT -d 169.254.0.0/16 -j REJECT'))
})
