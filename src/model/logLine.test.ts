import assert from 'node:assert/strict'
import { test } from 'node:test'
import { advance, formatPosition, type LogPosition, newestTime, newLines, parsePosition } from './logLine.ts'

/** A log as text: lower case for one stream, upper case for the other; letters are times, for times compare as text. */
const lines = (log: string) =>
  [...log].map((letter) => ({
    letter,
    text: letter,
    at: letter.toLowerCase(),
    stream: letter === letter.toLowerCase() ? ('out' as const) : ('err' as const),
  }))

const after = (log: string) =>
  lines(log).reduce<LogPosition | undefined>((position, line) => advance(position, line), undefined)

function expectNew(read: string, kept: string, expected: string, now = 'z') {
  const found = lines(read).filter(newLines(after(kept), () => now))
  assert.equal(found.map(({ letter }) => letter).join(''), expected)
}

test('a log that nothing is kept of is new', () => expectNew('abbc', '', 'abbc'))
test('a log read again goes on where it ended', () => expectNew('abc', 'ab', 'c'))
test('among lines of one time too', () => expectNew('abbbc', 'abb', 'bc'))
test('also when it is not read from its start', () => expectNew('bbbc', 'abb', 'bc'))
test('nothing is new in what is kept', () => expectNew('abbb', 'abbb', ''))
test('each stream has its own order', () => expectNew('aCbDd', 'aC', 'bDd'))
test('a stream that was silent so far is new', () => expectNew('aB', 'a', 'B'))
test('what the Engine repeats is not new', () => expectNew('abccdbccde', '', 'abccde'))
test('nor what it repeats after a restart', () => expectNew('cddecdddef', 'abcd', 'def'))
test('a clock that was put back loses no line', () => expectNew('xyabc', '', 'xyabc', 'a'))

test('a file of one line that the Engine repeats is not new, nor one of a line in pieces', () => {
  const whole = (text: string, isWhole = true) => ({ at: 'b', stream: 'out' as const, text, whole: isWhole })
  const isNew = newLines(after('a'), () => 'z')
  const read = [whole('one'), whole('one'), whole('two'), whole('one'), whole('two'), whole('three')]
  assert.deepEqual(read.map(isNew), [true, false, true, false, false, true])
  const pieces = [whole('x', false), whole('x', false), whole('x'), whole('x', false), whole('x', false), whole('x')]
  assert.deepEqual(pieces.map(newLines(undefined, () => 'z')), [true, true, true, false, false, false])
})

test('the newest time of both streams', () => {
  assert.equal(newestTime(after('abC') ?? {}), 'c')
  assert.equal(newestTime({}), '')
})

test('a position is one word', () => {
  for (const log of ['a', 'aa', 'B', 'aBBc']) {
    const word = formatPosition(after(log) ?? {})
    assert.match(word, /^\S+$/)
    assert.deepEqual(parsePosition(word), after(log))
  }
})
