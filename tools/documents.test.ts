import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { commandNames } from '../src/cli/commands.ts'
import { layers } from './layers.ts'

const documents = globSync(['*.md', 'docs/**/*.md'])
const read = (path: string) => readFileSync(path, 'utf8')
const code = /^```[\s\S]*?^```$/gm

test('every layer has its paragraph in ARCHITECTURE.md, and every paragraph a layer', () => {
  const described = [...read('ARCHITECTURE.md').matchAll(/^### `src\/(.+)`$/gm)].map(([, layer]) => layer)
  assert.deepEqual(described.toSorted(), Object.keys(layers).toSorted())
})

/** Links to other files and to headings, outside of examples. */
function linksOf(path: string): { readonly link: string; readonly file: string; readonly heading: string }[] {
  const links = [
    ...read(path)
      .replace(code, '')
      .matchAll(/\]\(([^)\s]+)\)/g),
  ].map(([, link = '']) => link)
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [file = '', heading = ''] = link.split('#')
      return { link, file: file ? join(dirname(path), file) : path, heading }
    })
}

/** What GitHub makes of a heading. */
const anchor = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

const anchorsOf = (path: string) =>
  new Set(
    [
      ...read(path)
        .replace(code, '')
        .matchAll(/^#+ (.+)$/gm),
    ].map(([, heading = '']) => anchor(heading)),
  )

for (const path of documents) {
  test(`the links of ${path} lead somewhere`, () => {
    const dead = linksOf(path).filter(
      ({ file, heading }) => !existsSync(file) || (heading !== '' && !anchorsOf(file).has(heading)),
    )
    assert.deepEqual(dead, [])
  })

  test(`the files that ${path} names are there`, () => {
    const named = [...read(path).matchAll(/`((?:src|tools|libexec|test|docs|bench|runtimes|examples)\/[\w./-]*)`/g)]
    assert.deepEqual(
      named.map(([, file = '']) => file).filter((file) => !existsSync(file)),
      [],
    )
  })
}

/** Without the shell's own, and what only the script `berth` knows. */
const unlisted = new Set(['test', 'COMMAND', 'NOUN'])

for (const path of documents.filter((path) => path !== 'docs/cli.md')) {
  test(`the commands that ${path} names exist`, () => {
    const named = [...read(path).matchAll(/(?:`|^\$ |^)(?:sudo )?(?:\.\/)?berth ([a-zA-Z]+)(?: ([a-z]+))?/gm)]
    const unknown = named.filter(
      ([, first = '', second]) =>
        !unlisted.has(first) && !commandNames.includes(first) && !commandNames.includes(`${first} ${second}`),
    )
    assert.deepEqual(
      unknown.map(([text]) => text),
      [],
    )
  })
}

test('docs/dependencies.md gives a reason for every npm package, and for no other', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, Record<string, string>>
  const [, npm = ''] = /^## npm packages$([\s\S]*?)^## /m.exec(read('docs/dependencies.md')) ?? []
  const described = [...npm.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name)
  assert.deepEqual(described.toSorted(), Object.keys({ ...dependencies, ...devDependencies }).toSorted())
})

test('every decision has its number, its title and its three parts', () => {
  const files = globSync('docs/decisions/[0-9]*.md').toSorted()
  files.forEach((path, index) => {
    assert.match(path, new RegExp(`/${String(index + 1).padStart(4, '0')}-[a-z0-9-]+\\.md$`))
    assert.match(read(path), new RegExp(`^# ${index + 1}\\. .+`))
    for (const part of ['Context', 'Decision', 'Consequences']) assert.ok(read(path).includes(`**${part}.**`), path)
  })
})
