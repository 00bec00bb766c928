import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { readDefinition } from '../src/model/definition/definition.ts'
import { definitionSchema } from '../src/model/definition/schema.ts'

const text = readFileSync('docs/definition.md', 'utf8')

type Schema = {
  readonly properties?: Record<string, Schema>
  readonly additionalProperties?: Schema | boolean
  readonly anyOf?: readonly Schema[]
}

/** The keys of a map, each with its path; a map of names has `NAME`. */
function keysOf(schema: Schema, path: string): string[] {
  const { properties = {}, additionalProperties: named, anyOf = [] } = schema
  const own = Object.entries(properties).flatMap(([key, value]) => [
    `${path}${key}`,
    ...keysOf(value, `${path}${key}.`),
  ])
  const inner = typeof named === 'object' && hasKeys(named) ? [`${path}NAME`, ...keysOf(named, `${path}NAME.`)] : []
  return [...own, ...inner, ...anyOf.flatMap((one) => keysOf(one, path))]
}

const hasKeys = ({ properties, anyOf = [] }: Schema): boolean => properties !== undefined || anyOf.some(hasKeys)

/** Keys that hold a map of names or of keys; the table has their parts. */
const parents = new Set(['build', 'processes', 'env', 'scale'])

test('docs/definition.md has every key of berth.yaml, and no other', () => {
  const [, section = ''] = /^\| key \| type \|.*\n\|.*\n([\s\S]*?)\n\n/m.exec(text) ?? []
  const documented = [...section.matchAll(/^\| `([\w.]+)` \|/gm)].map(([, key]) => key)
  const expected = keysOf(definitionSchema, '').filter((key) => !parents.has(key))
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
