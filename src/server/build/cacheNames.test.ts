import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cacheNames } from './cacheNames.ts'

const settings = {
  dockerClient: '',
  dockerSocket: '',
  stack: '',
  cluster: 'c',
  cacheDir: '',
  limits: { memoryMb: 1, cpu: 1, pids: 1, timeoutMs: 1 },
}
const namesOf = (key: string, team: string, app: string) =>
  cacheNames(
    key,
    { team, app, id: '', source: '', variables: {}, log: () => undefined, signal: AbortSignal.abort() },
    settings,
  )

test('a cache has a name that only this installation can know, its own for each app of each team', () => {
  const names = namesOf('key', 'alpha', 'blog')
  assert.deepEqual(names, namesOf('key', 'alpha', 'blog'))
  assert.notEqual(names.own, namesOf('other', 'alpha', 'blog').own)
  assert.notEqual(names.own, namesOf('key', 'beta', 'blog').own)
  assert.notEqual(names.own, namesOf('key', 'alpha', 'shop').own)
  assert.equal(names.shared, namesOf('key', 'beta', 'shop').shared)
  assert.notEqual(names.shared, namesOf('other', 'alpha', 'blog').shared)
  assert.match(names.shared, /^berth\/[0-9a-f]{32}$/)
})
