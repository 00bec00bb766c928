import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { Refusal } from '../refusal.ts'
import { ownEnvironment } from './appJson.ts'
import { type DefinitionFiles, readDefinition } from './definition.ts'
import { definitionSchema } from './schema.ts'

const shell = (line: string) => ['/bin/sh', '-c', line]

test('an empty repository declares nothing', () => {
  const nothing = { env: {}, scopes: {}, generated: [], required: [], scale: {}, build: {}, warnings: [] }
  assert.deepEqual(readDefinition({}), nothing)
  assert.deepEqual(readDefinition({ 'berth.yaml': '# nothing yet\n', Procfile: '\n' }), nothing)
})

type Good = {
  says: string
  yaml?: string
  procfile?: string
  app?: unknown
  gives: Partial<ReturnType<typeof readDefinition>>
}

const good: Good[] = [
  {
    says: 'a Procfile line',
    procfile: 'web: node x\n',
    gives: { processes: [{ name: 'web', command: shell('exec node x') }] },
  },
  {
    says: 'a compound command keeps its shell',
    procfile: 'web: a && b',
    gives: { processes: [{ name: 'web', command: shell('a && b') }] },
  },
  {
    says: 'so does one with a variable in front',
    procfile: 'web: A=1 b',
    gives: { processes: [{ name: 'web', command: shell('A=1 b') }] },
  },
  { says: 'and one that is not a program', yaml: 'release: exit 3', gives: { releaseCommand: shell('exit 3') } },
  {
    says: 'Windows line ends',
    procfile: 'web: a\r\nworker: b\r\n',
    gives: {
      processes: [
        { name: 'web', command: shell('exec a') },
        { name: 'worker', command: shell('exec b') },
      ],
    },
  },
  {
    says: 'release is not a process',
    procfile: 'web: a\nrelease: b',
    gives: { releaseCommand: shell('exec b'), processes: [{ name: 'web', command: shell('exec a') }] },
  },
  {
    says: 'a command as a list is taken as it is',
    yaml: 'processes: {web: [a, "b c"]}',
    gives: { processes: [{ name: 'web', command: ['a', 'b c'] }] },
  },
  {
    says: 'berth.yaml wins over the Procfile',
    yaml: 'processes: {web: new}',
    procfile: 'web: old',
    gives: { processes: [{ name: 'web', command: shell('exec new') }] },
  },
  {
    says: 'sizes of a process',
    yaml: 'processes: {worker: {command: a, count: 2, memory: 1G, cpu: 0.5}}',
    gives: { scale: { worker: { count: 2, memoryMb: 1024, cpu: 0.5 } } },
  },
  { says: 'scale by number', yaml: 'scale: {web: 3}', gives: { scale: { web: { count: 3 } } } },
  {
    says: 'scale of two files is merged',
    yaml: 'scale: {web: {memory: 256M}}',
    app: { formation: { web: { quantity: 2 } } },
    gives: { scale: { web: { count: 2, memoryMb: 256 } } },
  },
  { says: 'a health path in short', yaml: 'health: /up', gives: { health: { path: '/up', declared: true } } },
  {
    says: 'a health rule in full',
    yaml: 'health: {path: /up, timeout: 500ms, deadline: 2m, uptime: 5}',
    gives: { health: { path: '/up', declared: true, timeoutMs: 500, deadlineMs: 120_000, uptimeMs: 5_000 } },
  },
  {
    says: 'a variable as it is written',
    yaml: 'env: {A: 1.10, B: yes, C: true}',
    gives: { env: { A: '1.10', B: 'yes', C: 'true' } },
  },
  {
    says: 'generated and required variables',
    yaml: 'env: {A: {generate: secret}, B: {required: true}}',
    gives: { generated: ['A'], required: ['B'] },
  },
  {
    says: 'berth.yaml answers what app.json requires',
    yaml: 'env: {A: x}',
    app: { env: { A: {} } },
    gives: { env: { A: 'x' }, required: [] },
  },
  { says: 'times', yaml: 'stopGrace: 1m\ndrain: 0', gives: { stopGraceMs: 60_000, drainMs: 0 } },
  { says: 'a port', yaml: 'port: 3000', gives: { port: 3000 } },
  {
    says: 'how to build',
    yaml: 'build: {dockerfile: ./a//Dockerfile, target: x, args: {A: 1}}',
    gives: { build: { dockerfile: 'a/Dockerfile', target: 'x', args: { A: '1' } } },
  },
  {
    says: 'Heroku app.json',
    app: { env: { A: 'x', B: { value: 'y' }, C: { generator: 'secret' }, D: { required: false } } },
    gives: { env: { A: 'x', B: 'y' }, generated: ['C'], required: [] },
  },
  {
    says: 'dyno sizes',
    app: { formation: { web: { quantity: 2, size: 'Standard-2X' } } },
    gives: { scale: { web: { count: 2, memoryMb: 1024 } } },
  },
  {
    says: 'Dokku health checks',
    app: { healthchecks: { web: [{ type: 'startup', name: 'x', path: '/up', timeout: 3, attempts: 5, wait: 2 }] } },
    gives: { health: { path: '/up', declared: true, timeoutMs: 3_000, deadlineMs: 10_000 } },
  },
  {
    says: 'Dokku predeploy',
    app: { scripts: { dokku: { predeploy: 'migrate' } } },
    gives: { releaseCommand: shell('exec migrate') },
  },
  {
    says: 'what Heroku and Dokku run when it is deployed',
    app: { scripts: { postdeploy: 'seed', dokku: { postdeploy: 'tell' } } },
    gives: { firstDeployCommand: shell('exec seed'), postdeployCommand: shell('exec tell'), warnings: [] },
  },
  {
    says: 'berth.yaml says what runs after each deploy, and leaves the first one to app.json',
    yaml: 'postdeploy: [a, b]',
    app: { scripts: { postdeploy: 'seed', dokku: { postdeploy: 'tell' } } },
    gives: { firstDeployCommand: shell('exec seed'), postdeployCommand: ['a', 'b'] },
  },
  {
    says: 'what is not done is said',
    app: { buildpacks: [{ url: 'x' }], addons: [] },
    gives: {
      warnings: [
        'app.json: buildpacks are not used; the runtime is found by its files (or say build.runtime in berth.yaml)',
      ],
    },
  },
]

for (const { says, yaml, procfile, app, gives } of good) {
  test(`understands: ${says}`, () => {
    const read = readDefinition({
      ...(yaml !== undefined && { 'berth.yaml': yaml }),
      ...(procfile !== undefined && { Procfile: procfile }),
      ...(app !== undefined && { 'app.json': JSON.stringify(app) }),
    })
    assert.deepEqual({ ...read, ...gives }, read)
  })
}

/** The refused place is marked with § in the content. */
type Bad = [content: string, reason: RegExp]

const bad: Record<keyof DefinitionFiles, Bad[]> = {
  'berth.yaml': [
    ['build:\n  §dockerfle: x', /unknown key "dockerfle"; did you mean "dockerfile"\?/],
    ['§packages: [x]', /did you mean "build.packages"\?/],
    ['§__proto__: {a: 1}', /unknown key "__proto__"; known here: build, /],
    ['§- a', /must be a map/],
    ['§just text', /must be a map/],
    ['port: 1\n§port: 2', /Map keys must be unique/],
    ['build: §*x', /Unresolved alias|aliases are not supported/],
    ['scale: {web: &a 1, worker: §*a}', /must be a single value|aliases are not supported/],
    ['a: [1\n§b', /Flow sequence/],
    ['['.repeat(50_000), /nested too deeply/],
    ['port: 1\n§---\nport: 2', /multiple documents/],
    ['postdeploy: §3', /must be text/],
    ['port: §70000', /whole number from 1 to 65535/],
    ['port: §"80"', /must be a number/],
    ['port: §.nan', /must be a number/],
    ['port: §', /must be a number/],
    ['env:\n  §PORT: 1', /PORT is set by Berth/],
    ['env:\n  §A-B: 1', /use letters, digits and _/],
    ['env:\n  A: §[1]', /must be a single value/],
    ['env:\n  A: {generate: §uuid}', /must be "secret"/],
    ['processes:\n  §Web: x', /use 1 to 30 of a-z/],
    ['processes:\n  §worker: {count: 2}', /has no "command"/],
    ['processes:\n  web: §""', /must be text/],
    ['processes:\n  web: §"a\\0b"', /NUL/],
    ['health: §up', /must be a path that starts with \//],
    ['health: {path: §"/a b"}', /must be a path that starts with \//],
    ['health: {timeout: §2h}', /must be between 0.1 s and 60 s/],
    ['drain: §soon', /must be a time, like 30s/],
    ['build:\n  dockerfile: §/etc/passwd', /inside the repository/],
    ['build: {dockerfile: §a/../../b}', /inside the repository/],
    ['build: {packages: [§"--force", x]}', /name of a Debian package/],
    ['build: {packages: [§"a;touch /tmp/x"]}', /name of a Debian package/],
    ['build: {version: §"file:/etc/passwd"}', /version or a range/],
    ['build: {runtime: §"../x"}', /name of a runtime/],
    ['build: {args: {§BUILDKIT_SYNTAX: evil/frontend}}', /not for apps to set/],
    ['build: {target: §"--output=/"}', /name of a stage/],
    ['scale: {web: {memory: §lots}}', /like 512M or 2G/],
    ['scale: {web: {memory: §1M}}', /between 16M and 1024G/],
    ['scale: {web: §-1}', /whole number from 0 to 1000/],
    [`§# ${'x'.repeat(70_000)}`, /larger than 64 KiB/],
  ],
  Procfile: [
    ['§web node', /expected "name: command"/],
    ['# comment\n§Web: a', /use 1 to 30 of a-z/],
    ['web:§ ', /process "web" has no command/],
    ['web: a\n§web: b', /process "web" is declared twice/],
    ['web: a§\u001b[2Jb', /control character/],
    ['§$(touch /tmp/x): a', /use 1 to 30 of a-z/],
  ],
  'app.json': [
    ['{"env": {"A": 1,§}}', /not valid JSON/],
    ['{§', /not valid JSON/],
    ['{"name": "}", "env": {"A": §nope}}', /not valid JSON/],
    ['{"name": §"a\u001b"}', /not valid JSON/],
    ["{§'name': 1}", /not valid JSON/],
    ['{} §{}', /not valid JSON/],
    ['['.repeat(60_000), /not valid JSON/],
    ['§[]', /must be a map/],
    ['{\n\t"env": {\n\t\t§"A-B": "x"}}', /use letters, digits and _/],
    ['{"env": {"A": {"generator": §"uuid"}}}', /must be "secret"/],
    ['{"scripts": {"postdeploy": §3}}', /must be text/],
    ['{"scripts": {"dokku": §[]}}', /must be a map/],
    ['{"formation": {"web": {"quantity": §1.5}}}', /whole number from 0 to 1000/],
    ['{"healthchecks": {"web": §{}}}', /must be a list/],
    ['{"healthchecks": {"web": [{"path": §"x"}]}}', /path that starts with/],
  ],
}

for (const [file, cases] of Object.entries(bad)) {
  for (const [marked, reason] of cases) {
    test(`refuses ${file} ${JSON.stringify(marked.slice(0, 60))}`, () => {
      const refusal = refusalOf(() => readDefinition({ [file]: marked.replace('§', '') }))
      assert.equal(refusal.code, 'DEFINITION')
      assert.match(refusal.message, reason)
      assert(refusal.message.startsWith(`${file}:${markIn(marked)}`), refusal.message)
    })
  }
}

function refusalOf(work: () => unknown): Refusal {
  try {
    work()
  } catch (error) {
    assert(error instanceof Refusal, String(error))
    return error
  }
  return assert.fail('it was not refused')
}

function markIn(marked: string): string {
  const before = marked.split('§', 1)[0] ?? ''
  if (before === marked) return ''
  return `${before.split('\n').length}:${before.length - before.lastIndexOf('\n')}: `
}

/** The schema for editors says the same of a file as the reader does. */
const schema = z.fromJSONSchema(definitionSchema as Parameters<typeof z.fromJSONSchema>[0])
const fits = (yaml: string) => schema.safeParse(parse(yaml)).success

for (const { says, yaml } of good) {
  if (yaml !== undefined) test(`the schema takes: ${says}`, () => assert(fits(yaml)))
}

/** What is wrong with the text, or only with its length or its bytes, is no matter of the schema. */
const onlyForReader = /\*|\\0|---|\[1\n|port: 2|^\[/

for (const [marked, reason] of bad['berth.yaml'] ?? []) {
  const yaml = marked.replace('§', '')
  if (onlyForReader.test(marked) || yaml.length > 1_000 || /between/.test(reason.source)) continue
  test(`the schema refuses: ${JSON.stringify(yaml)}`, () => assert(!fits(yaml)))
}

test('every key of the schema says what it is', () => {
  const silent = Object.entries(leaves(definitionSchema)).filter(([, leaf]) => leaf.description === undefined)
  assert.deepEqual(silent, [])
})

type Node = { readonly [key: string]: unknown; readonly properties?: Record<string, Node> }

/** Every key, with its schema. */
function leaves(node: Node): Record<string, Node> {
  const [own, inner] = [
    Object.entries(node.properties ?? {}),
    [node.additionalProperties, ...((node.anyOf as []) ?? [])],
  ]
  const deeper = inner.filter((one) => typeof one === 'object' && one !== null)
  return Object.assign(
    Object.fromEntries(own),
    ...[...own.map(([, value]) => value), ...deeper].map((value) => leaves(value as Node)),
  )
}

test('app.json for an environment: its own words go before those for all', () => {
  const app = {
    env: { A: '1', B: { required: true }, C: 'c' },
    formation: { web: { quantity: 3, size: 'basic' } },
    scripts: { release: 'migrate' },
    environments: {
      review: { env: { A: '2', B: 'here' }, formation: { web: { quantity: 1 } }, scripts: { postdeploy: 'seed' } },
    },
  }
  const read = (environment?: string) =>
    readDefinition({ 'app.json': JSON.stringify(app), [ownEnvironment]: environment })
  const review = read('review')
  assert.deepEqual([review.env, review.required, review.overrides], [{ A: '2', B: 'here', C: 'c' }, [], ['A', 'B']])
  assert.deepEqual(review.scale, { web: { count: 1, memoryMb: 512 } })
  assert.deepEqual([review.releaseCommand, review.firstDeployCommand], [shell('exec migrate'), shell('exec seed')])
  const usual = read()
  assert.deepEqual([usual.env, usual.required, usual.overrides], [{ A: '1', C: 'c' }, ['B'], undefined])
  assert.deepEqual(read('test').env, usual.env)
})
