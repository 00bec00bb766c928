import assert from 'node:assert/strict'
import { test } from 'node:test'
import { megabytes, releaseNumber } from './numbers.ts'
import { scaleChanges } from './scales.ts'

const means = (args: string[], sizes: { memory?: string; cpu?: string }, expected: object) =>
  test(`scale ${args.join(' ')} ${JSON.stringify(sizes)}`, () => assert.deepEqual(scaleChanges(args, sizes), expected))

means([], {}, {})
means(['web=2'], {}, { web: { count: 2 } })
means(['web=0', 'worker=1:1024M'], {}, { web: { count: 0 }, worker: { count: 1, memoryMb: 1024 } })
means(['web=2:1G:0.5'], {}, { web: { count: 2, memoryMb: 1024, cpu: 0.5 } })
means(['web=:1G'], {}, { web: { memoryMb: 1024 } })
means(['web'], { memory: '256M' }, { web: { memoryMb: 256 } })
means(['web=3', 'worker'], { cpu: '2' }, { web: { count: 3, cpu: 2 }, worker: { cpu: 2 } })

const refuses = (args: string[], sizes: { memory?: string }, message: RegExp) =>
  test(`scale ${args.join(' ')} is refused`, () =>
    assert.throws(() => scaleChanges(args, sizes), { name: 'UsageError', message }))

refuses(['web'], {}, /how many\? Say web=2/)
refuses([], { memory: '1G' }, /name the processes/)
refuses(['web='], {}, /a count must be a whole number/)
refuses(['web=two'], {}, /whole number, not "two"/)
refuses(['web=-1'], {}, /whole number/)
refuses(['web=1:lots'], {}, /no size of memory/)
refuses(['web=1:1G:all'], {}, /no share of processors/)

test('sizes of memory', () => {
  assert.deepEqual(['512', '512M', '512mb', '1.5G', '2GiB'].map(megabytes), [512, 512, 512, 1536, 2048])
})

test('names of releases', () => {
  assert.deepEqual(['v12', '12'].map(releaseNumber), [12, 12])
  assert.throws(() => releaseNumber('latest'), /"latest" is no release/)
})
