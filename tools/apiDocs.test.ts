import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { refusals } from '../src/model/refusal.ts'
import { apiMarkdown } from './apiDocs.ts'

test('docs/api.md is what the contract says (node tools/apiDocs.ts prints it)', () => {
  assert.equal(readFileSync('docs/api.md', 'utf8'), apiMarkdown())
})

test('docs/errors.md describes exactly the refusals that exist', () => {
  const documented = readFileSync('docs/errors.md', 'utf8').match(/^## [A-Z_]+$/gm) ?? []
  assert.deepEqual(documented.map((heading) => heading.slice(3)).sort(), Object.keys(refusals).sort())
})
