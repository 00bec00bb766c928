import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after, before } from 'node:test'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { cliFor, type Said } from '../harness/cli.ts'

let runtimesDir: string
let berth: TestBerth
let cli: Awaited<ReturnType<typeof cliFor>>
before(async () => {
  runtimesDir = await mkdtemp(join(tmpdir(), 'berth-runtimes-'))
  berth = await startBerth({ BERTH_RUNTIMES_DIR: runtimesDir })
  cli = await cliFor({ BERTH_URL: berth.url, BERTH_TOKEN: berth.token, XDG_CONFIG_HOME: '/nonexistent' })
})
after(async () => {
  await cli[Symbol.asyncDispose]()
  await berth[Symbol.asyncDispose]()
  await rm(runtimesDir, { recursive: true })
})

const fine = ({ code, stdout, stderr }: Said) => {
  assert.equal(code, 0, `${stdout}${stderr}`)
  return stdout
}

test('an app begins with the first commit of its language, and answers', async () => {
  const cwd = join(cli.home, 'poet')
  await mkdir(cwd)
  fine(await cli.berth(['app', 'create', 'poet', '--runtime', 'perl', '--init'], { cwd }))
  fine(await cli.berth(['deploy'], { cwd }))
  assert.equal((await berth.get('poet', '/verse')).body, 'Hello from poet: /verse\n')
})

test('a runtime of the operator is there as soon as its file is, and one that is broken stops nothing else', async () => {
  const perl = await readFile(new URL('../../runtimes/perl.yaml', import.meta.url), 'utf8')
  const own = perl
    .replace('name: perl', 'name: pearl')
    .replace('order: 17', 'order: 1')
    .replace('Hello from', 'Welcome to')
  await writeFile(join(runtimesDir, 'pearl.yaml'), own)
  await writeFile(join(runtimesDir, 'static.yaml'), 'name: static\ntitle: [\n')
  assert.match(fine(await cli.berth(['runtime', 'list'])), /^pearl +Perl +your operator$/m)
  const cwd = join(cli.home, 'diver')
  await mkdir(cwd)
  fine(await cli.berth(['app', 'create', 'diver', '--runtime', 'pearl', '--init'], { cwd }))
  const log = fine(await cli.berth(['deploy'], { cwd }))
  assert.match(log, /Perl app detected/)
  assert.equal((await berth.get('diver')).body, 'Welcome to diver: /\n')
})

test('an app of the broken runtime is refused, and told why', async () => {
  const cwd = join(cli.home, 'plain')
  await mkdir(cwd)
  await writeFile(join(cwd, 'index.html'), 'plain')
  fine(await cli.berth(['app', 'create', 'plain'], { cwd }))
  const said = await cli.berth(['deploy', '-a', 'plain'], { cwd })
  assert.equal(said.code, 1)
  assert.match(said.stderr, /the runtime "static" is not available: the operator has to mend its file/)
  assert.match(berth.server.log(), /runtime left out: .*static\.yaml:3:1: /)
})
