import assert from 'node:assert/strict'
import { existsSync, globSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import test from 'node:test'
import { cycles, importsBelow } from './imports.ts'
import { layers } from './layers.ts'

const imports = importsBelow('src')

/** The longest listed folder that a file lies in. */
function layerOf(file: string): string {
  const folder = relative('src', dirname(file))
  const candidates = Object.keys(layers).filter((layer) => folder === layer || folder.startsWith(`${layer}/`))
  return candidates.sort((a, b) => b.length - a.length)[0] ?? `(none: src/${folder})`
}

const inTest = (file: string) => file.endsWith('.test.ts')

test('no file imports from a layer that its own may not use', () => {
  const violations = imports
    .filter(({ from }) => !inTest(from))
    .map(({ from, to }) => ({ from, to, layer: layerOf(from), target: layerOf(to) }))
    .filter(({ layer, target }) => layer !== target && !layers[layer]?.some((one) => one === target || one === '*'))
    .map(({ from, to, layer, target }) => `${from} imports ${to}: ${layer} may not import ${target} (tools/layers.ts)`)
  assert.deepEqual(violations, [])
})

test('every import leads to a file', () => {
  assert.deepEqual(
    imports.filter(({ to }) => !existsSync(to)),
    [],
  )
})

test('every folder has a layer, and every layer a folder', () => {
  const homeless = globSync('src/**/*.ts').filter((file) => layerOf(file).startsWith('(none'))
  assert.deepEqual(homeless, [])
  assert.deepEqual(
    Object.keys(layers).filter((layer) => !existsSync(`src/${layer}`)),
    [],
  )
})

test('no row of the table is unused', () => {
  const used = new Set(imports.map(({ from, to }) => `${layerOf(from)} ${layerOf(to)}`))
  const stale = Object.entries(layers).flatMap(([layer, may]) =>
    may.filter((target) => target !== '*' && !used.has(`${layer} ${target}`)).map((target) => `${layer} → ${target}`),
  )
  assert.deepEqual(stale, [])
})

test('no import cycle, type-only imports included', () => {
  assert.deepEqual(cycles(imports), [])
})
