import assert from 'node:assert/strict'
import { test } from 'node:test'
import { controllersOfVersion1 } from './cgroups.ts'
import { sourcesIn } from './stack.ts'
import { table } from './status.ts'

test("the base image comes from the machine's own mirror of its suite, and from nothing else", () => {
  const targets = [
    'http://mirror.test/debian/ bookworm main',
    'http://mirror.test/debian-security/ bookworm-security main',
    'https://packages.test/ nodistro main',
  ]
  assert.equal(
    sourcesIn(targets.join('\n')),
    'deb http://mirror.test/debian/ bookworm main\ndeb http://mirror.test/debian-security/ bookworm-security main\n',
  )
})

test('a machine of another suite leaves the choice of the mirror to mmdebstrap', () => {
  assert.equal(sourcesIn('http://mirror.test/ubuntu/ noble main\n'), '')
})

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
