import assert from 'node:assert/strict'
import { test } from 'node:test'
import { details, layOut, table } from './table.ts'

test('columns are aligned, the last one is not padded', () => {
  assert.deepEqual(
    layOut([
      ['a', 'bb', 'c'],
      ['aaa', 'b', 'cc'],
    ]),
    ['a    bb  c', 'aaa  b   cc'],
  )
})

test('an empty cell is a dash, so that columns can be counted', () => {
  assert.deepEqual(layOut([['a', undefined, null, '', 0]]), ['a  -  -  -  0'])
})

test('nothing that a name holds reaches the terminal as a command', () => {
  assert.deepEqual(layOut([['a\u001b[31mred\u001b[0m\tb\nc', 'x']]), ['ared bc  x'])
})

test('the last column is shortened to the width', () => {
  assert.deepEqual(layOut([['name', 'a long story about it']], 20), ['name  a long story …'])
})

test('colour does not count as width', () => {
  const rows = [
    [{ text: 'ok', colour: 'green' } as const, 'x'],
    ['failed', 'y'],
  ]
  assert.deepEqual(
    layOut(rows, Infinity, (_, text) => `<${text}>`),
    ['<ok    >  x', 'failed  y'],
  )
})

test('piped, a table is its rows alone', () => {
  assert.deepEqual(table(['NAME'], [['a'], ['b']]), ['a', 'b'])
  assert.deepEqual(table(['NAME'], []), [])
})

test('details line up', () => {
  assert.deepEqual(
    details([
      ['a', 1],
      ['long', null],
    ]),
    ['a:    1', 'long: -'],
  )
})
