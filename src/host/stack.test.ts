import assert from 'node:assert/strict'
import { test } from 'node:test'
import { controllersOfVersion1 } from './cgroups.ts'
import { table } from './status.ts'

test('cgroup controllers bound to version 1 are told from free and disabled ones', () => {
  const text = '#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t2\t1\t1\nmemory\t0\t1\t1\npids\t5\t1\t0\n'
  assert.deepEqual(controllersOfVersion1(text), ['cpu'])
})

test('a table is as wide as its widest cells', () => {
  assert.deepEqual(
    table([
      ['A', 'B'],
      ['long', 'x'],
    ]),
    ['A     B', 'long  x'],
  )
})
