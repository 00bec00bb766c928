import assert from 'node:assert/strict'
import { test } from 'node:test'
import { satisfying } from '../../runtime/semver.ts'
import { withOwnCaches } from './cacheMounts.ts'
import { withHostSettings } from './dockerfile.ts'
import { ignoring } from './ignore.ts'
import { readable } from './progress.ts'

/** All of these run in the server's one thread: a text that takes seconds stops it for everybody. */
const size = 1_000_000
const host = { files: [], variables: {}, proxies: {} }
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

const texts: [what: string, read: () => unknown][] = [
  ['a Dockerfile of empty lines before a comment', () => withHostSettings(`${'\n'.repeat(size)}#x\nFROM a`, host)],
  ['a Dockerfile of comments', () => withHostSettings(`${'#\n'.repeat(size / 2)}FROM a`, host)],
  ['an instruction on many lines', () => withOwnCaches(`RUN a\\\n${'a\\\n'.repeat(size / 3)}b`, 'own')],
  ['a line of many backslashes', () => withOwnCaches(`RUN ${'\\ '.repeat(size / 2)}`, 'own')],
  [
    'an instruction with many flags',
    () => withOwnCaches(`RUN ${numbers(5_000).map((n) => `--mount=type=cache,target=/${n}`)} x`, 'own'),
  ],
  ['a long line of half escape sequences', () => readable(`#5 0.1 ${'\x1b]'.repeat(size / 2)}`)],
  ['a long line of carriage returns', () => readable(`#5 0.1 ${'x\r'.repeat(size / 2)}`)],
  ['a version of many ranges', () => satisfying(['24.0.0', '22.0.0'], '1||'.repeat(size / 3))],
]

for (const [what, read] of texts) {
  test(`${what} is read in no time`, () => {
    const began = performance.now()
    read()
    assert.ok(performance.now() - began < 5_000)
  })
}

test('so many patterns to try on each file are refused', () =>
  assert.throws(() => ignoring('a\n'.repeat(1_001)), { code: 'TOO_LARGE' }))
