import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { readDefinition } from '../model/definition/definition.ts'
import { Facts } from './facts.ts'
import { filesFrom } from './files.ts'
import { runtimesIn } from './known.ts'
import { planBuild } from './plan.ts'
import { readRuntime } from './read.ts'
import { chooseRecipe } from './recipe.ts'

type Files = Record<string, string>

async function decided(files: Files) {
  const facts = new Facts(filesFrom(files))
  const definition = readDefinition(files)
  const recipe = await chooseRecipe(facts, definition.build, runtimesIn())
  if (recipe.kind === 'dockerfile') return { recipe: recipe.path, web: undefined, plan: undefined }
  const plan = await planBuild(facts, recipe.runtime, definition)
  return { recipe: recipe.runtime.name, web: plan.processes[0]?.command.join(' '), plan }
}

const node = (more: object = {}) => JSON.stringify({ scripts: { start: 'node server.js' }, ...more })
const shell = (text: string) => `/bin/sh -c ${text}`

const chosen: [says: string, files: Files, recipe: string, web?: string][] = [
  ['a Dockerfile goes before everything', { Dockerfile: 'FROM x', 'package.json': node() }, 'Dockerfile'],
  [
    'a Dockerfile elsewhere',
    { 'berth.yaml': 'build: {dockerfile: deploy/Dockerfile}', 'deploy/Dockerfile': 'FROM x' },
    'deploy/Dockerfile',
  ],
  [
    'a runtime that is asked for',
    { 'berth.yaml': 'build: {runtime: static}', Dockerfile: 'FROM x', 'index.html': '' },
    'static',
    '/opt/berth/web',
  ],
  ['a plain start script without npm', { 'package.json': node() }, 'node', shell('exec node server.js')],
  [
    'any other start script with npm',
    { 'package.json': node({ scripts: { start: 'a && b' } }) },
    'node',
    'npm start --silent',
  ],
  [
    'one with a prestart too',
    { 'package.json': node({ scripts: { prestart: 'a', start: 'node b' } }) },
    'node',
    'npm start --silent',
  ],
  ['the main file', { 'package.json': '{"main": "lib/x.js"}' }, 'node', 'node lib/x.js'],
  ['a server.js', { 'package.json': '{}', 'server.js': '' }, 'node', 'node server.js'],
  ['the Procfile over all', { 'package.json': node(), Procfile: 'web: other' }, 'node', shell('exec other')],
  [
    'Django',
    { 'requirements.txt': 'django', 'manage.py': '', 'site/wsgi.py': '' },
    'python',
    'python -m gunicorn --threads=4 --worker-tmp-dir=/dev/shm site.wsgi',
  ],
  [
    'Flask',
    { 'requirements.txt': 'flask', 'app.py': 'from flask import Flask\napp = Flask(__name__)' },
    'python',
    'python -m gunicorn --threads=4 --worker-tmp-dir=/dev/shm app:app',
  ],
  [
    'FastAPI',
    { 'requirements.txt': 'fastapi', 'main.py': 'api = FastAPI()' },
    'python',
    shell('exec python -m uvicorn --host 0.0.0.0 --port "$PORT" main:api'),
  ],
  ['a plain script', { 'requirements.txt': '', 'server.py': 'print()' }, 'python', 'python server.py'],
  [
    'PHP with a package.json beside',
    { 'composer.json': '{}', 'package.json': '{}', 'public/index.php': '' },
    'php',
    '/opt/berth/web',
  ],
  ['plain files', { 'index.html': '' }, 'static', '/opt/berth/web'],
]

for (const [says, files, recipe, web] of chosen) {
  test(`chooses ${says}`, async () => {
    const found = await decided(files)
    assert.equal(found.recipe, recipe)
    assert.equal(found.web, web)
  })
}

const refused: [says: string, files: Files, reason: RegExp][] = [
  ['nothing that is known', { README: '' }, /found none of .*package\.json.*Add one of them, or a Dockerfile/],
  [
    'a Dockerfile that is not there',
    { 'berth.yaml': 'build: {dockerfile: x}' },
    /names the Dockerfile "x", which is not in it/,
  ],
  [
    'a runtime that does not exist',
    { 'berth.yaml': 'build: {runtime: cobol}' },
    /no runtime "cobol"; known are php, ruby, go, .*node/,
  ],
  ['an app without a start', { 'package.json': '{}' }, /does not say how it is started: give package\.json/],
  ['a package.json that is not JSON', { 'package.json': '{\n  "a": nope' }, /^package\.json:2:8: not valid JSON/],
  [
    'a document root that is not there',
    { 'index.php': '', 'berth.yaml': 'build: {documentRoot: web}' },
    /document root "web", which is not a folder/,
  ],
]

for (const [says, files, reason] of refused) {
  test(`refuses ${says}`, () => assert.rejects(decided(files), ({ message }: Error) => reason.test(message)))
}

const titles = async (files: Files) => (await decided(files)).plan?.install.map(({ title }) => title).join()

test('installs by the lock file', async () => {
  assert.match((await titles({ 'package.json': node(), 'package-lock.json': '{}' })) ?? '', /npm ci/)
  assert.match((await titles({ 'package.json': node(), 'yarn.lock': '# yarn lockfile v1' })) ?? '', /yarn/)
  assert.match((await titles({ 'package.json': node(), 'pnpm-lock.yaml': '' })) ?? '', /pnpm/)
  assert.match((await titles({ 'package.json': node() })) ?? '', /npm install/)
})

test('installs before the source is copied, unless the source takes part in it', async () => {
  const manifests = async (more: object) => (await decided({ 'package.json': node(more), 'x.js': '' })).plan?.manifests
  assert.deepEqual(await manifests({}), ['package.json'])
  assert.deepEqual(await manifests({ workspaces: ['a'] }), [])
  assert.deepEqual(await manifests({ scripts: { start: 'node x', postinstall: 'node x' } }), [])
  assert.deepEqual(await manifests({ dependencies: { a: 'file:./a' } }), [])
})

test('takes packages from berth.yaml and from composer.json', async () => {
  const composer = JSON.stringify({ require: { php: '^8', 'ext-redis': '*', 'ext-json': '*' } })
  const { plan } = await decided({
    'index.php': '',
    'composer.json': composer,
    'berth.yaml': 'build: {packages: [ffmpeg]}',
  })
  assert(plan)
  assert(plan.packages.flat().includes('php-redis'))
  assert(plan.packages.flat().includes('ffmpeg'))
  assert(!plan.packages.flat().includes('php-json'))
})

test('the examples of docs/runtimes.md are right', async () => {
  const text = await readFile(new URL('../../docs/runtimes.md', import.meta.url), 'utf8')
  const [berth = '', runtime = ''] = [...text.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1])
  assert.equal(readDefinition({ 'berth.yaml': berth }).build.runtime, 'node')
  assert.equal(readRuntime('lua.yaml', runtime).name, 'lua')
})
