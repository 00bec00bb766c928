import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { destroyApp } from '../../src/contract/apps.ts'
import { changeEnv } from '../../src/contract/env.ts'
import { createHook, listDeliveries } from '../../src/contract/hooks.ts'
import { addToPipeline, cloneApp, createPipeline, promote } from '../../src/contract/pipelines.ts'
import { approvePreview, createPreview, listPreviews, setPreviewRules } from '../../src/contract/previews.ts'
import { listReleases, restart, rollback } from '../../src/contract/releases.ts'
import { deploySource, setSource } from '../../src/contract/sources.ts'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { operationsOf } from '../harness/operations.ts'
import { pullsOf } from '../harness/pulls.ts'
import { repositoryHost } from '../harness/repositories.ts'
import { newRepository } from '../harness/repository.ts'
import { site } from '../harness/site.ts'
import { until } from '../harness/wait.ts'

let berth: TestBerth
let operations: ReturnType<typeof operationsOf>
let host: Awaited<ReturnType<typeof repositoryHost>>
before(async () => {
  berth = await startBerth({ BERTH_PRIVATE_SOURCES: '127.0.0.0/8' })
  operations = operationsOf(berth)
  host = await repositoryHost()
})
after(async () => {
  await host?.[Symbol.asyncDispose]()
  await berth?.[Symbol.asyncDispose]()
})

const bodyOf = async (app: string) => (await berth.get(app)).body
const greet = async (app: string, value: string, secret = false) =>
  (
    await berth.client.call(changeEnv, {
      params: { app },
      body: { set: { [secret ? 'KEY' : 'GREETING']: { value, secret } } },
    })
  ).operation
const imageOf = async (app: string) =>
  (await berth.client.call(listReleases, { params: { app }, query: {} })).find(({ state }) => state === 'live')?.image
const isGone = (app: string) =>
  until(`${app} to be gone`, async () => {
    const all = await berth.client.call(listPreviews, { params: { app: 'blog' } }).catch(() => [])
    return !all.some(({ name }) => name === app) && (await operations.containers(app)).length === 0
  })

test('a clone runs the image of its origin, which is promoted to it, and stays when its origin is destroyed', async () => {
  await berth.createApp('staging')
  await greet('staging', 'from staging')
  await operations.succeeded(await operations.deploy('staging', site({ text: 'env:GREETING' })))
  const clone = await berth.client.call(cloneApp, { params: { app: 'staging' }, body: { name: 'shop' } })
  await operations.succeeded(clone.operation)
  assert.match(await operations.log({ id: clone.operation?.id ?? '' }), /Taking the image of v1 of staging/)
  assert.deepEqual([await bodyOf('shop'), await imageOf('shop')], ['from staging', await imageOf('staging')])
  await operations.succeeded(await greet('shop', 'from the shop'))

  await operations.succeeded(await operations.deploy('staging', { ...site({ text: 'env:GREETING' }), new: 'file' }))
  await berth.client.call(createPipeline, { body: { name: 'line' } })
  for (const [app, stage] of [
    ['staging', 'staging'],
    ['shop', 'production'],
  ] as const)
    await berth.client.call(addToPipeline, { params: { pipeline: 'line' }, body: { app, stage } })
  const [promoted] = await berth.client.call(promote, { params: { app: 'staging' }, body: {} })
  assert.ok(promoted?.operation)
  await operations.succeeded(promoted.operation)
  const image = await imageOf('staging')
  assert.deepEqual([await bodyOf('shop'), await imageOf('shop'), promoted.image], ['from the shop', image, image])

  await operations.succeeded(
    await berth.client.call(destroyApp, { params: { app: 'staging' }, body: { confirm: 'staging' } }),
  )
  await operations.succeeded(await berth.client.call(restart, { params: { app: 'shop' }, body: {} }))
  await operations.succeeded(await berth.client.call(rollback, { params: { app: 'shop' }, body: { to: 1 } }))
  assert.equal(await bodyOf('shop'), 'from staging')
})

test('a pushed branch has a URL of its own until the branch is deleted', async () => {
  await berth.createApp('blog')
  await greet('blog', 'shared')
  await greet('blog', 'never here', true)
  await berth.client.call(setPreviewRules, { params: { app: 'blog' }, body: { branches: ['*'] } })
  const app = { environments: { review: { env: { GREETING: 'reviewed' } } } }
  await using work = await newRepository(site({ text: 'env:KEY' }))
  const pushed = await berth.push(work, 'blog', 'main', 'main:dev')
  assert.equal(pushed.code, 0, pushed.stderr)
  assert.match(pushed.stderr, /Preview of dev: http:\/\/blog-dev\.test\.localhost:\d+/)
  assert.equal((await berth.settled('blog-dev')).state, 'succeeded')
  assert.deepEqual([await bodyOf('blog'), await bodyOf('blog-dev')], ['never here', '(unset)'])
  await work.commit(site({ text: 'env:GREETING' }), 'Greet')
  await berth.push(work, 'blog', 'main:dev')
  await berth.settled('blog-dev')
  assert.equal(await bodyOf('blog-dev'), 'shared')
  const again = await berth.client.call(createPreview, { params: { app: 'blog' }, body: { branch: 'dev' } })
  await operations.succeeded(again.operation)
  await work.commit({ 'app.json': JSON.stringify(app) }, 'Say what previews have')
  await berth.push(work, 'blog', 'main:review')
  await berth.settled('blog-review')
  assert.equal(await bodyOf('blog-review'), 'reviewed')
  assert.equal((await berth.push(work, 'blog', ':dev')).code, 0)
  await isGone('blog-dev')
})

test('a pull request from another repository is built when it is approved, and destroyed when it is closed', async () => {
  await using work = await newRepository(site({ text: 'main' }))
  await host.sh(['git', 'clone', '--quiet', '--bare', work.dir, 'forked.git'])
  await host.sh(['git', '-C', 'forked.git', 'config', 'uploadpack.allowAnySHA1InWant', 'true'])
  const url = `http://127.0.0.1:${(await host.gitHttp()).port}/forked.git`
  const params = { app: 'forked' }
  await berth.createApp('forked')
  await berth.client.call(setSource, { params, body: { url, ref: 'main' } })
  await operations.succeeded(await berth.client.call(deploySource, { params, body: {} }))
  await berth.client.call(setPreviewRules, { params, body: { pulls: true } })
  const hook = await berth.client.call(createHook, { params, body: { provider: 'github' } })
  const commit = await work.commit(site({ text: 'theirs' }), 'Theirs')
  await work.git('push', '--quiet', join(host.dir, 'forked.git'), 'HEAD:refs/pull/7/head')
  const send = async (act: 'open' | 'close') => {
    const { headers, body } = pullsOf.github({ url, act, commit, fork: 'eve/blog' }, hook.secret)
    await fetch(`${berth.url}/api/v1/hooks/${hook.id}`, { method: 'POST', headers, body })
    const [newest] = await berth.client.call(listDeliveries, { params: { ...params, hook: hook.id }, query: {} })
    return newest
  }
  const opened = await send('open')
  assert.equal(opened?.outcome, 'waits')
  assert.match(opened.reason, /is not built until an admin of the team has looked at/)
  const preview = 'forked-pr-7'
  assert.notEqual((await berth.get(preview)).status, 200)
  const approved = await berth.client.call(approvePreview, { params: { ...params, preview }, body: { commit } })
  await operations.succeeded(approved.operation)
  assert.deepEqual([await bodyOf(preview), await bodyOf('forked')], ['theirs', 'main'])
  assert.equal((await send('close'))?.outcome, 'removed')
  await until(
    'its app to be gone',
    async () => (await berth.showApp(preview).catch(({ code }) => code)) === 'NOT_FOUND',
  )
})
