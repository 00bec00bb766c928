import assert from 'node:assert/strict'
import { test } from 'node:test'
import { basePath } from '../../contract/endpoint.ts'
import { endpoints } from '../../contract/endpoints.ts'
import { openapi } from './openapi.ts'

type Operation = {
  readonly operationId: string
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[]
  readonly responses: object
}
const document = openapi('1.2.3')
const paths = document.paths as Readonly<Record<string, Readonly<Record<string, Operation>>>>

test('every endpoint is in the document, under its own name, once', () => {
  const ids = Object.values(paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId))
  assert.deepEqual(ids.sort(), Object.keys(endpoints).sort())
})

test('every parameter of a path is declared, and required', () => {
  for (const [path, methods] of Object.entries(paths)) {
    assert.ok(path.startsWith(basePath))
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    for (const { parameters } of Object.values(methods)) {
      const declared = parameters.filter((one) => one.in === 'path' && one.required).map(({ name }) => name)
      assert.deepEqual(declared.sort(), named.sort(), path)
    }
  }
})

test('every reference leads somewhere, and no schema is empty', () => {
  const text = JSON.stringify(document)
  for (const [, name = ''] of text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)) {
    assert.ok(Object.hasOwn(document.components.schemas, name), name)
  }
  assert.ok(!text.includes('"schema":{}'))
  assert.match(document.openapi, /^3\.1\./)
})

test('no two endpoints share method and path', () => {
  const places = Object.values(endpoints).map(({ method, path }) => `${method} ${path}`)
  assert.equal(new Set(places).size, places.length)
})
