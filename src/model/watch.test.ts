import assert from 'node:assert/strict'
import test from 'node:test'
import { concerns, fitsName, folderPath, watchGlobs } from './watch.ts'

const rows: readonly (readonly [globs: readonly string[], path: string, concerned: boolean])[] = [
  [[], 'anything', true],
  [['api/**'], 'api/a.ts', true],
  [['api/**'], 'api/deep/er/a.ts', true],
  [['api/**'], 'apix/a.ts', false],
  [['api'], 'api/a.ts', true],
  [['api/'], 'api/a.ts', true],
  [['/api'], 'api/a.ts', true],
  [['*.md'], 'README.md', true],
  [['*.md'], 'docs/README.md', false],
  [['**/*.md'], 'docs/README.md', true],
  [['**/*.md'], 'README.md', true],
  [['api/**', '!api/**/*.md'], 'api/x/README.md', false],
  [['api/**', '!api/**/*.md'], 'api/x/a.ts', true],
  [['!docs/**'], 'docs/a', false],
  [['!docs/**'], 'src/a', true],
  [['a/**/z'], 'a/z', true],
  [['a/**/z'], 'a/b/c/z', true],
  [['a/*/z'], 'a/b/c/z', false],
]

for (const [globs, path, concerned] of rows) {
  test(`${globs.join(' ') || 'nothing'} ${concerned ? 'watches' : 'does not watch'} ${path}`, () =>
    assert.equal(concerns(globs, [path]), concerned))
}

test('a pattern of many stars takes no time', () => {
  const started = performance.now()
  assert.equal(fitsName(`${'*a'.repeat(60)}b`, 'a'.repeat(4_000)), false)
  assert.equal(concerns([`${'**/'.repeat(29)}x`], ['a/'.repeat(500)]), false)
  assert.ok(performance.now() - started < 10_000)
})

test('a folder is a plain path inside', () => {
  assert.equal(folderPath('/services/api/'), 'services/api')
  assert.equal(folderPath('.'), '')
  for (const bad of ['../x', 'a/../b', '-x y', '.git', 'a\nb', 'a b'])
    assert.throws(() => folderPath(bad), { code: 'INVALID' })
})

test('patterns are few and printable', () => {
  assert.throws(() => watchGlobs(Array(51).fill('a')), { code: 'TOO_LARGE' })
  assert.throws(() => watchGlobs(['a\nb']), { code: 'INVALID' })
})
