import assert from 'node:assert/strict'
import test from 'node:test'
import { byVersion } from './versions.ts'

test('versions are put in order as people count', () => {
  const tags = ['v1.9', 'v1.10', 'v1.10.1', 'v2.0-rc1', 'v2.0', 'v1.0']
  assert.deepEqual(tags.toSorted(byVersion), ['v2.0', 'v2.0-rc1', 'v1.10.1', 'v1.10', 'v1.9', 'v1.0'])
})
