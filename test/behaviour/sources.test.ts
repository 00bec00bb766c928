import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { retryBuild, showBuild } from '../../src/contract/builds.ts'
import { createHook, listDeliveries } from '../../src/contract/hooks.ts'
import { deploySource, setSource, showSource } from '../../src/contract/sources.ts'
import { output } from '../../src/lib/exec.ts'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { deliveriesOf } from '../harness/deliveries.ts'
import { operationsOf } from '../harness/operations.ts'
import { repositoryHost } from '../harness/repositories.ts'
import { newRepository } from '../harness/repository.ts'
import { until } from '../harness/wait.ts'

let berth: TestBerth
let host: Awaited<ReturnType<typeof repositoryHost>>
let port: number
/** Of a provider on the loopback interface, whom the server trusts. */
let certificates: string

before(async () => {
  certificates = await mkdtemp(join(tmpdir(), 'berth-provider-'))
  const [key, cert] = [join(certificates, 'key.pem'), join(certificates, 'cert.pem')]
  const made = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-keyout', key, '-out', cert]
  await output(['openssl', 'req', ...made, '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'])
  berth = await startBerth({ BERTH_PRIVATE_SOURCES: '127.0.0.0/8', NODE_EXTRA_CA_CERTS: cert })
  host = await repositoryHost()
  port = (await host.gitHttp()).port
})

after(async () => {
  await host?.[Symbol.asyncDispose]()
  await berth?.[Symbol.asyncDispose]()
  await rm(certificates, { recursive: true, force: true })
})

async function project(name: string, files: Record<string, string>) {
  const work = await newRepository(files)
  await host.sh(['git', 'clone', '--quiet', '--bare', work.dir, `${name}.git`])
  await work.git('remote', 'add', 'origin', join(host.dir, `${name}.git`))
  const publish = async (changed: Record<string, string>, message: string) => {
    await work.commit(changed, message)
    await work.git('push', '--quiet', 'origin', 'main')
  }
  return { url: `http://127.0.0.1:${port}/${name}.git`, publish, [Symbol.asyncDispose]: work[Symbol.asyncDispose] }
}

const bodyOf = async (app: string) => (await berth.get(app)).body

test('a repository is fetched, built from its folder, and polled; what is not watched does not deploy', async () => {
  await using shop = await project('shop', { 'web/index.html': 'one', 'docs/a': 'x' })
  await berth.createApp('shop')
  const [params, operations] = [{ app: 'shop' }, operationsOf(berth)]
  await berth.client.call(setSource, { params, body: { url: shop.url, folder: 'web' } })
  const first = await berth.client.call(deploySource, { params, body: {} })
  await operations.succeeded(first)
  assert.match(await bodyOf('shop'), /one/)
  assert.match(await operations.log(first), /Fetching http:.*\n.* First \(folder web\)/)

  await berth.client.call(setSource, { params, body: { pollSeconds: 60 } })
  await shop.publish({ 'docs/a': 'y' }, 'Docs only')
  const head = (await host.sh(['git', '-C', 'shop.git', 'rev-parse', 'main'])).trim()
  await berth.client.call(setSource, { params, body: { pollSeconds: 61 } })
  await until('the poll to see it', async () => {
    const { repository } = await berth.client.call(showSource, { params })
    return repository?.revision === head
  })
  assert.equal((await operations.all('shop')).length, 1)

  await shop.publish({ 'web/index.html': 'two' }, 'Second page')
  await berth.client.call(setSource, { params, body: { pollSeconds: 60 } })
  await until('the poll to deploy', async () => /two/.test(await bodyOf('shop')), 60_000)
  const [newest] = await operations.all('shop')
  assert.equal(newest?.author, 'poll')

  const again = await berth.client.call(retryBuild, { params: { app: 'shop', number: 1 } })
  await operations.succeeded(again)
  assert.match(await bodyOf('shop'), /one/)
  assert.match(await operations.log(again), /the source of b1 is no longer kept: taking its commit/)
  const { source, message } = await berth.client.call(showBuild, { params: { app: 'shop', number: 3 } })
  assert.deepEqual([source, message], ['source of b1', 'First'])
})

test('a webhook deploys what is newest, and the provider hears how it went', async () => {
  await using blog = await project('blog', { 'index.html': 'one' })
  const told: { state: string; url: string }[] = []
  const [key, cert] = await Promise.all(['key.pem', 'cert.pem'].map((name) => readFile(join(certificates, name))))
  const provider = createServer({ key, cert }, async (request, response) => {
    const { state } = JSON.parse(await text(request)) as { state: string }
    told.push({ state, url: request.url ?? '' })
    response.writeHead(201).end()
  }).listen(0, '127.0.0.1')
  await once(provider, 'listening')
  provider.unref()
  await berth.createApp('blog')
  const [params, operations] = [{ app: 'blog' }, operationsOf(berth)]
  await berth.client.call(setSource, { params, body: { url: blog.url, ref: 'main' } })
  const apiUrl = `https://127.0.0.1:${(provider.address() as AddressInfo).port}`
  const hook = await berth.client.call(createHook, { params, body: { provider: 'github', token: 'word', apiUrl } })
  const { headers, body } = deliveriesOf.github({ url: blog.url }, hook.secret)
  const answer = await fetch(`${berth.url}/api/v1/hooks/${hook.id}`, { method: 'POST', headers, body })
  assert.equal(answer.status, 200)
  await operations.succeeded((await operations.all('blog'))[0] ?? null)
  assert.match(await bodyOf('blog'), /one/)
  await until('the provider to be told', () => told.some(({ state }) => state === 'success'))
  assert.equal(told.at(-1)?.url, `/repos/ada/blog/statuses/${'a'.repeat(40)}`)
  const [delivery] = await berth.client.call(listDeliveries, { params: { ...params, hook: hook.id }, query: {} })
  assert.equal(delivery?.outcome, 'deployed')
  provider.close()
  provider.closeAllConnections()
})

test('a repository that cannot be fetched says why, in the deploy and in the source', async () => {
  await berth.createApp('lost')
  const params = { app: 'lost' }
  const url = `http://127.0.0.1:${port}/nowhere.git`
  await berth.client.call(setSource, { params, body: { url, pollSeconds: 60 } })
  const source = await until('the poll to fail', async () => {
    const { repository } = await berth.client.call(showSource, { params })
    return repository?.error ? repository : false
  })
  assert.match(source.error ?? '', /cannot fetch http:.*not found/)
  const operations = operationsOf(berth)
  const ended = await operations.ended(await berth.client.call(deploySource, { params, body: {} }))
  assert.equal(ended.error?.code, 'FETCH_FAILED')
})

test('addresses that are not allowed are refused at once', async () => {
  await berth.createApp('inner')
  const set = (url: string) => berth.client.call(setSource, { params: { app: 'inner' }, body: { url } })
  await assert.rejects(set('https://169.254.169.254/latest'), { code: 'INVALID', message: /inside this network/ })
  await assert.rejects(set('ext::sh -c id'), { code: 'INVALID' })
  await assert.rejects(set('http://ada:word@127.0.0.1/x'), { code: 'INVALID', message: /https/ })
})
