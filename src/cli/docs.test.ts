import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { commandNames, loadAll, loadCommand } from './commands.ts'
import { findCommand, parseInput } from './parse.ts'
import { reference } from './reference.ts'

const commands = await loadAll()

test('docs/cli.md is what berth help --markdown prints', async () => {
  const text = await readFile(new URL('../../docs/cli.md', import.meta.url), 'utf8')
  assert.equal(text, `${reference(commands).join('\n')}\n`)
})

test('texts are short, and examples are of the command', () => {
  for (const [name, { summary, examples }] of commands) {
    assert.ok(summary.length <= 90, summary)
    assert.ok(examples.length > 0 && examples.every((example) => example.includes(`berth ${name}`)), name)
  }
})

test('every example is understood', async () => {
  for (const [name, { examples }] of commands) {
    for (const example of examples) {
      const line = example.slice(example.lastIndexOf(`berth ${name}`) + 6).split(/ [<>|] |\)/)[0] ?? ''
      const words = line.match(/"[^"]*"|'[^']*'|\S+/g) ?? []
      const found = findCommand(words, commandNames)
      assert.ok(found.kind === 'command' && found.name === name, example)
      parseInput(name, await loadCommand(name), found.rest)
    }
  }
})
