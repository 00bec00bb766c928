import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { runtimesIn } from '../../src/runtime/known.ts'
import { namedProject, projectOf } from '../../src/runtime/project.ts'
import { buildPlace, writeFiles, zipOf } from '../harness/builds.ts'
import { gemOf } from '../harness/gem.ts'
import { jar, packageIndexes } from '../harness/packageIndexes.ts'

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

/** A runtime of the operator in place of the shipped one, with Debian's repository of Maven. */
async function useDebiansMaven() {
  const shipped = await readFile(new URL('../../runtimes/java.yaml', import.meta.url), 'utf8')
  const own = shipped.replace('-headless, maven]', '-headless, maven-debian-helper]')
  await writeFile(join(runtimesDir, 'java.yaml'), own)
}

test('examples/java is built by Maven without a network, with a runtime of the operator in place of the shipped one', async (t) => {
  await useDebiansMaven()
  const folder = await place.example('java')
  await writeFiles(folder, { '.mvn/maven.config': '-o\n-Dmaven.repo.local=/usr/share/maven-repo\n' })
  const built = await place.build('java', folder)
  t.diagnostic(`${Math.round(built.ms)} ms`)
  assert(built.log.some((line) => /Packages: .*maven-debian-helper/.test(line)))
  assert.match((await place.fetchFrom(built, '/some/path')).body, /Hello from Java \d+.*some\/path/)
})

test('Maven takes an artifact from a repository, once', async () => {
  await useDebiansMaven()
  using indexes = await packageIndexes()
  const folder = await place.example('java')
  const pom = await readFile(join(folder, 'pom.xml'), 'utf8')
  const repository = `<repositories><repository><id>greet</id><url>${indexes.url}/maven</url></repository></repositories>`
  const artifact = '<groupId>example</groupId><artifactId>greet</artifactId><version>1.0</version>'
  const dependency = `<dependencies><dependency>${artifact}</dependency></dependencies>`
  const mirrors = mirror('greet', `${indexes.url}/maven`) + mirror('central', 'file:///usr/share/maven-repo')
  await writeFiles(folder, {
    'pom.xml': pom.replace('<build>', `${repository}${dependency}<build>`),
    '.mvn/settings.xml': `<settings><mirrors>${mirrors}</mirrors></settings>`,
    '.mvn/maven.config': '-s\n.mvn/settings.xml\n',
  })
  await place.build('maven', folder)
  await writeFiles(folder, { 'src/main/resources/more.txt': 'a change of the source' })
  const built = await place.build('maven', folder)
  assert.match((await place.fetchFrom(built, '/')).body, /Hello from Java/)
  assert.equal(indexes.downloads(jar), 1)
})

const mirror = (of: string, url: string) =>
  `<mirror><id>m-${of}</id><mirrorOf>${of}</mirrorOf><url>${url}</url><blocked>false</blocked></mirror>`

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
