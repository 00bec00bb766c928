import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printable } from './printable.ts'

const cases: [raw: string, shown: string][] = [
  ['plain\ttext – ü €', 'plain\ttext – ü €'],
  ['\x1b[31mred\x1b[0m', 'red'],
  ['\x1b[2J\x1b[1;1Hcleared', 'cleared'],
  ['\x1b]0;new title\x07shown', 'shown'],
  ['\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\', 'link'],
  ['\x1bP1;2|payload\x1b\\after', 'after'],
  ['\x9b31mC1\x9d0;t\x9cend', 'C1end'],
  ['\x1b(Bset\x1bc', 'set'],
  ['over\rwritten\b\x00\x7f', 'overwritten'],
  ['\u202etxt.exe', 'txt.exe'],
  ['lone escape \x1b', 'lone escape '],
]

for (const [raw, shown] of cases) {
  test(`shows ${JSON.stringify(raw)} as ${JSON.stringify(shown)}`, () => assert.equal(printable(raw), shown))
}
