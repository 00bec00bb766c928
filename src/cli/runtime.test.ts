import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startApi, type TestApi } from '../../test/harness/api.ts'
import { cliFor } from '../../test/harness/cli.ts'
import { output } from '../lib/exec.ts'

let api: TestApi
let cli: Awaited<ReturnType<typeof cliFor>>
before(async () => {
  api = await startApi()
  cli = await cliFor({ BERTH_URL: api.url, BERTH_TOKEN: await api.token('operator'), XDG_CONFIG_HOME: '/nonexistent' })
})
after(async () => {
  await cli[Symbol.asyncDispose]()
  await api[Symbol.asyncDispose]()
})

async function folder(name: string, files: Readonly<Record<string, string>> = {}) {
  const path = join(cli.home, name)
  await mkdir(path)
  for (const [file, text] of Object.entries(files)) await writeFile(join(path, file), text)
  return path
}

const git = (cwd: string, ...args: string[]) => output(['git', '-C', cwd, ...args])

test('app create --runtime --init makes a first commit and the remote, without an identity of git', async () => {
  const cwd = await folder('greeter')
  const said = await cli.berth(['app', 'create', 'greeter', '--team', 'alpha', '--runtime', 'go', '--init'], { cwd })
  assert.equal(said.code, 0, said.stderr)
  assert.match(said.stdout, /deploy with: git push berth main/)
  assert.equal((await git(cwd, 'ls-tree', '-r', '--name-only', 'HEAD')).trim(), '.gitignore\ngo.mod\nmain.go')
  assert.match(await readFile(join(cwd, 'go.mod'), 'utf8'), /^module greeter$/m)
  assert.equal((await git(cwd, 'branch', '--show-current')).trim(), 'main')
  assert.match(await git(cwd, 'remote', 'get-url', 'berth'), /greeter\.git/)
})

test('--init in a folder that has something makes nothing', async () => {
  const cwd = await folder('full', { 'notes.txt': '' })
  const said = await cli.berth(['app', 'create', 'full', '--team', 'alpha', '--runtime', 'go', '--init'], { cwd })
  assert.equal(said.code, 1)
  assert.match(said.stderr, /this folder is not empty: it has notes\.txt/)
  assert.equal((await cli.berth(['app', 'show', 'full'])).code, 1)
})

test('a runtime that does not exist makes no app; --init needs one named', async () => {
  const cwd = await folder('none')
  const unknown = await cli.berth(['app', 'create', 'none', '--team', 'alpha', '--runtime', 'cobol', '--init'], { cwd })
  assert.match(unknown.stderr, /no runtime "cobol"/)
  assert.equal((await cli.berth(['app', 'show', 'none'])).code, 1)
  assert.deepEqual(await readdir(cwd), [])
  assert.equal((await cli.berth(['app', 'create', 'none', '--init'], { cwd })).code, 2)
})

test('--runtime alone creates the app and says where a repository pins it', async () => {
  const said = await cli.berth(['app', 'create', 'plain', '--team', 'alpha', '--runtime', 'ruby'])
  assert.equal(said.code, 0, said.stderr)
  assert.match(said.stdout, /build: \{ runtime: ruby \}/)
})

test('runtime show says what the API does, and its file can be started from', async () => {
  const { json } = await api.ask('GET', '/api/v1/runtimes/ruby', { token: await api.token('member') })
  const said = await cli.berth(['runtime', 'show', 'ruby', '--json'])
  assert.deepEqual(JSON.parse(said.stdout), json)
  const file = join(cli.home, 'ruby.yaml')
  await writeFile(file, (await cli.berth(['runtime', 'show', 'ruby', '--file'])).stdout)
  assert.match((await cli.berth(['runtime', 'check', file])).stdout, /ruby\.yaml is fine.*\n.*would be built by ruby/)
})

test('runtime check needs no server, and names line and column', async () => {
  const env = { BERTH_URL: '', BERTH_TOKEN: '' }
  const text = await readFile(new URL('../../runtimes/perl.yaml', import.meta.url), 'utf8')
  const cwd = await folder('checked', { 'perl.yaml': text, 'app.psgi': '', cpanfile: '' })
  const fine = await cli.berth(['runtime', 'check', 'perl.yaml', '.'], { cwd, env })
  assert.match(fine.stdout, /would be built by perl[\s\S]*Installing modules of cpanfile[\s\S]*starman/)
  const other = await cli.berth(
    ['runtime', 'check', 'perl.yaml', await folder('js', { 'package.json': '{}', 'app.psgi': '' })],
    { cwd, env },
  )
  assert.equal(other.code, 0, other.stdout)
  await writeFile(join(cwd, 'perl.yaml'), text.replace('order: 17', 'order: 35'))
  const late = await cli.berth(['runtime', 'check', 'perl.yaml', join(cli.home, 'js')], { cwd, env })
  assert.equal(late.code, 1)
  assert.match(late.stdout, /would be built by node/)
  await writeFile(join(cwd, 'perl.yaml'), text.replace('packages:', 'package:'))
  const broken = await cli.berth(['runtime', 'check', 'perl.yaml'], { cwd, env })
  assert.equal(broken.code, 1)
  assert.match(broken.stderr, /^berth: perl\.yaml:\d+:1: unknown key "package"; did you mean "packages"\?$/m)
})
