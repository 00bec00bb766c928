import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import test, { after, before } from 'node:test'
import { listBuilds, showBuild } from '../../src/contract/builds.ts'
import { listReleases } from '../../src/contract/releases.ts'
import { deploySource, setSource } from '../../src/contract/sources.ts'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { operationsOf } from '../harness/operations.ts'
import { repositoryHost } from '../harness/repositories.ts'
import { newRepository } from '../harness/repository.ts'
import { startS3, type TestS3 } from '../harness/s3.ts'
import { site } from '../harness/site.ts'
import { until } from '../harness/wait.ts'

type Asked = { readonly id: string }

let s3: TestS3
let host: Awaited<ReturnType<typeof repositoryHost>>
let berth: TestBerth
let operations: ReturnType<typeof operationsOf>
before(async () => {
  s3 = await startS3()
  host = await repositoryHost()
  berth = await startBerth({ ...s3.env, BERTH_BUILDS: '1', BERTH_PRIVATE_SOURCES: '127.0.0.0/8' })
  operations = operationsOf(berth)
})
after(async () => {
  await berth?.[Symbol.asyncDispose]()
  await host?.[Symbol.asyncDispose]()
  await s3?.[Symbol.asyncDispose]()
})

const listed = (app: string) => berth.client.call(listBuilds, { params: { app }, query: {} })
const isIn = (app: string, state: string) =>
  until(`the build of ${app} to be ${state}`, async () => (await listed(app))[0]?.state === state, 60_000)
const says = (operation: Asked, words: string) =>
  until(words, async () => (await operations.log(operation)).includes(words), 60_000)
const building = (text: string) => site({ text, definition: 'build:\n  command: echo under way; sleep 3\n' })

type Step = {
  /** Asks for a deploy of an app that answers with its name, and comes back when it is at the step. */
  readonly reach: (app: string) => Promise<Asked>
  /** What held it there. */
  readonly letGo?: () => void
  readonly attempts: number
}

/** Of whoever is fetched from at the moment. */
let holdFetch: (held: boolean) => void = () => undefined

const steps: Readonly<Record<string, Step>> = {
  waits: {
    async reach(app) {
      await berth.createApp('before')
      await operations.deploy('before', building('before'))
      await isIn('before', 'running')
      const operation = await operations.deploy(app, site({ text: app }))
      await isIn(app, 'queued')
      return operation
    },
    attempts: 1,
  },
  fetches: {
    async reach(app) {
      await using work = await newRepository(site({ text: app }))
      await host.sh(['git', 'clone', '--quiet', '--bare', work.dir, `${app}.git`])
      const { port, seen, hold } = await host.gitHttp()
      holdFetch = hold
      holdFetch(true)
      const params = { app }
      await berth.client.call(setSource, { params, body: { url: `http://127.0.0.1:${port}/${app}.git`, ref: 'main' } })
      const operation = await berth.client.call(deploySource, { params, body: {} })
      await until('the fetch to begin', () => seen.length > 0, 60_000)
      await isIn(app, 'running')
      return operation
    },
    letGo: () => holdFetch(false),
    attempts: 2,
  },
  builds: {
    async reach(app) {
      const operation = await operations.deploy(app, building(app))
      await says(operation, 'under way')
      return operation
    },
    attempts: 2,
  },
  stores: {
    async reach(app) {
      s3.state.held = new Promise(() => undefined)
      const before = s3.parts.length
      const operation = await operations.deploy(app, site({ text: app }))
      await until('the package to be sent', () => s3.parts.length > before, 60_000)
      assert.equal((await listed(app))[0]?.state, 'running')
      return operation
    },
    letGo: () => {
      s3.state.held = undefined
    },
    attempts: 2,
  },
  releases: {
    async reach(app) {
      const operation = await operations.deploy(app, site({ text: app, definition: 'release: sleep 2\n' }))
      await isIn(app, 'succeeded')
      return operation
    },
    attempts: 1,
  },
}

for (const [step, { reach, letGo, attempts }] of Object.entries(steps)) {
  test(`the server is killed while a build ${step}: it is built, and released once`, { timeout: 300_000 }, async () => {
    await berth.createApp(step)
    const operation = await reach(step)
    await berth.server.kill('SIGKILL')
    letGo?.()
    await berth.server.up()
    await operations.succeeded(operation)
    assert.equal((await berth.get(step)).body, step)
    const builds = await listed(step)
    assert.deepEqual(
      builds.map(({ number, state, live }) => [number, state, live]),
      [[1, 'succeeded', true]],
    )
    const build = await berth.client.call(showBuild, { params: { app: step, number: 1 } })
    assert.deepEqual([build.attempts, build.releases, build.error], [attempts, [1], null])
    const releases = await berth.client.call(listReleases, { params: { app: step }, query: {} })
    assert.equal(releases.length, 1)
  })
}

test('and nothing of them is left under way', async () => {
  for (const app of [...Object.keys(steps), 'before']) {
    await until(`${app} to be at rest`, async () => (await berth.settled(app))?.state === 'succeeded', 60_000)
    assert.deepEqual(
      (await listed(app)).map(({ state }) => state),
      ['succeeded'],
    )
    const stored = async () => (await berth.client.call(showBuild, { params: { app, number: 1 } })).package?.state
    await until(`the package of ${app} to be stored`, async () => (await stored()) === 'stored', 180_000)
  }
  await until('sources to go', async () => (await readdir(join(berth.dir, 'data/builds'))).length === 0, 60_000)
})
