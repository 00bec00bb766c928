import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addresses } from './addresses.ts'
import { basePath } from './endpoint.ts'
import { endpoints } from './endpoints.ts'

test('every endpoint has the address that it is called at', () => {
  const called = Object.entries(endpoints).map(([name, { method, path }]) => [name, `${method} ${basePath}${path}`])
  assert.deepEqual(addresses, Object.fromEntries(called))
})
