import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { output } from '../src/lib/exec.ts'
import { hostSettings } from '../src/lib/hostSettings.ts'
import { withHostSettings } from '../src/server/build/dockerfile.ts'
import { buildPlace, stack, writeFiles, zipOf } from '../test/harness/builds.ts'
import { median, table } from './table.ts'

/**
 * What Berth adds to a build: from the tar file of a source to its image, against `docker build` of a Dockerfile that
 * somebody wrote with care for that very app, on the same base, with the same mirrors and cache mounts. An app is built
 * cold (nothing of it is known but its base and packages), again as it is, with a change of its source, and with a change
 * of its dependencies. Rounds are interleaved, and the order in them turns; medians.
 */
const rounds = Number(process.env.ROUNDS ?? 5)
const docker = '/usr/bin/docker'

type Files = Record<string, string>
type App = {
  /** The source in a round, with the dependencies of this variant. */
  readonly files: (text: string, more: boolean) => Files
  /** `cache` is the name of a cache mount of its own. */
  readonly dockerfile: (cache: string) => string
  readonly variables: Record<string, string>
}

await using undo = new AsyncDisposableStack()
const place = await buildPlace()
undo.defer(() => place.end())
const dir = await mkdtemp(join(tmpdir(), 'berth-bench-'))
undo.defer(() => rm(dir, { recursive: true, force: true }))
const host = await hostSettings(process.env)
const secrets = await hostSecrets()
const index = await pythonIndex()
const apps: Record<string, App> = { node: await nodeApp(), python: pythonApp(), static: staticApp() }

const scenarios = ['cold', 'warm', 'source', 'dependencies'] as const
type Scenario = (typeof scenarios)[number]
const samples = new Map<string, number[]>()
let builds = 0

for (let round = 0; round < rounds + 1; round++) {
  for (const [name, app] of Object.entries(apps)) await oneRound(round, name, app)
}
report()

async function oneRound(round: number, name: string, app: App) {
  const unique = `${name}-${round}-${Date.now().toString(36)}`
  const ours = await place.folderOf({})
  const theirs = await place.folderOf({})
  const builders = [
    ['ours', () => byBerth(unique, ours, app)],
    ['theirs', () => byDocker(unique, theirs, app)],
  ] as const
  const inTurn = round % 2 ? builders.toReversed() : builders
  for (const scenario of scenarios) {
    const text = scenario === 'source' || scenario === 'dependencies' ? `${unique} changed` : unique
    const files = app.files(text, scenario === 'dependencies')
    for (const folder of [ours, theirs]) await writeFiles(folder, { ...files, unique })
    for (const [who, build] of inTurn) {
      const ms = await build()
      const key = `${name} ${scenario} ${who}`
      if (round > 0) samples.set(key, [...(samples.get(key) ?? []), ms])
      await sleep(100)
    }
  }
  const floor = await plainChange(unique)
  if (round > 0) samples.set(`${name} floor`, [...(samples.get(`${name} floor`) ?? []), floor])
}

async function byBerth(app: string, folder: string, { variables }: App) {
  return (await place.build(app, folder, { env: variables })).ms
}

async function byDocker(name: string, folder: string, { dockerfile }: App) {
  const file = join(dir, `${name}.Dockerfile`)
  await writeFile(file, withHostSettings(dockerfile(`bench/${name}`), host).text)
  const started = performance.now()
  const tag = `${place.settings.cluster}/by-hand:${name}-${++builds}`
  await output([docker, 'build', '--quiet', '--file', file, '--tag', tag, ...labels(), ...secrets, folder], {
    env: { ...process.env, DOCKER_BUILDKIT: '1' },
  })
  return performance.now() - started
}

function labels() {
  return ['berth.owned=true', `berth.cluster=${place.settings.cluster}`].flatMap((label) => ['--label', label])
}

/** One changed file on the base: the floor of a change of the source. */
async function plainChange(unique: string) {
  const folder = await place.folderOf({ Dockerfile: `FROM ${stack}\nCOPY file /app/file\n`, file: unique })
  const started = performance.now()
  await output(
    [docker, 'build', '--quiet', '--tag', `${place.settings.cluster}/floor:${unique}`, ...labels(), folder],
    {
      env: { ...process.env, DOCKER_BUILDKIT: '1' },
    },
  )
  return performance.now() - started
}

/** The machine's mirrors and authorities, as Berth's own builds get them. */
async function hostSecrets(): Promise<string[]> {
  for (const { name, content } of host.files) await writeFile(join(dir, name), content)
  return host.files.flatMap(({ id, name }) => ['--secret', `id=${id},src=${join(dir, name)}`])
}

async function nodeApp(): Promise<App> {
  const manifest = (more: boolean) =>
    JSON.stringify({
      name: 'bench',
      version: '1.0.0',
      scripts: { build: 'node build.js', start: 'node server.js' },
      dependencies: { express: '4.21.2', ...(more && { 'is-number': '7.0.0' }) },
    })
  const locks = { plain: await lockOf(manifest(false)), more: await lockOf(manifest(true)) }
  await place.build('base', await place.folderOf({ 'package.json': '{"scripts": {"start": "node x"}}' }))
  const base = (await output([docker, 'images', '--format', '{{.Repository}}:{{.Tag}}', 'berth/runtime/node'])).split(
    '\n',
  )[0]
  return {
    variables: {},
    files: (text, more) => ({
      'package.json': manifest(more),
      'package-lock.json': more ? locks.more : locks.plain,
      'build.js': "require('fs').writeFileSync('built.txt', require('fs').readFileSync('text.txt'))",
      'server.js': "require('express')().listen(process.env.PORT)",
      'text.txt': text,
    }),
    dockerfile: (cache) =>
      [
        `FROM ${base}`,
        'RUN useradd --uid 1000 --create-home app && install -d -o app -g app /app',
        'ENV NODE_ENV=production',
        'WORKDIR /app',
        'USER app',
        'COPY --chown=app package.json package-lock.json ./',
        `RUN --mount=type=cache,id=${cache},target=/home/app/.npm,uid=1000,gid=1000 npm ci --no-audit --no-fund`,
        'COPY --chown=app . .',
        'RUN npm run build',
        'CMD ["node", "server.js"]',
        '',
      ].join('\n'),
  }
}

async function lockOf(manifest: string): Promise<string> {
  const folder = await mkdtemp(join(dir, 'lock-'))
  await writeFile(join(folder, 'package.json'), manifest)
  await output(['npm', 'install', '--package-lock-only', '--no-audit', '--no-fund', '--prefix', folder])
  return output(['cat', join(folder, 'package-lock.json')])
}

function pythonApp(): App {
  return {
    variables: { PIP_INDEX_URL: index.url, PIP_TRUSTED_HOST: index.host },
    files: (text, more) => ({
      'requirements.txt': more ? 'greet==1.0\npart==1.0\n' : 'greet==1.0\n',
      'app.py': `from greet import greet\ndef app(_, start):\n    start("200 OK", [])\n    return [greet().encode(), ${JSON.stringify(text)}.encode()]\n`,
    }),
    dockerfile: (cache) =>
      [
        `FROM ${stack}`,
        'RUN --mount=type=cache,id=bench/apt,target=/var/cache/apt,sharing=locked apt-get update -qq && apt-get install --yes --no-install-recommends -qq python3 python3-venv python3-gunicorn',
        'RUN useradd --uid 1000 --create-home app && python3 -m venv --system-site-packages /opt/venv && chown -R app /opt/venv',
        'ENV PATH=/opt/venv/bin:/usr/bin:/bin',
        'WORKDIR /app',
        'USER app',
        'COPY requirements.txt .',
        `RUN --mount=type=cache,id=${cache},target=/home/app/.cache/pip,uid=1000,gid=1000 PIP_INDEX_URL=${index.url} PIP_TRUSTED_HOST=${index.host} pip install --disable-pip-version-check -r requirements.txt`,
        'COPY --chown=app . .',
        'CMD ["gunicorn", "app:app"]',
        '',
      ].join('\n'),
  }
}

function staticApp(): App {
  return {
    variables: {},
    files: (text, more) => ({
      'index.html': `<h1>${text}</h1>`,
      ...Object.fromEntries(Array.from({ length: more ? 60 : 50 }, (_, n) => [`page-${n}.html`, `<p>${n}</p>`])),
    }),
    dockerfile: () =>
      [
        `FROM ${stack}`,
        'RUN --mount=type=cache,id=bench/apt,target=/var/cache/apt,sharing=locked apt-get update -qq && apt-get install --yes --no-install-recommends -qq nginx-light media-types',
        'COPY . /srv/www',
        'CMD ["nginx", "-g", "daemon off;"]',
        '',
      ].join('\n'),
  }
}

/** A package index with two packages, where steps can reach it. */
async function pythonIndex() {
  const wheel = (name: string) => {
    const info = `${name}-1.0.dist-info`
    return zipOf({
      [`${name}.py`]: `def ${name}():\n    return "${name}"\n`,
      [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`,
      [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
      [`${info}/RECORD`]: '',
    })
  }
  const server = createServer((request, response) => {
    const [, name = '', file] = /^\/simple\/(\w+)\/(.*)$/.exec(request.url ?? '') ?? []
    const wheelName = `${name}-1.0-py3-none-any.whl`
    if (file) response.end(wheel(name))
    else response.setHeader('content-type', 'text/html').end(`<a href="${wheelName}">${wheelName}</a>`)
  }).listen(0)
  undo.defer(() => void server.close())
  const bridge = await output([
    docker,
    'network',
    'inspect',
    'bridge',
    '--format',
    '{{(index .IPAM.Config 0).Gateway}}',
  ])
  const { port } = server.address() as AddressInfo
  return { host: bridge.trim(), url: `http://${bridge.trim()}:${port}/simple` }
}

function report() {
  const of = (...words: string[]) => median(samples.get(words.join(' ')) ?? [])
  const row = (name: string, scenario: Scenario) => {
    const [ours, theirs] = [of(name, scenario, 'ours'), of(name, scenario, 'theirs')]
    return [`${name}, ${scenario}`, theirs.toFixed(0), ours.toFixed(0), (ours / theirs).toFixed(2)]
  }
  const rows = Object.keys(apps).flatMap((name) => scenarios.map((scenario) => row(name, scenario)))
  console.log(`\nBuilds, ${rounds} rounds, milliseconds\n`)
  console.log(table(['app and change', 'docker build', 'Berth', 'ratio'], rows))
  console.log('\nTarget: at most 1.15. A change of the source alone, over one changed file on the base:\n')
  const over = Object.keys(apps).map((name) => {
    const floor = of(name, 'floor')
    return [
      name,
      floor.toFixed(0),
      of(name, 'source', 'ours').toFixed(0),
      (of(name, 'source', 'ours') - floor).toFixed(0),
    ]
  })
  console.log(table(['app', 'floor', 'Berth', 'over it (target: at most 500)'], over))
}
