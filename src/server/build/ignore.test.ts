import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ignoring } from './ignore.ts'

const cases: [patterns: string, ignored: string[], kept: string[]][] = [
  ['node_modules', ['node_modules', 'node_modules/a/b'], ['x/node_modules', 'node_modules2']],
  ['/build/', ['build/x'], ['x/build']],
  ['*.md', ['README.md'], ['docs/README.md', 'README.mdx']],
  ['**/*.md', ['README.md', 'docs/a/README.md'], ['README']],
  ['**.md', ['README.md', 'docs/README.md'], ['README']],
  ['**/tmp', ['tmp', 'a/tmp/x', 'a/b/tmp'], ['tmpx']],
  ['a/**', ['a/b', 'a/b/c'], ['b']],
  ['a/**/z', ['a/z', 'a/b/c/z'], ['a/b', 'z']],
  ['docs/?.txt', ['docs/a.txt'], ['docs/ab.txt']],
  ['*\n!keep\n', ['x', 'x/y'], ['keep', 'keep/y']],
  ['docs\n!docs/a', ['docs/b'], ['docs/a']],
  ['# comment\n\n  spaced  ', ['spaced'], ['# comment', 'x']],
  ['[a-c]?.txt', ['a1.txt', 'cx.txt'], ['d1.txt', 'a.txt', 'A1.txt']],
  ['[^a-c]\n[!]', ['d', '!'], ['a']],
  ['\\[x]\n\\*', ['[x]', '*'], ['x', 'y']],
  ['[x', ['[x'], ['x']],
  ['\uFEFFa', ['a'], ['b']],
  ['😀?', ['😀x', '😀😀'], ['😀']],
  ['**', ['a', 'a/b'], []],
  ['', [], ['a']],
]

for (const [patterns, ignored, kept] of cases) {
  test(`.dockerignore ${JSON.stringify(patterns)}`, () => {
    const ignores = ignoring(patterns)
    for (const path of ignored) assert(ignores(path), `${path} is ignored`)
    for (const path of kept) assert(!ignores(path), `${path} is kept`)
  })
}

test('a hostile pattern takes no time', () => {
  const started = performance.now()
  ignoring(`${'**/'.repeat(500)}x`)(Array(60).fill('y').join('/'))
  ignoring(`${'*a'.repeat(500)}b`)('a'.repeat(250))
  assert(performance.now() - started < 5_000)
})
