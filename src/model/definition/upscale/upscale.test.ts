import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refusal } from '../../refusal.ts'
import { readDefinition } from '../definition.ts'
import { byVersion, hooksOf } from './hooks.ts'

const app = 'application: website\nversion: 1\nroot: ""\ninstall: |\n'
const read = (text: string, runtime?: string) =>
  readDefinition({ 'app.yaml': text, ...(runtime !== undefined && { '.upscale/runtime.yaml': runtime }) })

test('the app.yaml that Upscale wrote itself says the name, and nothing else', () => {
  const { upscale, build, warnings } = read(app)
  assert.deepEqual(
    { upscale, build, warnings },
    { upscale: { application: 'website', files: {}, install: [] }, build: {}, warnings: [] },
  )
})

test('root, install and files are taken; templates know all keys of both files', () => {
  const { upscale, build, env, warnings } = read(
    'application: website\nversion: 1\nroot: ./public//html/\ninstall: |\n  echo one\ncolor: red\nfiles:\n  /etc/site.conf: |\n    {{ application }} {{application.name}} {# no #}{{ color }} {{ a.b }} {{ UPSCALE_MYSQL_DB_HOST }}\n  /var/www/./config.php: "{{ version }}"\n',
    'template: php\nversion: 7\ncolor: blue\na: {b: deep}\npackages: [php-gd]\nenv: {MODE: live}\ninstall: echo zero\nproject: {x: y}\nfiles: {/etc/site.conf: old, /opt/x: "{{ color }}"}\n',
  )
  assert.deepEqual(upscale, {
    application: 'website',
    files: { '/etc/site.conf': 'website website red deep \n', '/opt/x': 'red', '/app/config.php': '1' },
    install: [
      { by: '.upscale/runtime.yaml', script: 'echo zero' },
      { by: 'app.yaml', script: 'echo one\n' },
    ],
  })
  assert.deepEqual(build, { packages: ['php-gd'], documentRoot: 'public/html' })
  assert.deepEqual(env, { MODE: 'live' })
  assert.deepEqual(warnings, [
    'app.yaml:8: the template names "UPSCALE_MYSQL_DB_HOST", which is not known, and so left empty',
    '.upscale/runtime.yaml:8: project is not used: a repository has its first commit already',
  ])
})

test('berth.yaml wins over app.yaml', () => {
  const { build } = readDefinition({
    'app.yaml': app.replace('""', 'html'),
    'berth.yaml': 'build: {documentRoot: web}',
  })
  assert.equal(build.documentRoot, 'web')
})

test("another platform's app.yaml is left alone", () => {
  for (const text of [
    'runtime: python39\n',
    'application: x\nruntime: php\nhandlers: [\n',
    'name: x\nservices: []\n',
  ]) {
    assert.equal(read(text).upscale, undefined)
  }
})

type Bad = [content: string, reason: RegExp]

const bad: Bad[] = [
  ['application: x\n§\troot: y', /Tabs are not allowed/],
  ['application: x\nroot: "y§', /Missing closing "quote/],
  ['application: x\n§application: y', /Map keys must be unique/],
  ['application: §', /must be text/],
  ['application: §[a]', /must be a single value/],
  ['application: x\nversion: §{a: 1}', /must be a single value/],
  ['application: x\nroot: §../y', /inside the repository/],
  ['application: x\nroot: §/etc', /inside the repository/],
  ['application: x\nroot: §"a\\0b"', /NUL/],
  ['application: x\ninstall: §[a]', /must be a single value/],
  ['application: x\ninstall: §!include /etc/shadow', /the tag "!include" is not supported/],
  ['application: x\ncolor: §!!python/object/apply:os.system [id]', /is not supported: nothing is included/],
  ['application: x\nfiles: §[a]', /must be a map/],
  ['application: x\nfiles:\n  §etc/x: y', /absolute path of a file/],
  ['application: x\nfiles:\n  §/etc/../x: y', /absolute path of a file/],
  ['application: x\nfiles:\n  §/etc/: y', /absolute path of a file/],
  ['application: x\nfiles:\n  §"/etc/$HOME": y', /absolute path of a file/],
  ['application: x\nfiles:\n  §/proc/sys/x: y', /must not lie in/],
  ['application: x\nfiles:\n  /a: §[b]', /must be a single value/],
  ['application: x\nfiles:\n  /a: §"{% include \'/etc/passwd\' %}"', /only \{\{ name \}\} is understood/],
  ['application: x\nfiles:\n  /a: §"{{ 7 * 7 }}"', /only \{\{ name \}\} is understood/],
  ['application: x\nfiles:\n  /a: §"{{ \'\'.__class__ }}"', /only \{\{ name \}\} is understood/],
  ['application: x\nfiles:\n  /a: §"{{ open"', /only \{\{ name \}\} is understood/],
  [`application: x\nv: ${'v'.repeat(8_000)}\nfiles:\n  /a: §"${'{{v}}'.repeat(20)}"`, /more than 64 KiB/],
  ['application: x\na: &a 1\ncolor: §*a', /aliases are not supported/],
  [`application: x\nfiles: §{${Array.from({ length: 60 }, (_, i) => `/a${i}: x`).join(', ')}}`, /more than 50 files/],
  [`application: x\na: ${'['.repeat(20_000)}`, /nested too deeply/],
  [`§application: ${'x'.repeat(70_000)}`, /larger than 64 KiB/],
]

for (const [marked, reason] of bad) {
  test(`refuses the app.yaml ${JSON.stringify(marked.slice(0, 60))}`, () => {
    const message = refusalOf(() => read(marked.replace('§', '')))
    assert.match(message, reason)
    assert(message.startsWith(`app.yaml:${markIn(marked)}`), message)
  })
}

test('a runtime of the repository is checked as well', () => {
  assert.match(
    refusalOf(() => read(app, 'packages: [--force]')),
    /^\.upscale\/runtime\.yaml:1:12: must be the name of a/,
  )
  assert.match(
    refusalOf(() => read(app, '- a')),
    /^\.upscale\/runtime\.yaml:1:1: must be a map/,
  )
  assert.match(
    refusalOf(() => read(app, 'env: {PORT: 1}')),
    /^\.upscale\/runtime\.yaml:1:7: .*PORT is set by Berth/,
  )
})

const hook = (name: string) => `.upscale/${name}`

test('hooks run in the order of their numbers', () => {
  const files = [
    'pre-build.d/100-z',
    'pre-build.d/90-y',
    'pre-build.d/9',
    'post-build.d/b',
    'post-build.d/.gitkeep',
    'build',
  ].map(hook)
  assert.deepEqual(hooksOf([...files, 'index.php'], [...files, '.upscale', '.upscale/pre-build.d', 'index.php']), {
    before: ['pre-build.d/9', 'pre-build.d/90-y', 'pre-build.d/100-z'].map(hook),
    after: ['build', 'post-build.d/b'].map(hook),
  })
  assert.deepEqual(['a10', 'a9b', 'a9', '010', '10', 'b', ''].toSorted(byVersion), [
    '',
    '010',
    '10',
    'a9',
    'a9b',
    'a10',
    'b',
  ])
})

test('what is no script is refused', () => {
  const folder = ['.upscale/pre-build.d/lib/x.sh']
  assert.match(
    refusalOf(() => hooksOf(folder, folder)),
    /"\.upscale\/pre-build\.d\/lib" is no file/,
  )
  assert.match(
    refusalOf(() => hooksOf([], ['.upscale/post-build.d/link'])),
    /is no file; only scripts stand there/,
  )
  const strange = ['.upscale/pre-build.d/$(id)']
  assert.match(
    refusalOf(() => hooksOf(strange, strange)),
    /has other characters than/,
  )
  const many = Array.from({ length: 60 }, (_, i) => hook(`pre-build.d/${i}`))
  assert.match(
    refusalOf(() => hooksOf(many, many)),
    /more than 50 scripts/,
  )
})

function refusalOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    assert(error instanceof Refusal, String(error))
    return error.message
  }
  return assert.fail('it was not refused')
}

function markIn(marked: string): string {
  const before = marked.split('§', 1)[0] ?? ''
  if (before === marked) return ''
  return `${before.split('\n').length}:${before.length - before.lastIndexOf('\n')}: `
}
