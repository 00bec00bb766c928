// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how Compose writes variables
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refusal } from '../../refusal.ts'
import { readDefinition } from '../definition.ts'

/** The refused place is marked with §. */
type Bad = [content: string, reason: RegExp]

const web = (lines: string) => `services:\n  web:\n    build: .\n${lines.replace(/^/gm, '    ')}`

const bad: Bad[] = [
  // not a compose file
  ['§', /has no "services"/],
  ['§version: "3"\n', /has no "services"/],
  ['§- web', /must be a map/],
  ['services: §[a]', /must be a map of services/],
  ['services: §none', /must be a map of services/],
  ['services:\n  web:\n    build: .\n§\tcommand: x', /Tabs are not allowed/],
  ['services: {web: {build: .}}\n§services: {}', /Map keys must be unique/],
  ['services:\n  web: {build: ., §build: x}', /Map keys must be unique/],
  ['services: {web: §[]}', /the service "web" must be a map/],
  ['services: {§web: }', /the service "web" must be a map/],
  [`§# ${'x'.repeat(70_000)}`, /larger than 64 KiB/],
  ['['.repeat(30_000), /nested too deeply/],
  [`services: ${'{a: '.repeat(80)}1${'}'.repeat(80)}`, /nested too deeply/],
  [`services: §{${Array.from({ length: 60 }, (_, i) => `s${i}: {build: .}`).join(', ')}}`, /more than 50 services/],
  // unknown keys
  [web('§enviroment: {A: 1}'), /unknown key "enviroment"; did you mean "environment"\?/],
  [web('§bananas: 1'), /unknown key "bananas"; Compose has no such key/],
  ['§servces: {}\nservices: {}', /did you mean "services"\?/],
  ['services: {web: {build: {§contxt: .}}}', /did you mean "context"\?/],
  [web('deploy: {§replica: 2}'), /did you mean "replicas"\?/],
  // other files, other programs, other machines
  ['§include: [other.yaml]\nservices: {}', /include is not possible here: no other file of compose is read/],
  [web('§extends: {file: /etc/berth/x.yaml, service: y}'), /extends is not possible here/],
  [web('§use_api_socket: true'), /may reach the machine's Docker/],
  [web('volumes: [§/var/run/docker.sock:/x]'), /may reach the machine's Docker/],
  [web('volumes: [§{type: bind, source: /run/docker.sock, target: /x}]'), /may reach the machine's Docker/],
  [web('environment: {A: §!include /etc/passwd}'), /the tag "!include" is not supported/],
  [
    web('command: §!!python/object/apply:os.system [id]'),
    /the tag "!!python\/object\/apply:os\.system" is not supported/,
  ],
  [web('ports: §!reset []'), /the tag "!reset" is not supported/],
  // paths
  ['services: {web: {build: §..}}', /a path inside the repository/],
  ['services: {web: {build: §/etc}}', /a path inside the repository/],
  ['services: {web: {build: §~/x}}', /a path inside the repository/],
  ['services: {web: {build: §"a\\0b"}}', /NUL/],
  ['services: {web: {build: §"a\\nb"}}', /a path inside the repository/],
  ['services: {web: {build: §https://example.com/x.git}}', /must be a folder of the repository/],
  ['services: {web: {build: §git@example.com:x/y.git}}', /must be a folder of the repository/],
  ['services: {web: {build: {context: a, dockerfile: §../../x}}}', /a path inside the repository/],
  ['services: {web: {build: {context: §"${UP}"}}}', /a path inside the repository/],
  ['services: {web: {build: {dockerfile: x, dockerfile_inline: §y}}}', /there is a "dockerfile" already/],
  [web('env_file: §../x'), /a path inside the repository/],
  [web('env_file: §/proc/self/environ'), /a path inside the repository/],
  [web('env_file: [§{required: true}]'), /has no "path"/],
  [web(`env_file: §[${'a, '.repeat(11)}]`), /more than 10 files/],
  // builds
  ['services: {web: {build: {args: {§BUILDKIT_SYNTAX: x}}}}', /not for apps to set/],
  ['services: {web: {build: {target: §--x}}}', /name of a stage/],
  ['services: {web: {build: {§additional_contexts: {a: /}}}}', /is not possible here/],
  ['services: {web: {build: {§entitlements: [security.insecure]}}}', /is not possible here/],
  ['services: {web: {build: §[a]}}', /must be a single value/],
  // values
  [web('environment: {§A-B: 1}'), /use letters, digits and _/],
  [web('environment: {A: §[1]}'), /must be a single value/],
  [web('environment: §text'), /must be a map of keys and values/],
  [web('environment: {A: §"a\\0b"}'), /NUL/],
  [web('command: §"a \'b"'), /a quote is not closed/],
  [web('command: §{a: b}'), /must be a single value/],
  [web('ports: §80'), /must be a list/],
  [web('ports: [§0]'), /port from 1 to 65535/],
  [web('ports: [§"80:99999"]'), /port from 1 to 65535/],
  [web('ports: [§"80:x"]'), /port from 1 to 65535/],
  [web('ports: [§{published: 80}]'), /has no "target"/],
  [web('healthcheck: §x'), /must be a map/],
  [web('healthcheck: {test: [a], disable: §perhaps}'), /must be true or false/],
  [web('healthcheck: {test: "curl http://localhost/", timeout: §soon}'), /must be a time, like 30s/],
  [web('stop_grace_period: §2h'), /at most 3600 s/],
  [web('stop_grace_period: §10'), /must be a time/],
  [web('deploy: {replicas: §-1}'), /whole number from 0 to 1000/],
  [web('deploy: {replicas: §1.5}'), /whole number from 0 to 1000/],
  [web('deploy: {resources: {limits: {memory: §lots}}}'), /like 512m/],
  [web('deploy: {resources: {limits: {memory: §6m}}}'), /between 16m and/],
  [web('deploy: {resources: {limits: {cpus: §"-1"}}}'), /from 0.05 to 256/],
  [web('profiles: §debug'), /must be a list/],
  // which is web
  [
    'services:\n  a: {build: ., ports: [1]}\n  §b: {build: ., ports: [2]}',
    /"a" and "b" both have ports: call one of them "web"/,
  ],
  ['services:\n  web: {build: .}\n  §Web: {build: .}', /there is another process "web"/],
  ['services:\n  web: {build: .}\n  §1st: {build: .}', /use 1 to 30 of a-z/],
  // variables
  [web('command: §"echo $(id)"'), /write "\$\$" for a "\$"/],
  [web('command: §"${A"'), /is not closed/],
  [web('command: §"${A!b}"'), /is not closed, or not understood/],
  [web('command: §"${A:?give it}"'), /A is not set in \.env: give it/],
  [web(`command: §"${'${A:-'.repeat(30)}${'}'.repeat(30)}"`), /nested too deeply/],
  [web(`command: §"${'x'.repeat(9_000)}"`), /longer than 8192/],
  // aliases
  [web('command: §*nobody'), /no anchor "nobody" stands before/],
  ['x: &a {b: §*a}\nservices: {}', /no anchor "a" stands before this alias/],
  [web('<<: §text'), /"<<" merges maps only/],
  [web('<<: [&m {command: a}, §3]'), /"<<" merges maps only/],
]

const bomb = [
  `x-0: &x0 {${Array.from({ length: 500 }, (_, i) => `k${i}: 1`).join(', ')}}`,
  `services:\n  web: {build: ., environment: {§<<: [${'*x0, '.repeat(40)}]}}`,
].join('\n')

for (const [marked, reason] of bad) {
  test(`refuses the compose file ${JSON.stringify(marked.slice(0, 70))}`, () => {
    const message = refusalOf({ 'compose.yaml': marked.replace('§', '') })
    assert.match(message, reason)
    assert(message.startsWith(`compose.yaml:${markIn(marked)}`), message)
  })
}

test('merge keys cannot make a small file a large one', () => {
  assert.match(
    refusalOf({ 'compose.yaml': bomb.replace('§', '') }),
    /compose\.yaml:3:.*the aliases make too much of it/,
  )
})

test('lists of aliases of lists of aliases cost nothing', () => {
  const lines = Array.from({ length: 30 }, (_, i) => `x-${i + 1}: &x${i + 1} [${`*x${i}, `.repeat(10)}]`)
  const text = `x-0: &x0 [lol]\n${lines.join('\n')}\n${web('command: *x30')}`
  const before = performance.now()
  assert.match(refusalOf({ 'compose.yaml': text }), /must be a single value/)
  assert(performance.now() - before < 5_000)
})

const dotenvs: [text: string, at: string, reason: RegExp][] = [
  ['A=1\nnot a line\n', '2:1', /expected NAME=value/],
  ['A="open\n', '1:1', /the quote is not closed/],
  ["A='x' y\n", '1:1', /text after the closing quote/],
  ['A=1\nB="${A:-"\n', '2:1', /is not closed/],
  [
    `${Array.from({ length: 30 }, (_, i) => `A${i + 1}=\${A${i}}\${A${i}}`)
      .join('\n')
      .replace('${A0}${A0}', 'xxxxxxxxxx')}\n`,
    '',
    /variables make it too long/,
  ],
  ['A=a\0b\n', '1:1', /NUL/],
]

for (const [text, at, reason] of dotenvs) {
  test(`refuses the .env ${JSON.stringify(text.slice(0, 40))}`, () => {
    const message = refusalOf({ 'compose.yaml': web(''), '.env': text })
    assert.match(message, reason)
    assert(message.startsWith(`.env:${at}`), message)
  })
}

test('a compose file that berth.yaml names has to be there, and have the service', () => {
  const yaml = 'build:\n  compose: c.yml\n  service: api\n'
  assert.match(refusalOf({ 'berth.yaml': yaml }), /^berth\.yaml:2:12: names the compose file c\.yml, which is not/)
  const files = { 'berth.yaml': yaml, 'c.yml': 'services: {web: {build: .}}' }
  assert.match(refusalOf(files), /^c\.yml:1:1: has no service "api" with a "build".*it has web/)
})

function refusalOf(files: Record<string, string>): string {
  try {
    readDefinition(files)
  } catch (error) {
    assert(error instanceof Refusal, String(error))
    assert.equal(error.code, 'DEFINITION')
    return error.message
  }
  return assert.fail('it was not refused')
}

function markIn(marked: string): string {
  const before = marked.split('§', 1)[0] ?? ''
  if (before === marked) return ''
  return `${before.split('\n').length}:${before.length - before.lastIndexOf('\n')}: `
}

test('large files of each kind take no time', () => {
  const before = performance.now()
  const dotenv = Array.from({ length: 1_900 }, (_, i) => `VARIABLE${i}=$VARIABLE${i - 1}\n`).join('')
  const keys = Array.from({ length: 3_500 }, (_, i) => `x${i}: a`).join('\n')
  assert.match(refusalOf({ 'compose.yaml': web(keys), '.env': dotenv }), /unknown key "x0"/)
  const { warnings } = readDefinition({
    'compose.yaml': web(`environment:\n${Array.from({ length: 3_000 }, (_, i) => `  A${i}: $B`).join('\n')}`),
    '.env': dotenv,
  })
  assert.equal(warnings.length, 51)
  assert(performance.now() - before < 10_000)
})
