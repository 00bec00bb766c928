// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how Compose writes variables
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DefinitionFiles, definitionPaths, readDefinition } from '../definition.ts'

const read = (compose: string, more: DefinitionFiles = {}) => readDefinition({ 'compose.yaml': compose, ...more })

const web = (lines: string) => `services:\n  web:\n    build: .\n${lines.replace(/^/gm, '    ')}\n`

type Good = {
  says: string
  compose: string
  files?: DefinitionFiles
  gives: Partial<ReturnType<typeof readDefinition>>
}

const build = { context: '.', dockerfile: 'Dockerfile', namedBy: 'compose.yaml:3' }

const good: Good[] = [
  {
    says: 'a service that is built is web',
    compose: 'services:\n  api:\n    build: .\n    ports: ["8080:3000"]\n',
    gives: { build, processes: [{ name: 'web', command: [] }], port: 3000, scale: { web: { count: 1 } }, warnings: [] },
  },
  {
    says: 'a build in full',
    compose:
      'services:\n  web:\n    build: {context: ./site, dockerfile: ../docker/Dockerfile, target: run, args: {A: 1, B: null}}\n',
    files: { '.env': 'B=two\n' },
    gives: {
      build: {
        context: 'site',
        dockerfile: 'docker/Dockerfile',
        target: 'run',
        args: { A: '1', B: 'two' },
        namedBy: 'compose.yaml:3',
      },
    },
  },
  {
    says: 'a Dockerfile in the file',
    compose: 'services:\n  web:\n    build:\n      dockerfile_inline: |\n        FROM x\n',
    gives: { build: { context: '.', dockerfile: 'Dockerfile', inline: 'FROM x\n', namedBy: 'compose.yaml:4' } },
  },
  {
    says: 'services of one build are processes of one app',
    compose:
      'services:\n  web:\n    build: .\n    command: serve --all\n  jobs.daily:\n    build: {context: .}\n    entrypoint: [worker]\n    command: [fast]\n    deploy: {replicas: 3, resources: {limits: {memory: 1g, cpus: "0.5"}}}\n',
    gives: {
      processes: [
        { name: 'web', command: [], args: ['serve', '--all'] },
        { name: 'jobs-daily', command: ['worker', 'fast'] },
      ],
      scale: { web: { count: 1 }, 'jobs-daily': { count: 3, memoryMb: 1024, cpu: 0.5 } },
    },
  },
  {
    says: 'a service with the image of one that is built is of that build',
    compose: 'services:\n  app: {build: ., image: me, ports: [80]}\n  worker: {image: me, command: work}\n',
    gives: {
      processes: [
        { name: 'web', command: [] },
        { name: 'worker', command: [], args: ['work'] },
      ],
      warnings: [],
    },
  },
  {
    says: 'anchors and merge keys',
    compose:
      'x-app: &app\n  build: .\n  environment: &env\n    A: one\nservices:\n  web:\n    <<: *app\n  worker:\n    <<: [*app, {command: never}]\n    command: work\n    environment:\n      <<: *env\n      B: two\n',
    gives: {
      processes: [
        { name: 'web', command: [] },
        { name: 'worker', command: [], args: ['work'] },
      ],
      env: { A: 'one', B: 'two' },
    },
  },
  {
    says: 'variables that two services set differently are each their own',
    compose:
      'services:\n  web: {build: ., environment: {ROLE: web, A: 1}}\n  worker: {build: ., environment: [ROLE=worker, A=1]}\n',
    gives: {
      processes: [
        { name: 'web', command: [], env: { ROLE: 'web' } },
        { name: 'worker', command: [], env: { ROLE: 'worker' } },
      ],
      env: { A: '1' },
    },
  },
  {
    says: 'variables of .env, their defaults, and a dollar',
    compose: web('environment:\n  A: ${A}-${B:-b}${C-c}\n  D: ${A:+set}\n  E: $$HOME\n  F: ${X:-${A:-no}}\n'),
    files: { '.env': '# comment\nexport A="one" # more\nC=\n' },
    gives: { env: { A: 'one-b', D: 'set', E: '$HOME', F: 'one' }, warnings: [] },
  },
  {
    says: 'nothing comes from the environment of the server',
    compose: web('environment: ["A=${PATH}", "B=${HOME:-none}"]'),
    gives: { env: { A: '', B: 'none' }, warnings: ['compose.yaml:4: PATH is not set in .env, and so left empty in A'] },
  },
  {
    says: 'variables that are left to the one who starts it',
    compose: web('environment:\n  - ONE\n  - TWO=${TWO}\n  - THREE=${THREE:?needed}\n  - URL=db:${PW?}\n'),
    gives: {
      env: {},
      required: ['THREE', 'URL'],
      warnings: [
        'compose.yaml:5: ONE has no value here: berth env set ONE=…',
        'compose.yaml:6: TWO has no value here: berth env set TWO=…',
        'compose.yaml:8: PW is not known here; set URL as a whole: berth env set',
      ],
    },
  },
  {
    says: 'env_file, and environment on top of it',
    compose: web('env_file:\n  - one.env\n  - {path: ./sub/../two.env, required: false}\nenvironment: {B: top}\n'),
    files: { 'one.env': `A='$x "y"'\nB=1\nLINES="a\\nb"\n`, 'two.env': 'C=${A}\r\n' },
    gives: { env: { A: '$x "y"', B: 'top', LINES: 'a\nb', C: '' } },
  },
  {
    says: 'PORT is where it listens',
    compose: web('environment: {PORT: 4000}'),
    gives: { port: 4000, env: {}, warnings: [] },
  },
  {
    says: 'of several ports the one that PORT says',
    compose: web(
      'ports:\n  - "127.0.0.1:1:9000"\n  - {target: 4000, published: 80}\nexpose: ["53/udp"]\nenvironment: {PORT: "4000"}\n',
    ),
    gives: {
      port: 4000,
      warnings: [
        'compose.yaml:7: 53/udp is not reachable: the router speaks HTTP',
        'compose.yaml:2: of the ports 9000, 4000 only 4000 is routed',
      ],
    },
  },
  {
    says: 'a health check that asks for a page',
    compose: web(
      'healthcheck:\n  test: ["CMD", "curl", "-f", "http://localhost:3000/up?x=1"]\n  interval: 10s\n  timeout: 3s\n  retries: 5\n  start_period: 1m30s\n',
    ),
    gives: {
      health: { path: '/up?x=1', declared: true, timeoutMs: 3_000, deadlineMs: 140_000 },
      port: 3000,
      warnings: [],
    },
  },
  {
    says: 'a health check as a line',
    compose: web('healthcheck:\n  test: wget -qO- "http://127.0.0.1:$${PORT}/health" || exit 1\n'),
    gives: { health: { path: '/health', declared: true } },
  },
  {
    says: 'a health check that does something else is spoken of',
    compose: web('healthcheck:\n  test: [CMD, /bin/check]\n'),
    gives: {
      warnings: ['compose.yaml:5: the health check is not run: no page is found in it; say "health" in berth.yaml'],
    },
  },
  {
    says: 'a service that the others wait for is the release command',
    compose:
      'services:\n  web:\n    build: .\n    depends_on: {migrate: {condition: service_completed_successfully}}\n  migrate: {build: ., command: "rake db:migrate", restart: "no"}\n',
    gives: {
      processes: [{ name: 'web', command: [] }],
      releaseCommand: [],
      releaseArgs: ['rake', 'db:migrate'],
      scale: { web: { count: 1 } },
    },
  },
  {
    says: 'a profile starts none, the longest grace counts',
    compose:
      'services:\n  web: {build: ., stop_grace_period: 1m30s}\n  tool: {build: ., command: [t], profiles: [debug], stop_grace_period: 5s}\n',
    gives: { scale: { web: { count: 1 }, tool: { count: 0 } }, stopGraceMs: 90_000 },
  },
  {
    says: 'entry points and commands, as Docker puts them together',
    compose:
      'services:\n  web: {build: ., entrypoint: run it, command: null}\n  a: {build: ., entrypoint: [], command: "sh -c \'a  b\' c\\\\ d"}\n  b: {build: ., command: []}\n',
    gives: {
      processes: [
        { name: 'web', command: ['run', 'it'] },
        { name: 'a', command: ['sh', '-c', 'a  b', 'c d'] },
        { name: 'b', command: [], args: [] },
      ],
    },
  },
  {
    says: 'older keys for the size',
    compose: web('scale: 2\nmem_limit: 268435456\ncpus: 0.5\n'),
    gives: { scale: { web: { count: 2, memoryMb: 256, cpu: 0.5 } } },
  },
  {
    says: 'everything that is not used is named with its line',
    compose: `version: "3"
services:
  web:
    build:
      context: .
      cache_from: [x]
    ports: [80]
    volumes: [data:/data, ./src:/src]
    networks: [back]
    privileged: true
    cap_add: [ALL]
    extra_hosts: ["a:1.1.1.1"]
    secrets: [key]
    labels: {a: b}
    depends_on: [db]
    deploy: {placement: {constraints: [x]}, resources: {reservations: {cpus: "1"}}}
    restart: on-failure
    x-note: fine
    tty: false
  db:
    image: postgres:17
  other:
    build: ./other
volumes: {data: {}}
networks: {back: null}
`,
    gives: {
      env: {},
      warnings: [
        "compose.yaml:24: volumes is not used: an app's disk is new with every release; keep data elsewhere",
        'compose.yaml:25: networks is not used: every app has a network of its own, and only the router reaches it',
        'compose.yaml:6: services.web.build.cache_from is not used',
        'compose.yaml:20: the service "db" is not run: it has no "build", and Berth does not run the image postgres:17',
        'compose.yaml:22: the service "other" is not run: it is built otherwise than "web"; make it an app of its own',
        "compose.yaml:8: services.web.volumes is not used: an app's disk is new with every release; keep data elsewhere",
        'compose.yaml:9: services.web.networks is not used: every app has a network of its own, and only the router reaches it',
        'compose.yaml:10: services.web.privileged is not used: no app gets more rights than the others',
        'compose.yaml:11: services.web.cap_add is not used: no app gets more rights than the others',
        'compose.yaml:12: services.web.extra_hosts is not used: every app has a network of its own, and only the router reaches it',
        'compose.yaml:13: services.web.secrets is not used: give it as a variable: berth env set',
        'compose.yaml:14: services.web.labels is not used',
        'compose.yaml:15: services.web.depends_on is not used: all processes start together',
        'compose.yaml:17: services.web.restart is not used: what ends is started again',
        'compose.yaml:16: services.web.deploy.placement is not used',
        'compose.yaml:16: services.web.deploy.resources.reservations is not used: nothing is set aside; limits are',
      ],
    },
  },
  {
    says: 'a file without anything to build changes nothing, and says so',
    compose: 'services:\n  db:\n    image: postgres\n',
    gives: {
      build: {},
      warnings: [
        'compose.yaml:2: the service "db" is not run: it has no "build", and Berth does not run the image postgres',
        'compose.yaml: no service has "build", so nothing of it is used',
      ],
    },
  },
  {
    says: 'a Procfile makes it a file for development',
    compose: 'services: {web: {build: ., command: dev}}',
    files: { Procfile: 'web: run\n' },
    gives: {
      build: {},
      processes: [{ name: 'web', command: ['/bin/sh', '-c', 'exec run'] }],
      warnings: ['compose.yaml: is not used, for there is a Procfile; build.compose of berth.yaml can name it'],
    },
  },
  {
    says: 'berth.yaml names one in a folder, a service of it, and wins over it',
    compose: '',
    files: {
      'compose.yaml': undefined,
      'berth.yaml': 'build: {compose: deploy/stack.yml, service: api, target: prod}\nport: 5000\nenv: {A: mine}\n',
      'deploy/stack.yml':
        'services:\n  web: {build: ../site, ports: [80]}\n  api: {build: {context: .., target: dev}, ports: [90], environment: {A: 1, B: 2}}\n',
    },
    gives: { port: 5000, env: { A: 'mine', B: '2' }, processes: [{ name: 'web', command: [] }] },
  },
  {
    says: 'an override is not read',
    compose: web(''),
    files: { 'compose.override.yaml': 'services: {web: {command: dev}}' },
    gives: { warnings: ['compose.override.yaml: is not read; compose.yaml alone counts'] },
  },
]

for (const { says, compose, files, gives } of good) {
  test(`a compose file: ${says}`, () => {
    const found = read(compose, files)
    assert.deepEqual({ ...found, ...gives }, found)
  })
}

test('what else has to be read is found out step by step', () => {
  const files: Record<string, string | undefined> = { 'berth.yaml': 'build: {compose: a/c.yml}' }
  assert(definitionPaths(files).includes('a/c.yml'))
  const compose = { ...files, 'a/c.yml': 'services: {web: {build: ., env_file: [../x.env, "${NAME}.env"]}}' }
  assert.deepEqual(
    definitionPaths(compose).filter((path) => path.includes('env')),
    ['a/.env', 'x.env'],
  )
  const dotenv = { ...compose, 'a/.env': 'NAME=y', 'x.env': undefined }
  assert.deepEqual(
    definitionPaths(dotenv).filter((path) => path.includes('env')),
    ['a/y.env'],
  )
})
