import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Facts } from './facts.ts'
import { filesFrom } from './files.ts'
import { runtimesIn } from './known.ts'
import { generatedBy } from './plan.ts'
import { chosenFor, namedProject, planFor, projectOf } from './project.ts'

const known = runtimesIn()

test('these come with Berth, asked in this order', () => {
  const names = known.listed.map(({ runtime }) => runtime.name)
  assert.deepEqual(names, ['php', 'ruby', 'go', 'perl', 'java', 'node', 'python', 'static'])
})

for (const { runtime } of known.listed) {
  test(`the first commit of ${runtime.name} is found as ${runtime.name}, and says how it is started`, async () => {
    const files = filesFrom(namedProject(await projectOf(runtime, known), 'blog'))
    assert.equal(await chosenFor(files, known), runtime.name)
    const plan = await planFor(files, runtime, 'bookworm')
    assert.equal(plan.processes[0]?.name, 'web')
    assert.equal(plan.packaged?.warning, undefined)
    assert(!files.paths.has('berth.yaml'), 'needs no berth.yaml')
  })
}

type Files = Record<string, string>

async function planned(files: Files, suite = 'bookworm') {
  const name = await chosenFor(filesFrom(files), known)
  const found = known.listed.find(({ runtime }) => runtime.name === name)
  assert(found, `${name} of ${Object.keys(files)}`)
  return planFor(filesFrom(files), found.runtime, suite)
}

const webs: [says: string, files: Files, runtime: string, web: RegExp][] = [
  [
    'Rails with a package.json',
    { 'bin/rails': '', 'config.ru': '', Gemfile: '', 'package.json': '{}' },
    'ruby',
    /rails server/,
  ],
  ['Rack with puma', { 'config.ru': '', Gemfile: "gem 'puma'" }, 'ruby', /bundle exec puma/],
  ['Rack without puma', { 'config.ru': '', Gemfile: "gem 'rack'" }, 'ruby', /bundle exec rackup/],
  ['Rack without a Gemfile', { 'config.ru': '' }, 'ruby', /exec puma/],
  [
    'a Go command at the root',
    { 'go.mod': 'module example.com/x/hello\n', 'main.go': '' },
    'go',
    /^\/app\/bin\/hello$/,
  ],
  [
    'a Go module of a later major version',
    { 'go.mod': 'module x/hello/v2\n', 'main.go': '' },
    'go',
    /^\/app\/bin\/hello$/,
  ],
  ['cmd/server of Go', { 'go.mod': 'module x/y\n', 'cmd/a/main.go': '', 'cmd/server/x.go': '' }, 'go', /bin\/server$/],
  ['a Go command of another name', { 'go.mod': 'module x/y\n', 'cmd/tool/main.go': '' }, 'go', /bin\/tool$/],
  ['PSGI', { 'app.psgi': '' }, 'perl', /starman .* app\.psgi/],
  ['a Maven project', { 'pom.xml': '' }, 'java', /^\/opt\/berth\/web$/],
  ['a WAR', { 'site.war': '' }, 'java', /^\/opt\/berth\/web$/],
]

for (const [says, files, runtime, web] of webs) {
  test(`knows ${says}`, async () => {
    const plan = await planned(files)
    assert.equal(plan.runtime.name, runtime)
    assert.match(plan.processes[0]?.command.join(' ') ?? '', web)
  })
}

const ruby = { 'config.ru': '' }
const python = { 'app.py': 'def app(): pass' }
const java = { 'app.jar': '' }
const goMain = { 'main.go': '' }
const composer = (php: string) => ({ 'index.php': '', 'composer.json': JSON.stringify({ require: { php } }) })

const fitting: [files: Files, version: string][] = [
  [{ ...ruby, '.ruby-version': '3.1\n' }, '3.1.2'],
  [{ ...ruby, '.ruby-version': 'ruby-3.1.2\n' }, '3.1.2'],
  [{ ...ruby, Gemfile: 'ruby "~> 3.0"' }, '3.1.2'],
  [{ ...ruby, Gemfile: 'ruby ">= 3.0", "< 3.3"' }, '3.1.2'],
  [{ ...python, '.python-version': '3.11\n' }, '3.11.2'],
  [{ ...python, 'runtime.txt': 'python-3.11.2' }, '3.11.2'],
  [{ ...python, '.tool-versions': 'nodejs 20.1\npython 3.11\n' }, '3.11.2'],
  [{ ...python, 'pyproject.toml': '[project]\nrequires-python = ">=3.9,<4"' }, '3.11.2'],
  [{ ...python, 'pyproject.toml': '[tool.poetry.dependencies]\npython = "^3.9"' }, '3.11.2'],
  [composer('^7.4 || ^8.0'), '8.2'],
  [composer('~8.1'), '8.2'],
  [composer('>=8.2.5'), '8.2'],
  [{ ...goMain, 'go.mod': 'module x\n\ngo 1.18\n' }, '1.19.8'],
  [{ ...java, '.java-version': '17' }, '17'],
  [{ 'pom.xml': '<maven.compiler.release>11</maven.compiler.release>' }, '17'],
  [{ 'pom.xml': '<java.version>1.8</java.version>' }, '17'],
  [{ 'app.psgi': '', cpanfile: "requires 'perl', '5.26';" }, '5.36.0'],
]

for (const [files, version] of fitting) {
  test(`${JSON.stringify(files)} gets ${version}`, async () => {
    const { packaged } = await planned(files)
    assert.equal(packaged?.version, version)
    assert.equal(packaged?.warning, undefined)
  })
}

const refused: [files: Files, reason: RegExp][] = [
  [
    { ...ruby, '.ruby-version': '2.7.8' },
    /\.ruby-version asks for Ruby 2\.7\.8, and there is 3\.1\.2 here; change it, or/,
  ],
  [{ ...ruby, Gemfile: 'ruby "~> 3.2"' }, /Gemfile asks for Ruby/],
  [{ ...python, '.python-version': '3.12' }, /\.python-version asks for Python 3\.12, and there is 3\.11\.2 here/],
  [
    { ...python, 'berth.yaml': 'build: {version: "3.13"}' },
    /berth\.yaml asks for Python 3\.13.*; change build\.version there, or bring a Dockerfile/,
  ],
  [composer('^7.4'), /composer\.json asks for PHP \^7\.4, and there is 8\.2 here/],
  [{ ...goMain, 'go.mod': 'module x\n\ngo 1.21\n' }, /go\.mod asks for Go >=1\.21, and there is 1\.19\.8 here/],
  [
    { 'pom.xml': '<maven.compiler.release>21</maven.compiler.release>' },
    /pom\.xml asks for Java >=21, and there is 17 here/,
  ],
]

for (const [files, reason] of refused) {
  test(`${JSON.stringify(files)} is refused`, () => assert.rejects(planned(files), reason))
}

test('another last part is a warning, and berth.yaml goes before all', async () => {
  const { packaged } = await planned({ ...python, '.python-version': '3.11.9' })
  assert.equal(packaged?.version, '3.11.2')
  assert.match(
    packaged?.warning ?? '',
    /\.python-version asks for Python 3\.11\.9; the distribution's 3\.11\.2 is taken/,
  )
  const own = await planned({ ...python, '.python-version': '3.9', 'berth.yaml': 'build: {version: "3.11"}' })
  assert.equal(own.packaged?.version, '3.11.2')
})

test('another base image has other versions, and an unknown one is not judged', async () => {
  const files = { ...python, '.python-version': '3.13' }
  assert.equal((await planned(files, 'trixie')).packaged?.version, '3.13.5')
  const { packaged } = await planned(files, 'forky')
  assert.equal(packaged?.version, undefined)
  assert.match(packaged?.warning ?? '', /which version this base image has is not known/)
})

const nodes: [files: Files, range: string][] = [
  [{ 'package.json': '{"engines": {"node": ">=20"}}' }, '>=20'],
  [{ 'package.json': '{"volta": {"node": "20.1.0"}}' }, '20.1.0'],
  [{ 'package.json': '{}', '.nvmrc': 'v22' }, '22'],
  [{ 'package.json': '{}', '.nvmrc': 'lts/iron' }, '20'],
  [{ 'package.json': '{}', '.node-version': '20.17.0\n' }, '20.17.0'],
  [{ 'package.json': '{}', '.tool-versions': 'ruby 3.1\nnodejs 18.20.4\n' }, '18.20.4'],
]

for (const [files, range] of nodes) {
  test(`${JSON.stringify(files)} asks for Node ${range}`, async () => {
    assert.equal((await planned({ ...files, 'server.js': '' })).asked?.range, range)
  })
}

test('Rails gets a secret of its own', async () => {
  const ruby = known.listed.find(({ runtime }) => runtime.name === 'ruby')?.runtime ?? assert.fail()
  const generated = (files: Files) => generatedBy(new Facts(filesFrom(files)), ruby)
  assert.deepEqual(await generated({ 'bin/rails': '' }), ['SECRET_KEY_BASE'])
  assert.deepEqual(await generated({ 'config.ru': '' }), [])
})
