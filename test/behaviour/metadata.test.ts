import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { after, before } from 'node:test'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { cliFor, type Said } from '../harness/cli.ts'

let berth: TestBerth
let cli: Awaited<ReturnType<typeof cliFor>>
before(async () => {
  berth = await startBerth()
  cli = await cliFor({ BERTH_URL: berth.url, BERTH_TOKEN: berth.token, XDG_CONFIG_HOME: '/nonexistent' })
})
after(async () => {
  await cli[Symbol.asyncDispose]()
  await berth[Symbol.asyncDispose]()
})

const fine = ({ code, stdout, stderr }: Said) => {
  assert.equal(code, 0, `${stdout}${stderr}`)
  return stdout
}

const metadata = (more = '') => `
interpreter: { type: perl, versions: ["5"] }
repository:
  clone: [mkdir -p %destination%, echo first > %destination%/page]
  update: echo "$(cat page) and updated" > page
  revision: { id: "sha256sum page | cut -c1-12", author: echo Ada, description: cat page, changelog: "echo from %old% to %new%" }
env: { GREETING: hello }
files:
  app.psgi: |
    open(my $page, '<', '/home/app/page'); my $text = <$page>;
    sub { [200, ['Content-Type', 'text/plain'], ["$ENV{GREETING} $text $ENV{UPAAS_SYSTEM_DOMAIN}"]] }
${more}`

test('an app is created with metadata, fetches itself, goes on from its package, and begins anew when asked', async () => {
  const file = join(cli.home, 'site.yml')
  await writeFile(file, metadata())
  assert.match(fine(await cli.berth(['app', 'create', 'site', '--metadata', file])), /berth deploy --metadata -a site/)
  assert.equal(fine(await cli.berth(['metadata', 'show', '-a', 'site'])).trim(), metadata().trim())
  fine(await cli.berth(['deploy', '--metadata', '-a', 'site']))
  assert.equal((await berth.get('site')).body, 'hello first\n site.test.localhost')
  fine(await cli.berth(['deploy', '--metadata', '-a', 'site']))
  assert.match((await berth.get('site')).body, /^hello first and updated\n/)
  const [release] = JSON.parse(fine(await cli.berth(['releases', '-a', 'site', '--json'])))
  assert.match(release.commit, /^[0-9a-f]{12}$/)
  assert.match(release.reason, /first and updated/)
  fine(await cli.berth(['env', 'set', '-a', 'site', 'GREETING=welcome']))
  assert.match((await berth.get('site')).body, /^welcome first and updated\n/)
  fine(await cli.berth(['deploy', '--metadata', '--fresh', '-a', 'site']))
  assert.match((await berth.get('site')).body, /^welcome first\n/)
})

test('metadata with a mistake change nothing, and without any there is nothing to fetch', async () => {
  const file = join(cli.home, 'wrong.yml')
  await writeFile(file, metadata('uwsgi: !include /etc/shadow\n'))
  const said = await cli.berth(['metadata', 'set', file, '-a', 'site'])
  assert.deepEqual(
    [said.code, /wrong\.yml:\d+:8: the tag "!include" is not supported/.test(said.stderr)],
    [1, true],
    said.stderr,
  )
  await writeFile(file, metadata().replace('perl', 'cobol'))
  const unknown = await cli.berth(['metadata', 'set', file, '-a', 'site'])
  assert.match(unknown.stderr, /there is no interpreter "cobol" here/)
  fine(await cli.berth(['metadata', 'remove', '-a', 'site']))
  const nothing = await cli.berth(['deploy', '--metadata', '-a', 'site'])
  assert.equal(nothing.code, 1)
  assert.match(nothing.stderr, /berth metadata set FILE/)
})

test('a plan is shown without a server', async () => {
  const folder = join(cli.home, 'planned')
  await mkdir(folder)
  await writeFile(join(folder, 'index.html'), 'plain')
  const plan = JSON.parse(fine(await cli.berth(['build', 'plan', folder, '--json'], { env: { BERTH_URL: '' } })))
  assert.deepEqual([plan.recipe, plan.processes[0].name, plan.problem], ['static', 'web', null])
})
