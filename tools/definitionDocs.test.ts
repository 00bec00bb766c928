import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { type DefinitionFiles, readDefinition } from '../src/model/definition/definition.ts'
import { Refusal } from '../src/model/refusal.ts'

const text = readFileSync('docs/definition.md', 'utf8')

/** A key that no map has: its refusal lists those that it has. */
const stranger = 'zzzzzzzzzzzzzzzz'

/** Each map of berth.yaml, with its path in the table, and a document that has the stranger in it. */
const maps: [path: string, yaml: string][] = [
  ['', `${stranger}: 1`],
  ['build.', `build: { ${stranger}: 1 }`],
  ['processes.NAME.', `processes: { web: { ${stranger}: 1 } }`],
  ['health.', `health: { ${stranger}: 1 }`],
  ['env.NAME.', `env: { X: { ${stranger}: 1 } }`],
  ['scale.NAME.', `scale: { web: { ${stranger}: 1 } }`],
]

/** Keys that hold a map of names or of keys; the table has their parts. */
const parents = new Set(['build', 'processes', 'env', 'scale'])

const known = maps.flatMap(([path, yaml]) => keysIn(refusalOf({ 'berth.yaml': yaml })).map((key) => `${path}${key}`))

function keysIn(message: string): string[] {
  return /known here: (.*)$/.exec(message)?.[1]?.split(', ') ?? []
}

function refusalOf(files: DefinitionFiles): string {
  try {
    readDefinition(files)
    return ''
  } catch (error) {
    return error instanceof Refusal ? error.message : String(error)
  }
}

test('docs/definition.md has every key of berth.yaml, and no other', () => {
  const [, section = ''] = /^## berth\.yaml$([\s\S]*?)^## /m.exec(text) ?? []
  const documented = [...section.matchAll(/^\| `([\w.]+)` \|/gm)].map(([, key]) => key)
  const named = ['processes.NAME', 'env.NAME', 'scale.NAME']
  const expected = [...known.filter((key) => !parents.has(key)), ...named]
  assert.deepEqual(documented.toSorted(), expected.toSorted())
})

for (const [fence, file] of [
  ['yaml', 'berth.yaml'],
  ['json', 'app.json'],
] as const) {
  test(`the ${file} that it shows is understood without a warning`, () => {
    const [, example = ''] = new RegExp(`^\`\`\`${fence}$([\\s\\S]*?)^\`\`\`$`, 'm').exec(text) ?? []
    assert.notEqual(example, '')
    assert.deepEqual(readDefinition({ [file]: example }).warnings, [])
  })
}
