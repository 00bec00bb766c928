import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Facts } from './facts.ts'
import { filesFrom } from './files.ts'
import { runtimesIn } from './known.ts'
import { readRuntime } from './read.ts'
import { chooseRecipe } from './recipe.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-runtimes-'))
})
after(() => rm(folder, { recursive: true }))

const lua = (more = '') => `name: lua
title: Lua
order: 1
detect:
  - any: [main.lua]
processes:
  web:
    - command: [lua, main.lua]
help: add a main.lua
${more}`

const write = (file: string, text: string) => writeFile(join(folder, file), text)
const named = (name: string) => runtimesIn(folder).listed.find(({ runtime }) => runtime.name === name)
const choose = (files: Record<string, string>, build: { runtime?: string } = {}) =>
  chooseRecipe(new Facts(filesFrom(files)), build, runtimesIn(folder))

test("the operator's runtimes are read again when a file changes, and only then", async () => {
  await write('lua.yaml', lua())
  assert.equal(named('lua')?.origin, 'own')
  assert.equal(runtimesIn(folder), runtimesIn(folder))
  await write('lua.yaml', lua('stopGraceMs: 1234\n'))
  assert.equal(named('lua')?.runtime.stopGraceMs, 1234)
  await rm(join(folder, 'lua.yaml'))
  assert.equal(named('lua'), undefined)
})

test('one with the name of a shipped one replaces it', async () => {
  await write('static.yaml', lua().replaceAll('lua', 'static'))
  assert.equal(named('static')?.origin, 'own')
  assert.equal(runtimesIn(folder).listed.filter(({ runtime }) => runtime.name === 'static').length, 1)
  await rm(join(folder, 'static.yaml'))
  assert.equal(named('static')?.origin, 'shipped')
})

test('a broken file is told of, and breaks nothing but its own runtime', async () => {
  await write('lua.yaml', 'name: lua\ntitle: [\n')
  await write('static.yaml', lua().replaceAll('lua', 'static').replace('order: 1', 'order: first'))
  await write('cobol.yml', lua().replaceAll('lua', 'cobol'))
  const reasons = runtimesIn(folder).broken.map(({ reason }) => reason.replace(`${folder}/`, ''))
  assert.match(reasons[0] ?? '', /^cobol\.yml:1:7: a runtime called "cobol" stands in cobol\.yaml$/)
  assert.match(reasons[1] ?? '', /^lua\.yaml:3:1: /)
  assert.match(reasons[2] ?? '', /^static\.yaml:3:8: order: expected number/)
  const node = await choose({ 'package.json': '{}' })
  assert.equal(node.kind === 'runtime' && node.runtime.name, 'node')
  await assert.rejects(choose({ 'index.html': '' }), /the runtime "static" is not available: the operator has to mend/)
  await assert.rejects(choose({}, { runtime: 'lua' }), /the runtime "lua" is not available/)
})

test('a folder that is not there has none', () => {
  assert.deepEqual(runtimesIn(join(folder, 'none')).broken, [])
})

const faults: [says: string, text: string, message: RegExp][] = [
  ['nothing in it', '', /^lua\.yaml:1:1: /],
  [
    'a runtime of Upscale',
    'packages: [a]\ntemplate: php\nversion: 1\n',
    /^lua\.yaml:2:1: this is a runtime of Upscale; put it into/,
  ],
  ['an unknown key', lua('detects: []\n'), /^lua\.yaml:10:1: unknown key "detects"; did you mean "detect"\?$/],
  [
    'a mistyped key',
    lua().replace('order: 1', 'ordr: 1'),
    /^lua\.yaml:3:1: unknown key "ordr"; did you mean "order"\?$/,
  ],
  ['an unknown key inside', lua('health: { paths: / }\n'), /^lua\.yaml:10:11: unknown key "paths"$/],
  ['a value of the wrong kind', lua('packages: lua5.4\n'), /^lua\.yaml:10:11: packages: expected array/],
  [
    'a bad package',
    lua('packages: [aa, "b; c"]\n'),
    /^lua\.yaml:10:16: packages\.1: must be the name of a Debian package/,
  ],
  ['a missing key', lua().replace('help: add a main.lua\n', ''), /^lua\.yaml:1:1: help: expected string/],
  [
    'a bad expression',
    lua('values: { x: [{ path: "(" }] }\n'),
    /^lua\.yaml:10:23: values\.x\.0\.path: is not a regular/,
  ],
  ['a value that nothing gives', lua('env: { A: "/x/{none}" }\n'), /^lua\.yaml:10:11: no value is called "none"/],
  ['a path that leads out', lua('project: { ../x: a }\n'), /^lua\.yaml:10:12: project: "\.\.\/x" must be a path/],
  ['a path into .git', lua('project: { .git/config: a }\n'), /^lua\.yaml:10:12: project: "\.git\/config" must be/],
  [
    'a name that is not its file',
    lua().replace('name: lua', 'name: luna'),
    /^lua\.yaml:1:7: a runtime called "luna" stands in/,
  ],
  [
    'two ways to a version',
    lua('version: { asked: [], packaged: {}, toolchain: { npm: { x64: a, arm64: b }, links: {} } }\n'),
    /needs either/,
  ],
  ['broken YAML', lua('env: {\n'), /^lua\.yaml:11:1: /],
]

for (const [says, text, message] of faults) {
  test(`refuses ${says}, and says where`, () =>
    assert.throws(() => readRuntime('lua.yaml', text), { code: 'DEFINITION', message }))
}
