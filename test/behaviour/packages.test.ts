import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import test, { after, before } from 'node:test'
import { deleteBuild, showBuild } from '../../src/contract/builds.ts'
import { packageStorage } from '../../src/contract/packages.ts'
import { rollback } from '../../src/contract/releases.ts'
import { output } from '../../src/lib/exec.ts'
import { labels } from '../../src/model/instance.ts'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { cliFor } from '../harness/cli.ts'
import { operationsOf } from '../harness/operations.ts'
import { startRegistry } from '../harness/packageRegistry.ts'
import type { Files } from '../harness/repository.ts'
import { startS3, type TestS3 } from '../harness/s3.ts'
import { busyboxImage } from '../harness/tinyImage.ts'
import { until } from '../harness/wait.ts'

const patience = 180_000

let base: string
let s3: TestS3
let berth: TestBerth
let operations: ReturnType<typeof operationsOf>
before(async () => {
  base = await busyboxImage()
  s3 = await startS3()
  berth = await startBerth(s3.env)
  operations = operationsOf(berth)
})
after(async () => {
  await berth?.[Symbol.asyncDispose]()
  await s3?.[Symbol.asyncDispose]()
})

/** Of a small image, and old instances go at once. */
const quick = (text: string): Files => ({
  'berth.yaml': 'drain: 0s\n',
  'index.html': text,
  Dockerfile: `FROM ${base}\nCOPY index.html /www/\nCMD exec httpd -f -p $PORT -h /www\n`,
})
const show = (app: string, number: number, of = berth) => of.client.call(showBuild, { params: { app, number } })
const deployed = async (app: string, text: string) => {
  const operation = await operations.deploy(app, quick(text))
  await operations.succeeded(operation)
  return operation
}
const back = (app: string, to: number, of = berth) => of.client.call(rollback, { params: { app }, body: { to } })
const storageOf = () => berth.client.call(packageStorage, {})
const isStored = (app: string, number: number, of = berth) =>
  until(
    `b${number} of ${app} to be stored`,
    async () => (await show(app, number, of)).package?.state === 'stored',
    patience,
  )

/** As when the Engine has lost it; nothing uses it any more soon. */
async function loseImage(app: string, number: number, of = berth) {
  const { image, operation } = await show(app, number, of)
  await until(
    `b${number} of ${app} to be lost`,
    async () => {
      await of.engine.images.remove(`${of.cluster}/${app}:${operation}`)
      return !(await of.engine.images.exists(image ?? ''))
    },
    patience,
  )
}

test('a package is stored by its build, and fetched by a rollback where the image is gone', async () => {
  await berth.createApp('blog')
  const first = await deployed('blog', 'one')
  assert.match(await operations.log(first), /-----> Storing the package at http:.*\/packages\//)
  const { image, package: kept } = await show('blog', 1)
  assert.deepEqual([kept?.state, kept?.error], ['stored', null])
  assert.deepEqual(await s3.keys(), [`${berth.cluster}/blog/${image?.slice(7)}.tar.zst`])
  await deployed('blog', 'two')
  await loseImage('blog', 1)
  const rolled = await back('blog', 1)
  await operations.succeeded(rolled)
  assert.match(await operations.log(rolled), /-----> Fetching the package of b1 from http/)
  assert.equal((await berth.get('blog')).body, 'one')
})

test('an image is downloaded whole or not at all, from here and from the storage', async () => {
  await using cli = await cliFor({ BERTH_URL: berth.url, BERTH_TOKEN: berth.token })
  const download = async (build: string) => {
    const { code, stdout, stderr } = await cli.berth(['build', 'download', build, '-a', 'blog'])
    assert.equal(code, 0, stderr)
    assert.match(stdout, new RegExp(`blog-${build}\\.tar is there, \\d+\\.\\d MB`))
    return await output(['tar', '-xOf', join(cli.home, `blog-${build}.tar`), 'manifest.json'])
  }
  const { operation } = await show('blog', 1)
  assert.match(await download('b1'), new RegExp(`"${berth.cluster}/blog:${operation}"`))
  await loseImage('blog', 2)
  assert.match(await download('b2'), /"Layers":/)
  assert.deepEqual((await readdir(cli.home)).filter((name) => name.startsWith('blog')).sort(), [
    'blog-b1.tar',
    'blog-b2.tar',
  ])
  s3.state.cutAfter = 1_000
  const cut = await cli.berth(['build', 'download', 'b2', '-a', 'blog', '-o', 'cut.tar'])
  s3.state.cutAfter = 0
  assert.notEqual(cut.code, 0)
  assert.deepEqual(
    (await readdir(cli.home)).filter((name) => name.startsWith('cut')),
    [],
  )
})

test('a package that is deleted leaves the storage too', async () => {
  const before = (await s3.keys()).length
  await berth.client.call(deleteBuild, { params: { app: 'blog', number: 2 } })
  await until('b2 to leave the storage', async () => (await s3.keys()).length === before - 1, patience)
  await until('its row to go', async () => (await show('blog', 2)).package === null, patience)
  const refused = await operations.ended(await back('blog', 2))
  assert.equal(refused.error?.code, 'IMAGE_GONE')
})

test('a storage that does not work fails no deploy, and gets what it missed when it works', async () => {
  await berth.createApp('full')
  s3.state.full = true
  const operation = await deployed('full', 'while it is full')
  const log = await operations.log(operation)
  assert.match(log, / ! {5}The package is not stored yet: the package storage .* it is full; make room there/)
  assert.match(log, / ! {5}The deploy goes on with the image on this machine; it is tried again/)
  assert.equal((await show('full', 1)).package?.state, 'storing')
  assert.match((await storageOf()).problem ?? '', /it is full/)
  const second = await deployed('full', 'still full')
  assert.match(await operations.log(second), /not stored yet: the storage did not work lately/)
  s3.state.full = false
  assert.equal((await storageOf()).problem, null)
  await isStored('full', 1)
  await isStored('full', 2)
  assert.equal((await storageOf()).storing, 0)
})

test('a server that is killed while it stores leaves no half package, and the deploy goes on', async () => {
  await berth.createApp('killed')
  const [keys, parts, aborted] = [(await s3.keys()).length, s3.parts.length, s3.aborted.length]
  s3.state.held = new Promise(() => undefined)
  const operation = await operations.deploy('killed', quick('alive'))
  await until('a part to be on its way', () => s3.parts.length > parts, patience)
  const upload = [...s3.begun].at(-1)
  await berth.server.kill()
  s3.state.held = undefined
  await berth.server.up()
  await operations.succeeded(operation)
  await isStored('killed', 1)
  assert.equal((await berth.get('killed')).body, 'alive')
  assert.deepEqual(s3.aborted.slice(aborted), [upload])
  assert.equal((await s3.keys()).length, keys + 1)
})

test('an image that serves and is lost is brought back', async () => {
  await berth.createApp('lost')
  await deployed('lost', 'found again')
  await isStored('lost', 1)
  await berth.server.kill()
  for (const name of await operations.services('lost')) await berth.engine.services.remove(name)
  await until(
    'its containers to go',
    async () => {
      const ids = await berth.engine.containers.ids(`${labels.cluster}=${berth.cluster}`, `${labels.app}=lost`)
      return ids.length === 0
    },
    patience,
  )
  const [image] = (await berth.engine.images.list(`${labels.cluster}=${berth.cluster}`, `${labels.app}=lost`)) ?? []
  for (const tag of image?.tags ?? []) await berth.engine.images.remove(tag)
  assert.equal(await berth.engine.images.exists(image?.id ?? ''), false)
  await berth.server.up()
  await until('it to serve', async () => (await berth.get('lost')).body === 'found again', patience)
})

test('packages of an app that is destroyed leave the storage', async () => {
  const ofApp = async (app: string) => (await s3.keys()).filter((key) => key.includes(`/${app}/`)).length
  assert.equal(await ofApp('full'), 2)
  await using cli = await cliFor({ BERTH_URL: berth.url, BERTH_TOKEN: berth.token })
  const { code, stderr } = await cli.berth(['app', 'destroy', '-a', 'full', '--confirm', 'full'])
  assert.equal(code, 0, stderr)
  await until('its packages to go', async () => (await ofApp('full')) === 0, patience)
})

test('the same with a registry of our own', async () => {
  await using registry = await startRegistry()
  await using other = await startBerth({
    BERTH_PACKAGE_STORAGE: 'registry',
    BERTH_PACKAGE_REGISTRY_PORT: String(registry.own.port),
    BERTH_PACKAGE_SECRET_FILE: registry.secretFile,
  })
  const its = operationsOf(other)
  await other.createApp('blog')
  await its.succeeded(await its.deploy('blog', quick('one')))
  await its.succeeded(await its.deploy('blog', quick('two')))
  await isStored('blog', 1, other)
  await loseImage('blog', 1, other)
  await its.succeeded(await back('blog', 1, other))
  assert.equal((await other.get('blog')).body, 'one')
  const { problem, stored } = await other.client.call(packageStorage, {})
  assert.deepEqual([problem, stored], [null, 2])
})
