import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { runtimesIn } from '../../src/runtime/known.ts'
import { namedProject, projectOf } from '../../src/runtime/project.ts'
import { buildPlace, writeFiles, zipOf } from '../harness/builds.ts'
import { unpackDebian } from '../harness/debian.ts'
import { gemOf } from '../harness/gem.ts'

let place: Awaited<ReturnType<typeof buildPlace>>
let runtimesDir: string
let cacheDir: string
before(async () => {
  runtimesDir = await mkdtemp(join(tmpdir(), 'berth-runtimes-'))
  cacheDir = await mkdtemp(join(tmpdir(), 'berth-cache-'))
  // Always the same installation, whose layers of packages are found again from run to run.
  await writeFile(join(cacheDir, 'mark.key'), 'the installation of the tests of runtimes')
  place = await buildPlace({ runtimesDir, cacheDir })
})
after(async () => {
  await place.end()
  await Promise.all([runtimesDir, cacheDir].map((folder) => rm(folder, { recursive: true })))
})

type Files = Readonly<Record<string, string | Buffer>>

const examples: [name: string, body: RegExp][] = [
  ['ruby', /Hello from Ruby 3.*some\/path/],
  ['go', /Hello from go1.*some\/path/],
  ['perl', /Hello from Perl v5.*some\/path/],
]

for (const [name, body] of examples) {
  test(`examples/${name} is built and answers`, async (t) => {
    const built = await place.build(name, await place.example(name))
    t.diagnostic(`${Math.round(built.ms)} ms`)
    assert.equal(built.recipe, name)
    const answer = await place.fetchFrom(built, '/some/path')
    assert.equal(answer.status, 200, answer.body)
    assert.match(answer.body, body)
  })
}

test('examples/java is built by Maven without a network, with a runtime of the operator in place of the shipped one', async (t) => {
  const shipped = await readFile(new URL('../../runtimes/java.yaml', import.meta.url), 'utf8')
  await writeFile(
    join(runtimesDir, 'java.yaml'),
    shipped.replace('-headless, maven]', '-headless, maven-debian-helper]'),
  )
  const folder = await place.example('java')
  await writeFiles(folder, { '.mvn/maven.config': '-o\n-Dmaven.repo.local=/usr/share/maven-repo\n' })
  const built = await place.build('java', folder)
  t.diagnostic(`${Math.round(built.ms)} ms`)
  assert(built.log.some((line) => /Packages: .*maven-debian-helper/.test(line)))
  assert.match((await place.fetchFrom(built, '/some/path')).body, /Hello from Java \d+.*some\/path/)
})

const known = runtimesIn()
const online = known.listed.filter(({ runtime }) => runtime.name !== 'java')

for (const { runtime } of online) {
  test(`the first commit of ${runtime.name} is built and answers`, async (t) => {
    const project = namedProject(await projectOf(runtime, known), 'blog')
    const built = await place.build(`first-${runtime.name}`, await place.folderOf(project))
    t.diagnostic(`${Math.round(built.ms)} ms`)
    assert.equal(built.recipe, runtime.name)
    assert.match((await place.fetchFrom(built, '/')).body, /Hello from blog/)
  })
}

test('what runs of a Go app is without the compiler', async () => {
  const { image } = await place.build('go', await place.example('go'))
  const sizeOf = async (name: string) =>
    (await place.engine.api.json<{ Size: number }>({ path: `/images/${encodeURIComponent(name)}/json` })).Size
  const more = (await sizeOf(image)) - (await sizeOf(place.settings.stack))
  assert(more < 20_000_000, `${more} bytes on the stack`)
})

const apps: [says: string, files: Files, path: string, body: RegExp][] = [
  [
    "Sinatra runs with the distribution's gems",
    {
      Gemfile: "source 'https://rubygems.org'\ngem 'sinatra'\ngem 'puma'\n",
      'config.ru':
        "require 'sinatra/base'\nclass App < Sinatra::Base\n  get('/hi/:who') { \"Hi #{params['who']}\" }\nend\nrun App\n",
      'berth.yaml': 'build:\n  packages: [ruby-sinatra]\n',
    },
    '/hi/ada',
    /^Hi ada$/,
  ],
  [
    'a gem comes from vendor/cache',
    {
      Gemfile: "source 'https://rubygems.org'\ngem 'greet'\ngem 'puma'\n",
      'config.ru': "require 'greet'\nrun ->(_) { [200, {}, [Greet.call]] }\n",
      'vendor/cache/greet-1.0.0.gem': gemOf('greet', '1.0.0', "module Greet\n  def self.call = 'greetings'\nend\n"),
    },
    '/',
    /^greetings$/,
  ],
  [
    "Dancer runs with the distribution's modules and vendored ones",
    {
      cpanfile: "requires 'Dancer2';\nrequires 'Greet';\n",
      'app.psgi': "use Dancer2;\nuse Greet;\nget '/hi' => sub { Greet::call() };\nto_app;\n",
      'local/lib/perl5/Greet.pm': "package Greet;\nsub call { 'greetings' }\n1;\n",
      'berth.yaml': 'build:\n  packages: [libdancer2-perl]\n',
    },
    '/hi',
    /^greetings$/,
  ],
  [
    'cpanfile is satisfied by packages of the distribution',
    {
      cpanfile: "requires 'Plack', '1.0';\nrequires 'HTTP::Date';\n",
      'app.psgi': 'use HTTP::Date;\nsub { [200, [], [HTTP::Date::time2str(0)]] }\n',
    },
    '/',
    /^Thu, 01 Jan 1970/,
  ],
  [
    'a Go command is built with vendored modules',
    {
      'go.mod': 'module example.com/site/v2\n\ngo 1.19\n\nrequire example.com/greet v1.0.0\n',
      'go.sum': '',
      'vendor/modules.txt': '# example.com/greet v1.0.0\n## explicit; go 1.19\nexample.com/greet\n',
      'vendor/example.com/greet/greet.go': 'package greet\n\nfunc Call() string { return "greetings" }\n',
      'cmd/web/main.go': `package main

import (
	"net/http"
	"os"

	"example.com/greet"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(greet.Call())) })
	http.ListenAndServe(":"+os.Getenv("PORT"), nil)
}
`,
    },
    '/',
    /^greetings$/,
  ],
  [
    'a WAR runs on Tomcat',
    {
      'site.war': zipOf({
        'WEB-INF/web.xml': '<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="5.0"/>',
        'index.jsp': '<%= "six times seven is " + 6 * 7 %>, by <%= request.getScheme() %>',
      }),
    },
    '/',
    /^six times seven is 42, by http/,
  ],
]

for (const [index, [says, files, path, body]] of apps.entries()) {
  test(says, async (t) => {
    const built = await place.build(`app${index}`, await place.folderOf(files))
    t.diagnostic(`${Math.round(built.ms)} ms`)
    const answer = await place.fetchFrom(built, path)
    assert.match(answer.body, body)
  })
}

test('web applications of Tomcat that nobody here wrote run as they are', async (t) => {
  await using packages = await unpackDebian(
    'tomcat10-examples',
    'libtaglibs-standard-spec-java',
    'libtaglibs-standard-impl-java',
  )
  const folder = await place.folderOf({})
  await packages.copyTo('/usr/share/tomcat10-examples/examples', folder)
  const built = await place.build('examples', folder)
  t.diagnostic(`${Math.round(built.ms)} ms`)
  await using app = await place.start(built)
  // They answer to their own machine alone, and the router says who asks.
  const pageOf = async (path: string) => (await app.fetch(path, { headers: { 'X-Real-IP': '127.0.0.1' } })).text()
  assert.match(await pageOf('/servlets/servlet/HelloWorldExample'), /Hello World!/)
  assert.match(await pageOf('/jsp/jsp2/el/basic-arithmetic.jsp'), /Basic Arithmetic/)
})

test('a version that the base image lacks is refused before anything is installed', async () => {
  const folder = await place.folderOf({ 'app.py': 'app = 1', '.python-version': '3.99\n' })
  await assert.rejects(
    place.build('python', folder),
    /\.python-version asks for Python 3\.99, and there is 3\.\d+\.\d+ here/,
  )
})

test('the guide adds a language with its one file', async () => {
  const guide = await readFile(new URL('../../docs/guides/adding-a-runtime.md', import.meta.url), 'utf8')
  const blocks = [...guide.matchAll(/^```(?:yaml|lua) (\S+)\n(.*?)^```/gms)]
  const textOf = (name: string) => blocks.find(([, path]) => path === name)?.[2] ?? assert.fail(`no ${name}`)
  await writeFile(join(runtimesDir, 'lua.yaml'), textOf('lua.yaml'))
  const built = await place.build('lua', await place.folderOf({ 'main.lua': textOf('main.lua') }))
  assert.equal(built.recipe, 'lua')
  assert.match((await place.fetchFrom(built, '/')).body, /Hello from Lua 5/)
})
