import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openEngine } from '../../src/engine/engine.ts'
import { output } from '../../src/lib/exec.ts'
import { ownRegistry } from '../../src/server/packages/ownRegistry.ts'
import { registryStorage } from '../../src/server/packages/registry.ts'
import { type RegistryAccount, registryApi } from '../../src/server/packages/registryApi.ts'
import { s3Storage } from '../../src/server/packages/s3.ts'
import type { PackageImage, Storage } from '../../src/server/packages/storage.ts'
import { randomName } from '../harness/docker.ts'
import { startRegistry } from '../harness/packageRegistry.ts'
import { startS3 } from '../harness/s3.ts'
import { startTokenRegistry } from '../harness/tokenRegistry.ts'

const engine = openEngine('/var/run/docker.sock')
const signal = AbortSignal.timeout(300_000)
const timeout = 300_000

/** An image of that many bytes that cannot be packed, gone afterwards. */
async function newImage(cluster: string, bytes: number) {
  const dir = await mkdtemp(join(tmpdir(), 'berth-image-'))
  await writeFile(join(dir, 'content'), randomBytes(bytes))
  await output(['tar', '-C', dir, '-cf', join(dir, 'root.tar'), 'content'])
  const [repository, tag] = [`${cluster}/blog`, randomName()]
  const id = await output(['/usr/bin/docker', 'import', join(dir, 'root.tar'), `${repository}:${tag}`])
  await rm(dir, { recursive: true })
  const image: PackageImage = { app: 'blog', image: id.trim(), repository, tag }
  return {
    image,
    forget: () => engine.images.remove(`${repository}:${tag}`),
    [Symbol.asyncDispose]: async () => void (await engine.images.remove(`${repository}:${tag}`)),
  }
}

/** Put, lost here, fetched again: the same image under the same name. Gives what the storage says that it keeps. */
async function thereAndBack(storage: Storage, made: Awaited<ReturnType<typeof newImage>>) {
  const { image } = made
  const reference = storage.reference(image)
  const marks: string[] = []
  const put = { reference, left: null, signal, mark: async (text: string) => void marks.push(text) }
  const kept = await storage.put(image, put)
  assert.deepEqual(await storage.put(image, put), kept, 'putting it again is the same')
  await made.forget()
  assert.equal(await engine.images.exists(image.image), false)
  const stored = { reference, digest: kept.digest, mark: null }
  await storage.get(image, stored, signal)
  assert.equal(await engine.images.exists(image.image), true)
  assert.equal(await engine.images.exists(`${image.repository}:${image.tag}`), true)
  return { stored, kept, marks }
}

/** What the registry itself has; the Engine remembers for a while what it has pulled. */
function registered(account: RegistryAccount, { reference }: { readonly reference: string }) {
  const [, repository = '', tag = ''] = /^[^/]*\/(.*):(.*)$/.exec(reference) ?? []
  return registryApi(account).digest(repository, tag)
}

test('a registry keeps a package, gives it back, and forgets it; its garbage is collected', { timeout }, async () => {
  await using registry = await startRegistry()
  const cluster = randomName()
  const plain = registryStorage({
    engine,
    cluster,
    server: registry.server,
    folder: '',
    user: 'berth',
    password: registry.secret,
  })
  const storage = ownRegistry(plain, { dir: registry.own.dir, restMs: 0 })
  await storage.check()
  await using made = await newImage(cluster, 1_000_000)
  const { stored, kept } = await thereAndBack(storage, made)
  const its = { server: registry.server, user: 'berth', password: registry.secret }
  assert.equal(await registered(its, stored), kept.digest)
  assert.match(kept.digest ?? '', /^sha256:/)
  await using other = await newImage(cluster, 10_000)
  await thereAndBack(storage, other)
  const before = await registry.size()
  await made.forget()
  await storage.remove(stored)
  await storage.remove(stored)
  assert.equal(await registered(its, stored), undefined)
  const first = registry.pid()
  await storage.tidy?.(signal)
  assert.notEqual(registry.pid(), first)
  assert.ok((await registry.size()) < before - 900_000, 'its layers are still on the disk')
  await thereAndBack(storage, other)
})

test('a registry that does not know us, or is not there, says so', { timeout }, async () => {
  await using registry = await startRegistry()
  const cluster = randomName()
  await using made = await newImage(cluster, 1_000)
  const common = { engine, cluster, server: registry.server, folder: '', user: 'berth' }
  const stranger = registryStorage({ ...common, password: async () => 'wrong' })
  const put = { reference: stranger.reference(made.image), left: null, signal, mark: async () => undefined }
  await assert.rejects(
    stranger.check(),
    /package registry 127.* it does not accept the user and password; see package_user/,
  )
  await assert.rejects(stranger.put(made.image, put), /it does not accept the user and password/)
  const away = registryStorage({ ...common, server: '127.0.0.1:9', password: registry.secret })
  await assert.rejects(away.check(), /no answer from http:\/\/127\.0\.0\.1:9/)
  const there = await engine.images.exists(made.image.image)
  assert.equal(there, true, 'what could not be put is still here')
})

test('a registry that gives its tokens out elsewhere keeps a package, and forgets it', { timeout }, async () => {
  await using registry = await startTokenRegistry({ user: 'ada', password: 'right' })
  const cluster = randomName()
  const common = { engine, cluster, server: registry.server, folder: 'of/ada', user: 'ada' }
  const storage = registryStorage({ ...common, password: async () => 'right' })
  await storage.check()
  await using made = await newImage(cluster, 1_000)
  const { stored } = await thereAndBack(storage, made)
  await storage.remove(stored)
  assert.ok(registry.asked.includes(`repository:of/ada/${cluster}/blog:delete,pull,push`))
  assert.equal(await registered({ ...common, password: async () => 'right' }, stored), undefined)
  const stranger = registryStorage({ ...common, password: async () => 'wrong' })
  await assert.rejects(stranger.check(), /it does not accept the user and password/)
})

test('S3 keeps a package in parts, gives it back though connections break, and forgets it', { timeout }, async () => {
  await using s3 = await startS3()
  const cluster = randomName()
  const storage = s3Storage({ ...s3.place, engine, cluster, folder: 'from/berth' })
  await storage.check()
  assert.deepEqual(await s3.keys(), [])
  await using made = await newImage(cluster, 20_000_000)
  s3.state.cutAfter = 7_000_000
  const { stored, kept, marks } = await thereAndBack(storage, made)
  assert.deepEqual(await s3.keys(), [`from/berth/${cluster}/blog/${made.image.image.slice(7)}.tar.zst`])
  assert.equal(s3.parts.length, 3)
  assert.equal(marks.length, 1)
  assert.ok((kept.bytes ?? 0) > 19_000_000)
  await storage.remove({ ...stored, mark: 'left' })
  await storage.remove(stored)
  assert.deepEqual(await s3.keys(), [])
  assert.deepEqual(s3.aborted, ['left'])
  await assert.rejects(storage.get(made.image, stored, signal), /the package is no longer there/)
})

test('S3 that is full, has no such bucket, or does not know us, says so', { timeout }, async () => {
  await using s3 = await startS3()
  const cluster = randomName()
  await using made = await newImage(cluster, 1_000)
  const common = { ...s3.place, engine, cluster, folder: '' }
  const putTo = async (storage: Storage) =>
    await storage.put(made.image, {
      reference: storage.reference(made.image),
      left: null,
      signal,
      mark: async () => undefined,
    })
  await assert.rejects(putTo(s3Storage({ ...common, bucket: 'none' })), /there is no bucket "none"; make it/)
  await assert.rejects(
    putTo(s3Storage({ ...common, user: 'nobody' })),
    /does not know the access key; see package_user/,
  )
  await assert.rejects(putTo(s3Storage({ ...common, secret: async () => 'wrong' })), /the secret key is wrong; see/)
  s3.state.full = true
  await assert.rejects(putTo(s3Storage(common)), /it is full; make room there/)
  await assert.rejects(s3Storage(common).check(), /it is full/)
  s3.state.full = false
  await putTo(s3Storage(common))
})

test('an upload to S3 that is called off leaves nothing there', { timeout }, async () => {
  await using s3 = await startS3()
  const cluster = randomName()
  await using made = await newImage(cluster, 20_000_000)
  const storage = s3Storage({ ...s3.place, engine, cluster, folder: '' })
  const off = new AbortController()
  s3.state.held = new Promise(() => undefined)
  const put = {
    reference: storage.reference(made.image),
    left: null,
    signal: off.signal,
    mark: async () => off.abort(),
  }
  await assert.rejects(storage.put(made.image, put))
  assert.deepEqual(s3.aborted, [...s3.begun])
  assert.deepEqual(await s3.keys(), [])
})
