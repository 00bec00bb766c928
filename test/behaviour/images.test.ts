import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { deployImage, deployImageFile } from '../../src/contract/deploys.ts'
import { addRegistry } from '../../src/contract/registries.ts'
import { showRelease } from '../../src/contract/releases.ts'
import { output, start } from '../../src/lib/exec.ts'
import { labels } from '../../src/model/instance.ts'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { freePort } from '../harness/haproxy.ts'
import { operationsOf } from '../harness/operations.ts'
import { until } from '../harness/wait.ts'

let berth: TestBerth
let dir: string
let registry: Awaited<ReturnType<typeof startRegistry>>
const docker = (...args: string[]) => output(['/usr/bin/docker', '--config', join(dir, 'docker'), ...args])

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'berth-images-'))
  await mkdir(join(dir, 'docker'))
  registry = await startRegistry()
  berth = await startBerth({ BERTH_PRIVATE_SOURCES: '127.0.0.0/8' })
})

after(async () => {
  await berth?.[Symbol.asyncDispose]()
  await registry?.stop()
  await rm(dir, { recursive: true, force: true })
})

/** Debian's registry, with one user. */
async function startRegistry() {
  const port = await freePort()
  const users = await output(['htpasswd', '-nbB', 'ada', 's3cret'])
  await writeFile(join(dir, 'users'), users)
  await writeFile(
    join(dir, 'registry.yml'),
    `version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: ${dir}/registry\nhttp:\n  addr: 127.0.0.1:${port}\nauth:\n  htpasswd:\n    realm: test\n    path: ${dir}/users\n`,
  )
  const child = start(['docker-registry', 'serve', join(dir, 'registry.yml')], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}/v2/`
  await until('the registry', async () => (await fetch(url).catch(() => undefined))?.status === 401)
  const stop = async () => {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }
  return { server: `127.0.0.1:${port}`, stop }
}

/** An image that says what it was told to, made of what the machine has. */
async function image(name: string, text: string, port = 8123): Promise<string> {
  const folder = join(dir, name.replaceAll(/\W/g, '-'))
  await mkdir(folder, { recursive: true })
  const program = `$|=1; use IO::Socket; $s=IO::Socket::INET->new(LocalPort=>${port},Listen=>9,ReuseAddr=>1) or die; while($c=$s->accept){ while(<$c>){last if /^\\r?$/} print $c "HTTP/1.0 200 OK\\r\\n\\r\\n${text} $ENV{GREETING}"; close $c }`
  await writeFile(join(folder, 'serve.pl'), program)
  await chmod(join(folder, 'serve.pl'), 0o755)
  await writeFile(
    join(folder, 'Dockerfile'),
    `FROM berth/stack:bookworm\nCOPY serve.pl /serve.pl\nLABEL ${labels.app}=evil\nEXPOSE ${port}\nCMD ["perl", "/serve.pl"]\n`,
  )
  await docker('build', '-q', '-t', name, folder)
  return name
}

async function published(path: string, text: string): Promise<string> {
  const name = await image(`${registry.server}/${path}`, text)
  await docker('login', '-u', 'ada', '-p', 's3cret', registry.server)
  await docker('push', '-q', name)
  await docker('rmi', name)
  return name
}

const ask = async (app: string) => (await berth.get(app)).body

test('an image of a registry with credentials runs, and is kept as the app’s own', async () => {
  const operations = operationsOf(berth)
  const name = await published('team/hello:v1', 'first')
  await berth.createApp('hello')
  const params = { app: 'hello' }
  const denied = await operations.ended(await berth.client.call(deployImage, { params, body: { image: name } }))
  assert.equal(denied.error?.code, 'FETCH_FAILED')
  assert.match(denied.error?.message ?? '', /berth registry login/)
  const [team] = (await berth.showApp('hello')).team.split('\n')
  const body = { server: registry.server, username: 'ada', password: 's3cret' }
  await berth.client.call(addRegistry, { params: { team: team ?? '' }, body })
  const first = await berth.client.call(deployImage, { params, body: { image: name } })
  await operations.succeeded(first)
  assert.match(await ask('hello'), /first/)
  assert.match(await operations.log(first), /sha256:[0-9a-f]{64}[\s\S]*web listens on port 8123/)
  const release = await berth.client.call(showRelease, { params: { app: 'hello', number: 1 } })
  assert.match(release.reason, /team\/hello:v1/)
  const kept = await berth.engine.images.list(`${labels.cluster}=${berth.cluster}`, `${labels.app}=hello`)
  assert.deepEqual(
    kept.flatMap(({ tags }) => tags),
    [`${berth.cluster}/hello:${first.id}`],
  )
  assert.ok(!(await docker('images', '--digests', '--format', '{{.Repository}}')).includes('team/hello'))
  const missing = `${registry.server}/team/nothing:v1`
  const lost = await operations.ended(await berth.client.call(deployImage, { params, body: { image: missing } }))
  assert.match(lost.error?.message ?? '', /no such image|does not let us/)
})

test('an image as a file runs; whatever it calls itself, no tag of another app is touched', async () => {
  const operations = operationsOf(berth)
  await berth.createApp('filed')
  await berth.createApp('victim')
  const victim = await image(`${berth.cluster}/victim:live`, 'victim')
  const before = await docker('image', 'inspect', '-f', '{{.Id}}', victim)
  const evil = await image('evil:x', 'from a file')
  await docker('save', '-o', join(dir, 'evil.tar'), evil)
  await docker('rmi', evil)
  await renameTags(join(dir, 'evil.tar'), victim)
  const upload = { type: 'application/x-tar', bytes: createReadStream(join(dir, 'evil.tar')) } as const
  const operation = await berth.client.upload(deployImageFile, { params: { app: 'filed' } }, upload)
  await operations.succeeded(operation)
  assert.match(await ask('filed'), /from a file/)
  assert.equal(await docker('image', 'inspect', '-f', '{{.Id}}', victim), before)
  const tags = (await docker('images', '--format', '{{.Repository}}:{{.Tag}}')).split('\n')
  assert.deepEqual(
    tags.filter((tag) => tag.startsWith(`${berth.cluster}/filed`)),
    [`${berth.cluster}/filed:${operation.id}`],
  )
  await docker('rmi', victim)
})

test('what is no image, or is inside, is refused', async () => {
  const operations = operationsOf(berth)
  await berth.createApp('wrong')
  const params = { app: 'wrong' }
  const upload = { type: 'application/x-tar', bytes: createReadStream(await plainTar()) } as const
  const ended = await operations.ended(await berth.client.upload(deployImageFile, { params }, upload))
  assert.match(ended.error?.message ?? '', /no manifest\.json/)
  const inner = await operations.ended(
    await berth.client.call(deployImage, { params, body: { image: '169.254.169.254/x' } }),
  )
  assert.match(inner.error?.message ?? '', /inside this network/)
})

async function plainTar(): Promise<string> {
  await writeFile(join(dir, 'index.html'), 'x')
  await output(['tar', '-C', dir, '-cf', join(dir, 'plain.tar'), 'index.html'])
  return join(dir, 'plain.tar')
}

/** Makes a saved image claim the name of another one. */
async function renameTags(path: string, tag: string) {
  const folder = join(dir, 'unpacked')
  await mkdir(folder)
  await output(['tar', '-C', folder, '-xf', path])
  const manifest = JSON.parse(await output(['cat', join(folder, 'manifest.json')]))
  manifest[0].RepoTags = [tag]
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest))
  await output(['tar', '-C', folder, '-cf', path, '.'])
}
