import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after, before } from 'node:test'
import { createApp } from '../../src/contract/apps.ts'
import { listBuilds, showBuild } from '../../src/contract/builds.ts'
import { rollback } from '../../src/contract/releases.ts'
import {
  buildStack,
  createUpgrade,
  listStacks,
  showAppStack,
  showStack,
  showUpgrade,
  stackLog,
} from '../../src/contract/stacks.ts'
import { removeOldStacks } from '../../src/server/stacks/old.ts'
import { cipherAt } from '../../src/server/store/cipher.ts'
import { openStore } from '../../src/server/store/store.ts'
import { stackImage } from '../../src/stack/images.ts'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { cliFor } from '../harness/cli.ts'
import { randomName } from '../harness/docker.ts'
import { operationsOf } from '../harness/operations.ts'
import { until } from '../harness/wait.ts'

const stack = randomName()
let folder: string
let berth: TestBerth
let operations: ReturnType<typeof operationsOf>

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-stacks-'))
  const [stacks, runtimes] = [join(folder, 'stacks'), join(folder, 'runtimes')]
  for (const dir of [stacks, runtimes]) await mkdir(dir)
  // Only the test's own stack is looked after: the others are everybody's here.
  const others = 'title: Of all\nbase: { suite: bookworm }\nmaxAge: never\n'
  await writeFile(join(stacks, 'bookworm.yaml'), `name: bookworm\n${others}`)
  await writeFile(join(runtimes, 'tiny.yaml'), runtime)
  await writeStack('echo one > /etc/mark')
  berth = await startBerth({
    BERTH_STACKS_DIR: stacks,
    BERTH_STACKS_RENEW: 'yes',
    BERTH_RUNTIMES_DIR: runtimes,
    BERTH_CACHE_DIR: join(folder, 'cache'),
  })
  operations = operationsOf(berth)
})
after(async () => {
  await berth?.[Symbol.asyncDispose]()
  const images = await (berth?.engine.images.named('berth/stack') ?? [])
  const own = images.flatMap(({ tags }) => tags).filter((tag) => tag.startsWith(stackImage(stack)))
  for (const tag of own) await berth.engine.images.remove(tag)
  await rm(folder, { recursive: true, force: true })
})

const writeStack = (command: string, more = '') =>
  writeFile(
    join(folder, 'stacks', `${stack}.yaml`),
    `name: ${stack}\ntitle: Of a test\nbase: { image: berth/stack:bookworm }\n${more}commands:\n  - ${command}\n`,
  )

const runtime = `name: tiny
title: Tiny
order: 1
detect: [{ any: [serve.pl] }]
help: add a serve.pl
processes:
  web: [{ command: [perl, serve.pl] }]
`

/** Answers with the mark of the stack that it was built on; one that is shy runs on the mark that it knows only. */
const app = (only = '') => ({
  'serve.pl': `
use IO::Socket::INET;
open my $file, '<', '/etc/mark'; chomp(my $mark = <$file>); close $file;
exit 1 if '${only}' && $mark ne '${only}';
$SIG{TERM} = sub { exit 0 };
my $server = IO::Socket::INET->new(LocalPort => $ENV{PORT}, Listen => 32, ReuseAddr => 1) or die;
while (my $client = $server->accept) {
  while (<$client>) { last if /^\\s*$/ }
  print $client "HTTP/1.1 200 OK\\r\\nContent-Length: " . length($mark) . "\\r\\nConnection: close\\r\\n\\r\\n$mark";
  close $client;
}
`,
})

const look = () => berth.client.call(showStack, { params: { stack } })
const make = () => berth.client.call(buildStack, { params: { stack } })
const settled = () =>
  until(
    'the stack to be made',
    async () => {
      const now = await look()
      return now.state !== 'waiting' && now.state !== 'making' && now
    },
    240_000,
  )
const answerOf = async (name: string) => (await berth.get(name)).body

test('a stack is made by the commands of its file, and stays as it was when that fails', {
  timeout: 300_000,
}, async () => {
  assert.equal((await look()).state, 'missing')
  await make()
  const made = await settled()
  assert.deepEqual([made.state, made.error], ['ready', null])
  const lines = berth.client.stream(stackLog, { params: { stack }, query: {} })
  const said = (await Array.fromAsync(lines)).map(({ text }) => text)
  assert.match(said.join('\n'), new RegExp(`echo one > /etc/mark\n-----> Stack ${stack} is berth/stack:${stack}\\.`))

  await writeStack('{ run: sleep 60, seconds: 1, title: Sleep }')
  await make()
  const failed = await settled()
  assert.deepEqual([failed.state, failed.failures, failed.image], ['failed', 1, made.image])
  assert.match(failed.error ?? '', /^Sleep took longer than 1 s and was stopped$/)
  await writeStack('echo one > /etc/mark')
  await make()
  assert.deepEqual([(await settled()).state, (await look()).failures], ['ready', 0])
})

test('an app starts from the stack that is set for it, which its build tells', { timeout: 300_000 }, async () => {
  for (const [name, only] of [
    ['ada', ''],
    ['bob', 'one'],
    ['cid', ''],
  ] as const) {
    await berth.client.call(createApp, { body: { name, stack } })
    await operations.succeeded(await operations.deploy(name, app(only)))
  }
  assert.equal(await answerOf('ada'), 'one')
  const build = await berth.client.call(showBuild, { params: { app: 'ada', number: 1 } })
  assert.deepEqual([build.stackName, build.stack], [stack, (await look()).image?.id])
})

test('a stack that is too old is made anew, and a deploy does not wait for it', { timeout: 300_000 }, async () => {
  const before = await look()
  const slow = 'while [ ! -e /dev/berth/go ]; do sleep 0.1; done; echo two > /etc/mark'
  await writeStack(slow, 'maxAge: 1 second\n')
  await berth.client.call(createApp, { body: { name: 'dan', stack } })
  await until('it to be made anew', async () => (await look()).state === 'making', 60_000)
  await operations.succeeded(await operations.deploy('dan', app()))
  assert.equal(await answerOf('dan'), 'one')
  const meanwhile = await look()
  assert.deepEqual([meanwhile.state, meanwhile.image], ['making', before.image])

  await writeStack(slow)
  await writeFile(join(folder, 'cache/stack', `${berth.cluster}-${stack}`, 'go'), '')
  const now = await settled()
  assert.equal(now.state, 'ready')
  assert.notEqual(now.image?.id, before.image?.id)
  assert.ok(now.apps.length === 4 && now.apps.every(({ old }) => old), JSON.stringify(now.apps))
  assert.equal((await berth.client.call(showAppStack, { params: { app: 'dan' } })).builtOn?.old, true)
})

test('an upgrade goes on after a kill -9, and an app that cannot stays where it was', {
  timeout: 300_000,
}, async () => {
  await berth.createApp('eve')
  const dockerfile = 'FROM berth/stack:bookworm\nRUN echo own > /etc/mark\nCOPY serve.pl /\nCMD ["perl", "/serve.pl"]\n'
  await operations.succeeded(await operations.deploy('eve', { ...app(), Dockerfile: dockerfile }))
  const apps = ['ada', 'bob', 'cid', 'eve']
  const { id } = await berth.client.call(createUpgrade, { body: { apps } })
  await assert.rejects(berth.client.call(createUpgrade, { body: {} }), { code: 'STATE' })
  const show = () => berth.client.call(showUpgrade, { params: { upgrade: id } })
  await until('the first app', async () => (await show()).apps.some(({ state }) => state === 'running'), 60_000)
  await berth.server.kill('SIGKILL')
  await berth.server.up()

  await using cli = await cliFor({ BERTH_URL: berth.url, BERTH_TOKEN: berth.token })
  const followed = await cli.berth(['upgrade', 'follow', id])
  assert.equal(followed.code, 1, followed.stderr)
  assert.match(followed.stdout, /2 on the new stack, 1 failed and stayed as they were, 1 skipped/)
  const ended = await show()
  assert.deepEqual(
    ended.apps.map(({ app, state }) => [app, state]),
    [
      ['ada', 'succeeded'],
      ['bob', 'failed'],
      ['cid', 'succeeded'],
      ['eve', 'skipped'],
    ],
  )
  assert.match(ended.apps[1]?.reason ?? '', /web did not become healthy/)
  assert.match(ended.apps[3]?.reason ?? '', /a Dockerfile of its own/)
  assert.deepEqual(await Promise.all(apps.map(answerOf)), ['two', 'one', 'two', 'own'])
  for (const name of ['ada', 'bob', 'cid']) {
    const builds = await berth.client.call(listBuilds, { params: { app: name }, query: {} })
    assert.deepEqual(
      builds.map(({ number }) => number),
      [2, 1],
      `${name} is built once more, and once only`,
    )
  }
})

test('an app goes back from a new stack like from any release', { timeout: 120_000 }, async () => {
  await operations.succeeded(await berth.client.call(rollback, { params: { app: 'ada' }, body: {} }))
  assert.equal(await answerOf('ada'), 'one')
})

test('an old image goes when no build that is kept was made on it', async () => {
  const fixed = async () => {
    const tags = (await berth.engine.images.named('berth/stack')).flatMap((image) => image.tags)
    return tags.filter((tag) => tag.startsWith(`${stackImage(stack)}.`)).length
  }
  assert.equal(await fixed(), 3)
  const cipher = cipherAt(join(berth.dir, 'data/secret.key'), { mayCreate: false })
  await using store = await openStore(join(berth.dir, 'data/berth.sqlite'), cipher)
  const ofTest = (name: string) => name === stack
  await until('the first of them to go', async () => {
    await removeOldStacks({ store, engine: berth.engine }, { graceMs: 0, which: ofTest })
    return (await fixed()) === 2
  })
  await removeOldStacks({ store, engine: berth.engine }, { graceMs: 0, which: ofTest })
  assert.equal(await fixed(), 2)
  assert.ok((await berth.client.call(listStacks, {})).some(({ name, state }) => name === stack && state === 'ready'))
})
