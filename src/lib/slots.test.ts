import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slots } from './slots.ts'

test('one who asks gets only their share, and others the rest', () => {
  const places = slots({ most: 3, each: 2 })
  const first = places.take('ada')
  assert.ok(first && places.take('ada'))
  assert.equal(places.take('ada'), undefined)
  assert.ok(places.take('eve'))
  assert.equal(places.take('max'), undefined)
  first[Symbol.dispose]()
  assert.ok(places.take('max'))
})
