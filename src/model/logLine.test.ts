import assert from 'node:assert/strict'
import { test } from 'node:test'
import { advance, formatPosition, isAfter, type LogPosition, parsePosition } from './logLine.ts'

/** Times as letters: they compare as text too. */
const read = (times: string, position?: LogPosition) => [...times].filter(isAfter(position)).join('')

const afterReading = (times: string) =>
  [...times].reduce<LogPosition | undefined>((position, at) => advance(position, at), undefined)

test('a log read again goes on where it ended', () => {
  assert.equal(read('abc'), 'abc')
  assert.equal(read('abc', afterReading('ab')), 'c')
  assert.equal(read('abbbc', afterReading('abb')), 'bc')
  assert.equal(read('bbbc', afterReading('abb')), 'bc')
  assert.equal(read('abc', afterReading('abc')), '')
})

test('a position is one word', () => {
  for (const position of [
    { at: '2026-01-01T00:00:00.000000001Z', count: 1 },
    { at: '2026-01-01T00:00:00.5Z', count: 7 },
  ]) {
    assert.match(formatPosition(position), /^\S+$/)
    assert.deepEqual(parsePosition(formatPosition(position)), position)
  }
})
