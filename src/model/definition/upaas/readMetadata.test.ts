import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Refusal } from '../../refusal.ts'
import { readMetadata } from './readMetadata.ts'

function read(text: string) {
  const warnings: string[] = []
  const metadata = readMetadata({ file: 'upaas.yml', text, warn: (message) => warnings.push(message) })
  return { ...metadata, warnings }
}

const fixture = (name: string) => read(readFileSync(`test/fixtures/upaas/${name}.yml`, 'utf8'))

/** What there must be, with one section replaced or added. */
function withSection(changes: Readonly<Record<string, string>> = {}): string {
  const sections = {
    interpreter: 'interpreter: { type: python, versions: ["3"] }',
    repository: 'repository: { clone: git clone x %destination%, update: git pull }',
    ...changes,
  }
  return `${Object.values(sections).join('\n')}\n`
}

function refusalOf(text: string): string {
  try {
    read(text)
    return 'accepted'
  } catch (error) {
    assert(error instanceof Refusal && error.code === 'DEFINITION', String(error))
    return error.message
  }
}

test('redmine: packages by alias, versions as YAML reads them, files inside and outside of the home', () => {
  const { os, interpreter, repository, env, actions, files, warnings } = fixture('redmine')
  assert.deepEqual(
    os.map(({ distribution }) => distribution),
    ['Debian', 'Ubuntu'],
  )
  assert.deepEqual(os[1]?.packages, os[0]?.packages)
  assert.equal(os[0]?.packages[0], 'git-core')
  assert.deepEqual([interpreter.type, interpreter.versions], ['ruby', ['2.0.0', '1.9.3']])
  assert.deepEqual(repository.update, ['rm -f Gemfile.lock', 'git reset --hard', 'git pull'])
  assert.deepEqual(env, { REDMINE_LANG: 'en' })
  assert.deepEqual(actions, { after: ['/bin/bash /tmp/after.sh'] })
  assert.deepEqual(Object.keys(files), ['/tmp/after.sh', '/home/app/config/database.yml'])
  assert.deepEqual(warnings, [
    'line 17: repository: "info" means nothing and is left out',
    'line 18: repository: "changelog" means nothing and is left out',
  ])
})

test('django: settings of the interpreter, four commands in order, a setting of uWSGI', () => {
  const { interpreter, actions, uwsgi } = fixture('django')
  assert.deepEqual(interpreter.settings, { module: 'django.core.handlers.wsgi:WSGIHandler()' })
  assert.equal(actions.main?.length, 4)
  assert.deepEqual(uwsgi, ['static-map = /static=fileupload/static'])
})

test('phpmyadmin: no actions, a file', () => {
  const { actions, files } = fixture('phpmyadmin')
  assert.deepEqual([actions, Object.keys(files)], [{}, ['/home/app/config/config.inc.php']])
})

test('sections whose keys are not indented are read all the same, with a warning', () => {
  const { os, interpreter, repository, env, actions, files, warnings } = fixture('unindented')
  assert.deepEqual([os.length, interpreter.type, repository.update, env], [2, 'ruby', ['git pull'], { APP_LANG: 'en' }])
  assert.deepEqual([actions.after, Object.keys(files)], [['/bin/bash /tmp/after.sh'], ['/tmp/after.sh']])
  assert.match(warnings.join(), /not indented/)
})

test('every key of the format', () => {
  const found = read(`
os: { debian: { packages: [git], "12": { packages: [libfoo-dev=1.2-3] } } }
interpreter: { type: php, versions: ["8", "7.4"], settings: { key: value } }
repository:
  env: { TOKEN: x }
  clone: [one, two]
  update: |
    first
    second
  revision: { id: a, author: b, date: c, description: d, changelog: "log %old% %new%" }
env: { A: b }
actions: { setup: { before: a, main: [b], after: [c, d] } }
files: { ./a/b: text }
uwsgi: { settings: ["harakiri = 5"] }
features: { cron: [{ command: x }], storage: false, mongodb: true, other: yes }
`)
  assert.deepEqual(found.os[1], { distribution: 'debian', version: '12', packages: ['libfoo-dev=1.2-3'] })
  assert.deepEqual(found.repository.update, ['first\nsecond\n'], 'text of several lines is one script')
  assert.equal(found.repository.revision.changelog, 'log %old% %new%')
  assert.deepEqual(found.actions, { before: ['a'], main: ['b'], after: ['c', 'd'] })
  assert.deepEqual(found.files, { '/home/app/a/b': 'text' })
  assert.deepEqual(
    found.warnings.map((line) => line.split(':')[0]),
    ['features.cron', 'features.mongodb', 'features.other'],
  )
})

test('merge keys are followed, and do not replace what is said', () => {
  const { env } = read(`x: &x { A: merged, B: merged }\n${withSection({ env: 'env: { <<: *x, A: own }' })}`)
  assert.deepEqual(env, { A: 'own', B: 'merged' })
})

/** What uPaaS says to each is in its inventory; where it crashed later, we refuse at once. */
const outcomes: [what: string, text: string, says: RegExp][] = [
  ['nothing', '', /^upaas\.yml:1:1: is empty/],
  ['a comment alone', '# later\n', /is empty/],
  ['actions without a value', withSection({ actions: 'actions:' }), /^upaas\.yml:3:1: actions has no value/],
  ['a number', '12345', /1:1: must be a map of sections/],
  ['a list', '- a', /1:1: must be a map of sections/],
  ['no interpreter', 'repository: { clone: a, update: b }', /interpreter\.type is missing/],
  [
    'an interpreter without a type',
    withSection({ interpreter: 'interpreter: { versions: ["3"] }' }),
    /1:1: interpreter\.type is missing/,
  ],
  [
    'no clone',
    withSection({ repository: 'repository: { update: b }' }),
    /^upaas\.yml:2:1: repository\.clone is missing/,
  ],
  ['no update', withSection({ repository: 'repository: { clone: b }' }), /repository\.update is missing/],
  [
    'a version that is a fraction',
    withSection({ interpreter: 'interpreter: { type: a, versions: [2.7] }' }),
    /1:36: must be text, and 2\.7 is none for YAML: write "2\.7"/,
  ],
  [
    'a version that is a whole number',
    withSection({ interpreter: 'interpreter: { type: a, versions: [3] }' }),
    /3 is none for YAML: write "3"/,
  ],
  [
    'versions that are no list',
    withSection({ interpreter: 'interpreter: { type: a, versions: "3" }' }),
    /1:35: must be a list/,
  ],
  [
    'a version in words',
    withSection({ interpreter: 'interpreter: { type: a, versions: [newest] }' }),
    /must be a version in numbers/,
  ],
  ['no versions', withSection({ interpreter: 'interpreter: { type: a }' }), /interpreter\.versions is missing/],
  [
    'an empty list of versions',
    withSection({ interpreter: 'interpreter: { type: a, versions: [] }' }),
    /names no version/,
  ],
  [
    'a type that is a number',
    withSection({ interpreter: 'interpreter: { type: 5, versions: ["3"] }' }),
    /must be text, and 5 is none/,
  ],
  ['a number in env', withSection({ env: 'env: { A: 1 }' }), /^upaas\.yml:3:11: must be text, and 1 is none for YAML/],
  ['a truth value of YAML 1.1 in env', withSection({ env: 'env: { A: yes }' }), /must be text, and yes is none/],
  ['a date in env', withSection({ env: 'env: { A: 2014-01-01 }' }), /must be text, and 2014-01-01 is none/],
  ['env that is a list', withSection({ env: 'env: [A]' }), /must be a map of keys and values/],
  ['a number in files', withSection({ files: 'files: { a: 5 }' }), /must be text, and 5 is none/],
  [
    'a number in settings',
    withSection({ interpreter: 'interpreter: { type: a, versions: ["3"], settings: { a: 5 } }' }),
    /must be text, and 5 is none/,
  ],
  ['settings of uWSGI that are text', withSection({ uwsgi: 'uwsgi: { settings: "a = b" }' }), /must be a list/],
  [
    'an action that is a number',
    withSection({ actions: 'actions: { setup: { main: 5 } }' }),
    /must be text, and 5 is none/,
  ],
  ['an action that is a map', withSection({ actions: 'actions: { setup: { main: { a: b } } }' }), /must be text/],
  ['an empty action', withSection({ actions: 'actions: { setup: { main: [] } }' }), /is an empty list/],
  ['an object of Python', withSection({ env: 'env: !!python/object/apply:os.system [id]' }), /3:6: the tag "!!python/],
  [
    'a file of the server',
    withSection({ env: 'env: !include /etc/passwd' }),
    /^upaas\.yml:3:6: the tag "!include" is not supported/,
  ],
  [
    'a file of the server deep inside',
    withSection({ files: 'files:\n  a: !include ../secret.key' }),
    /4:6: the tag "!include"/,
  ],
]

for (const [what, text, says] of outcomes) {
  test(`refused: ${what}`, () => assert.match(refusalOf(text), says))
}

const accepted: [what: string, text: string][] = [
  [
    'versions without quotes that are no numbers',
    withSection({ interpreter: 'interpreter: { type: ruby, versions: [2.0.0] }' }),
  ],
  ['uwsgi without a value', withSection({ uwsgi: 'uwsgi:' })],
  ['unknown keys', withSection({ more: 'more: { a: [1] }' })],
  ['features as a list', withSection({ features: 'features: [cron]' })],
  ['a type that nobody knows yet', withSection({ interpreter: 'interpreter: { type: cobol, versions: ["3"] }' })],
  ['a mark of the byte order', `\uFEFF${withSection()}`],
]

for (const [what, text] of accepted) {
  test(`accepted: ${what}`, () => assert.equal(refusalOf(text), 'accepted'))
}

const hostile: [what: string, text: string, says: RegExp][] = [
  [
    'a package that is a command',
    withSection({ os: 'os: { Debian: { packages: ["git; id"] } }' }),
    /"git; id" is not the name of a package/,
  ],
  [
    'a package that is an option',
    withSection({ os: 'os: { Debian: { packages: ["-o=x"] } }' }),
    /is not the name of a package/,
  ],
  ['a variable that is a command', withSection({ env: 'env: { "A=$(id)": b }' }), /3:8: variable name: use letters/],
  ['a variable that is ours', withSection({ env: 'env: { PORT: "1" }' }), /PORT is set by Berth/],
  ['a file above the home', withSection({ files: 'files: { ../../etc/passwd: x }' }), /leads out with "\.\."/],
  ['a file inside /proc', withSection({ files: 'files: { /proc/self/mem: x }' }), /lies in \/proc/],
  ['a file of another line', withSection({ files: 'files: { "a\\nb": x }' }), /has a control character/],
  ['a file that is a folder', withSection({ files: 'files: { a/: x }' }), /names no file/],
  ['a file twice', withSection({ files: 'files: { a: x, /home/app/a: y }' }), /is named twice/],
  ['a file inside a file', withSection({ files: 'files: { a: x, a/b: y }' }), /cannot both be files/],
  [
    'a setting of two lines',
    withSection({ uwsgi: 'uwsgi: { settings: ["harakiri = 1\\nexec-asap = id"] }' }),
    /must be one line/,
  ],
  [
    'a value of two lines',
    withSection({ interpreter: 'interpreter: { type: a, versions: ["3"], settings: { module: "a\\nb" } }' }),
    /must be one line/,
  ],
  ['a NUL byte', withSection({ env: 'env: { A: "a\\0b" }' }), /NUL/],
  ['an alias of itself', withSection({ env: 'env: &a { A: *a }' }), /stands inside of what it stands for/],
  ['an alias of nothing', withSection({ env: 'env: *nobody' }), /stands for nothing/],
  ['a key twice', withSection({ more: 'env: {}\nenv: {}' }), /unique/],
  ['a very long list', withSection({ more: `more: [${'a,'.repeat(25_000)}]` }), /too many values/],
  ['a deep nest', withSection({ more: `more: ${'['.repeat(20_000)}` }), /nested too deeply|Flow/],
]

for (const [what, text, says] of hostile) {
  test(`hostile: ${what}`, () => assert.match(refusalOf(text), says))
}

test('aliases of aliases do not grow', () => {
  const bomb = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`)
  const started = performance.now()
  assert.equal(refusalOf(`a0: &a0 [x]\n${bomb.join('\n')}\n${withSection()}`), 'accepted')
  assert(performance.now() - started < 5_000)
})
