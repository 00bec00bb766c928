import assert from 'node:assert/strict'
import test from 'node:test'
import { decide, type Follower } from './decide.ts'
import type { Push } from './providers/provider.ts'

const push = (more: Partial<Push> = {}): Push => ({
  urls: [],
  project: 'ada/blog',
  ref: { kind: 'branch', name: 'main' },
  defaultBranch: 'main',
  commit: 'a'.repeat(40),
  message: '',
  pusher: '',
  paths: ['api/a.js'],
  ...more,
})
const tag = (name: string): Partial<Push> => ({ ref: { kind: 'tag', name } })
const branch = (name: string): Partial<Push> => ({ ref: { kind: 'branch', name } })
const follower = (ref: string | null = null, watch: string[] = []): Follower => ({ ref, watch })

const rows: readonly (readonly [what: string, push: Push, follower: Follower, act: string, reason?: RegExp])[] = [
  ['the default branch', push(), follower(), 'deploy'],
  ['another branch', push(branch('dev')), follower(), 'ignore', /branch dev; it follows main/],
  ['the branch that is named', push(branch('dev')), follower('dev'), 'deploy'],
  ['a tag of the name of the default branch', push(tag('main')), follower(), 'ignore', /tag main/],
  ['a tag that is named', push(tag('v1')), follower('v1'), 'deploy'],
  ['a tag that fits', push(tag('v1.2')), follower('v*'), 'deploy'],
  ['a tag that does not fit', push(tag('x1')), follower('v*'), 'ignore', /follows v\*/],
  ['a branch that fits a pattern of tags', push(branch('v1')), follower('v*'), 'ignore'],
  ['a deleted branch', push({ commit: null }), follower(), 'ignore', /deleted/],
  ['an app fixed to a commit', push(), follower('b'.repeat(40)), 'ignore', /commit bbbbbbbb/],
  ['an unknown default', push({ defaultBranch: undefined }), follower(), 'check', /which branch/],
  ['a watched path', push(), follower(null, ['api/**']), 'deploy'],
  ['no watched path', push(), follower(null, ['web/**']), 'ignore', /nothing that it watches/],
  ['paths that are not said', push({ paths: undefined }), follower(null, ['web/**']), 'check', /which files/],
  ['paths that are not said and nobody asks', push({ paths: undefined }), follower(), 'deploy'],
]

for (const [what, pushed, follows, act, reason] of rows) {
  test(`${what}: ${act}`, () => {
    const decision = decide(pushed, follows)
    assert.equal(decision.act, act)
    if (reason) assert.match('reason' in decision ? decision.reason : '', reason)
  })
}
