import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appName } from './names.ts'
import { branchPatterns, isApproved, previewNames, wantsBranch } from './preview.ts'

const branches: readonly (readonly [patterns: string[], branch: string, wanted: boolean])[] = [
  [[], 'dev', false],
  [['*'], 'dev', true],
  [['*'], 'feature/login', true],
  [['feature/*'], 'feature/login', true],
  [['feature/*'], 'dev', false],
  [['*', '!dependabot/*'], 'dependabot/npm', false],
  [['*', '!dependabot/*', 'dependabot/npm'], 'dependabot/npm', true],
]
for (const [patterns, branch, wanted] of branches) {
  test(`[${patterns}] ${wanted ? 'wants' : 'leaves'} ${branch}`, () =>
    assert.equal(wantsBranch({ branches: patterns }, branch), wanted))
}

const names: readonly (readonly [app: string, branch: string, pull: number | null, first: string])[] = [
  ['blog', 'dev', null, 'blog-dev'],
  ['blog', 'Feature/Log_in', null, 'blog-feature-log-in'],
  ['blog', 'dev', 7, 'blog-pr-7'],
  ['blog', 'ü', null, 'blog-abc123'],
  ['blog', 'a-branch-with-a-name-that-is-quite-long', null, 'blog-a-branch-with-a-name-tha-abc123'],
  ['a'.repeat(40), 'dev', null, `${'a'.repeat(36)}-dev`],
]
for (const [app, branch, pull, first] of names) {
  test(`a preview of ${app} for ${branch}${pull ? ` (${pull})` : ''} is ${first}`, () => {
    const all = previewNames(app, { branch, pull }, 'abc123')
    assert.equal(all[0], first)
    for (const name of all) assert.equal(appName(name), name)
  })
}

test('what looks alike gets another name', () => {
  const [, second] = previewNames('blog', { branch: 'dev', pull: null }, 'abc123')
  assert.equal(second, 'blog-dev-abc123')
})

test('an approval is for the commit that was looked at, or for all', () => {
  const commit = 'a'.repeat(40)
  assert.ok(isApproved({ approval: 'none' }, null))
  assert.ok(isApproved({ approval: commit }, commit))
  assert.ok(isApproved({ approval: 'all' }, commit))
  assert.ok(!isApproved({ approval: commit }, 'b'.repeat(40)))
  assert.ok(!isApproved({ approval: 'needed' }, commit))
  assert.ok(!isApproved({ approval: 'needed' }, null))
})

test('patterns are printable', () => {
  assert.deepEqual(branchPatterns([' * ']), ['*'])
  assert.throws(() => branchPatterns(['a b']), { code: 'INVALID' })
  assert.throws(() => branchPatterns(['']), { code: 'INVALID' })
})
