import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bounded } from './output.ts'

function printed(limits: Parameters<typeof bounded>[1], ...lines: readonly string[]) {
  const log: string[] = []
  const say = bounded((line) => log.push(line), limits)
  for (const line of lines) say(line)
  return log
}

const output = (text: string) => `       ${text}`

test('what steps print is cut at a number of lines, said once, and what we say goes on', () => {
  const limits = { bytes: 2 ** 20, lines: 2 }
  const log = printed(limits, '-----> A', output('1'), output('2'), output('3'), '-----> B', output('4'), ' !     C')
  assert.deepEqual(log, [
    '-----> A',
    output('1'),
    ' !     The build has printed 1 MB or 2 lines: it goes on, and what else it prints is left out',
    '-----> B',
    ' !     C',
  ])
})

test('and at a number of bytes', () => {
  const log = printed({ bytes: 2 ** 20, lines: 100 }, ...Array.from({ length: 30 }, () => output('x'.repeat(2 ** 16))))
  assert.equal(log.length, 16)
  assert.match(log.at(-1) ?? '', /it goes on/)
})
