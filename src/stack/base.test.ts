import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sourcesIn } from './base.ts'

test("the base image comes from the machine's own mirror of its suite, and from nothing else", () => {
  const targets = [
    'http://mirror.test/debian/ bookworm main',
    'http://mirror.test/debian-security/ bookworm-security main',
    'https://packages.test/ nodistro main',
  ]
  assert.equal(
    sourcesIn(targets.join('\n'), 'bookworm'),
    'deb http://mirror.test/debian/ bookworm main\ndeb http://mirror.test/debian-security/ bookworm-security main\n',
  )
})

test('a machine of another suite leaves the choice of the mirror to mmdebstrap', () => {
  assert.equal(sourcesIn('http://mirror.test/ubuntu/ noble main\n', 'bookworm'), '')
})
