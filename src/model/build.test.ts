import assert from 'node:assert/strict'
import { test } from 'node:test'
import { timingTable } from './build.ts'

test('the timing table shows what took its time in aligned columns', () => {
  const steps = [
    { title: 'Fetch the source', ms: 3 },
    { title: 'Detect', ms: 12 },
    { title: 'Installing packages', ms: 0, cached: true },
    { title: 'Running npm install', ms: 12_340 },
    { title: 'Copying', ms: 20 },
    { title: 'Export the image', ms: 210 },
  ]
  assert.deepEqual(timingTable(steps, 12_800), [
    'Fetch the source      0.0 s',
    'Detect                0.0 s',
    'Running npm install  12.3 s',
    'Export the image      0.2 s',
    'Total                12.8 s',
  ])
})

test('of short steps the timing table shows the longest', () => {
  const steps = [
    { title: 'One', ms: 10 },
    { title: 'Two', ms: 30 },
  ]
  assert.deepEqual(timingTable(steps, 40), ['Two    0.0 s', 'Total  0.0 s'])
  assert.deepEqual(timingTable([], 0), ['Total  0.0 s'])
})
