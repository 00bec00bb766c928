import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { safeUwsgiOptions } from '../model/definition/upaas/uwsgi.ts'
import { describeBuild } from './describe.ts'
import { type Files, filesFrom } from './files.ts'
import { runtimesIn } from './known.ts'

type More = {
  readonly files?: Files
  readonly later?: boolean
  readonly version?: string
  readonly safe?: readonly string[]
}

const describe = (metadata: string | undefined, { files = filesFrom({}), later = false, version, safe }: More = {}) =>
  describeBuild({
    files,
    ...(metadata !== undefined && { metadata }),
    known: runtimesIn(),
    safeUwsgi: safe ?? safeUwsgiOptions,
    later,
    ...(version !== undefined && { version }),
  })

const fixture = (name: string) => readFileSync(`test/fixtures/upaas/${name}.yml`, 'utf8')
const titles = ({ steps }: Awaited<ReturnType<typeof describe>>) => steps.map(({ title }) => title)

test('redmine: what its first build would do, and that this Ruby is too new for it', async () => {
  const plan = await describe(fixture('redmine'))
  assert.equal(plan.recipe, 'uPaaS metadata (ruby)')
  assert.deepEqual(titles(plan), [
    'Cloning the repository',
    'Asking for the revision',
    'Writing files',
    'Running main actions',
    'Running after actions',
  ])
  const [clone, , files, main, after] = plan.steps
  assert.deepEqual(clone?.commands, [
    'git clone --depth=10 --quiet --branch 2.4-stable git://github.com/redmine/redmine.git /home/app',
  ])
  assert.deepEqual(files?.commands, ['/tmp/after.sh', '/home/app/config/database.yml'])
  assert.match(main?.commands.join('\n') ?? '', /bundle install/)
  for (const name of ['HOME', 'UPAAS_FRESH_PACKAGE', 'UPAAS_SYSTEM_DOMAIN', 'RAILS_ENV', 'REDMINE_LANG'])
    assert(after?.env.includes(name), name)
  assert(!clone?.env.includes('REDMINE_LANG'))
  for (const name of ['git', 'rake', 'default-libmysqlclient-dev', 'libmagickwand-dev'])
    assert(plan.packages.includes(name), name)
  assert(plan.uwsgi.includes('rack = config.ru') && plan.uwsgi.includes('check-static = public'))
  assert.match(
    plan.problem ?? '',
    /^unsupported interpreter version: it asks for Ruby 2\.0\.0, 1\.9\.3, and there is 3\.1\.2/,
  )
})

test('redmine, later: the update instead of the clone, and no fresh package', async () => {
  const { steps } = await describe(fixture('redmine'), { later: true })
  assert.deepEqual(steps[0]?.commands, ['rm -f Gemfile.lock', 'git reset --hard', 'git pull'])
  assert(steps.every(({ env }) => !env.includes('UPAAS_FRESH_PACKAGE')))
})

test('django: its own main actions replace those of the interpreter; its module and its static files reach uWSGI', async () => {
  const plan = await describe(fixture('django'), { version: '3' })
  assert.deepEqual([plan.version, plan.suite, plan.problem], ['3.11.2', 'bookworm', null])
  assert.match(plan.warnings.join('\n'), /it asks for Python 3\.2, 2\.7; 3 is taken, as UPAAS_INTERPRETER_VERSION says/)
  const main = plan.steps.find(({ title }) => title === 'Running main actions')
  assert.equal(main?.commands.length, 4)
  assert(main?.env.includes('DJANGO_SETTINGS_MODULE'))
  assert.deepEqual(plan.uwsgi.slice(-1), ['static-map = /static=fileupload/static'])
  assert(plan.uwsgi.includes('module = django.core.handlers.wsgi:WSGIHandler()'))
  assert.deepEqual(plan.processes, [{ name: 'web', command: ['uwsgi', '--ini', '/etc/berth/uwsgi.ini'] }])
})

test('phpmyadmin: packages of an old PHP under their present names', async () => {
  const plan = await describe(fixture('phpmyadmin'))
  assert(plan.packages.includes('php-mysql') && !plan.packages.some((name) => name.includes('mcrypt')))
  assert.match(plan.warnings.join('\n'), /php5-mcrypt is gone from Debian/)
  assert.deepEqual(titles(plan), ['Cloning the repository', 'Asking for the revision', 'Writing files'])
})

const plain = 'interpreter: { type: python, versions: ["3"] }\nrepository: { clone: a, update: b }\n'

test('what the operator does not let through, and settings that nobody reads, are named', async () => {
  const text = `${plain.replace('["3"]', '["3"], settings: { odd: x }')}uwsgi: { settings: [harakiri = 5, exec-asap = id] }\n`
  const plan = await describe(text)
  assert(plan.uwsgi.includes('harakiri = 5') && !plan.uwsgi.join().includes('exec-asap'))
  assert.match(plan.warnings.join('\n'), /"exec-asap = id" is not among/)
  assert.match(plan.warnings.join('\n'), /"odd" means nothing to python/)
  assert((await describe(text, { safe: ['exec-'] })).uwsgi.includes('exec-asap = id'))
})

test('files that were sent are built instead of the clone', async () => {
  const plan = await describe(undefined, { files: filesFrom({ 'upaas.yml': plain, 'app.py': '' }) })
  assert.deepEqual(titles(plan).slice(0, 2), ['Running interpreter actions', 'Taking the files that were sent'])
})

const others: [says: string, files: Record<string, string>, recipe: string][] = [
  ['metadata go before a Dockerfile', { 'upaas.yml': plain, Dockerfile: 'FROM x' }, 'uPaaS metadata (python)'],
  ['berth.yaml goes before them', { 'upaas.yaml': plain, 'berth.yaml': 'build: {runtime: static}' }, 'static'],
  ['a Dockerfile', { Dockerfile: 'FROM x AS y\nRUN a \\\n  b\nCMD c\n' }, 'Dockerfile'],
  ['a runtime', { 'index.html': '' }, 'static'],
]

for (const [says, files, recipe] of others) {
  test(`a plan of any source: ${says}`, async () => {
    const plan = await describe(undefined, { files: filesFrom(files) })
    assert.equal(plan.recipe, recipe)
    assert.equal(plan.processes[0]?.name, 'web')
  })
}

test("an app's own metadata go before everything in the files", async () => {
  const files = filesFrom({ 'upaas.yml': plain, 'berth.yaml': 'build: {runtime: static}' })
  assert.equal(
    (await describe(plain.replace('python', 'perl').replace('"3"', '"5"'), { files })).recipe,
    'uPaaS metadata (perl)',
  )
})

test('Compose files beside metadata are for development, whoever the metadata belong to', async () => {
  const compose = { 'compose.yaml': 'services: { web: { build: { dockerfile: other } } }' }
  for (const plan of [
    await describe(undefined, { files: filesFrom({ ...compose, 'upaas.yml': plain }) }),
    await describe(plain, { files: filesFrom(compose) }),
  ]) {
    assert.equal(plan.recipe, 'uPaaS metadata (python)')
    assert.deepEqual(plan.processes[0]?.command.slice(0, 1), ['uwsgi'])
  }
})

test('two files with metadata, and an interpreter that is not there, are refused', async () => {
  const both = describe(undefined, { files: filesFrom({ 'upaas.yml': plain, 'upaas.yaml': plain }) })
  await assert.rejects(both, /both upaas\.yml and upaas\.yaml/)
  await assert.rejects(describe(plain.replace('python', 'node')), /1:22: there is no interpreter "node" here/)
})
