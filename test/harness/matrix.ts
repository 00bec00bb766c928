import assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pack } from '../../src/cli/pack.ts'
import type { Upload } from '../../src/client/client.ts'
import { listBuilds, retryBuild } from '../../src/contract/builds.ts'
import { deploy, deployImageFile } from '../../src/contract/deploys.ts'
import { changeEnv } from '../../src/contract/env.ts'
import { deployMetadata, setMetadata } from '../../src/contract/metadata.ts'
import { listReleases, rollback } from '../../src/contract/releases.ts'
import { createRun } from '../../src/contract/runs.ts'
import { deploySource, setSource } from '../../src/contract/sources.ts'
import { output } from '../../src/lib/exec.ts'
import { startBerth } from './berth.ts'
import { browse } from './browser.ts'
import { startMariadb } from './mariadb.ts'
import { operationsOf } from './operations.ts'
import { repositoryHost } from './repositories.ts'
import type { newRepository } from './repository.ts'

type Repository = Awaited<ReturnType<typeof newRepository>>

/** One installation, one database server and one host of repositories, for applications that come in all ways. */
export async function deployPlace(...databases: readonly [string, ...string[]]) {
  await using undo = new AsyncDisposableStack()
  const berth = undo.use(await startBerth({ BERTH_PRIVATE_SOURCES: '127.0.0.0/8' }))
  const host = undo.use(await repositoryHost())
  const { port } = await host.gitHttp()
  const database = undo.use(await startMariadb(...databases))
  const dir = await mkdtemp(join(tmpdir(), 'berth-matrix-'))
  undo.defer(() => rm(dir, { recursive: true, force: true }))
  const operations = operationsOf(berth)
  const { client } = berth

  async function upload(app: string, type: Upload['type'], bytes: Upload['bytes']) {
    await operations.succeeded(await client.upload(deploy, { params: { app }, query: {} }, { type, bytes }))
  }

  const ways = {
    async 'git push'(app: string, repository: Repository) {
      const { code, stderr } = await berth.push(repository, app)
      assert.equal(code, 0, stderr)
    },
    /** As `berth deploy` does. */
    async folder(app: string, { dir: folder }: Repository) {
      await upload(app, 'application/gzip', await pack(folder))
    },
    async 'zip file'(app: string, { git }: Repository) {
      const zip = join(dir, `${app}.zip`)
      await git('archive', '--format=zip', '-0', '--output', zip, 'HEAD')
      await upload(app, 'application/zip', createReadStream(zip))
    },
    async repository(app: string, { dir: folder }: Repository) {
      // Of a large tree, looking for similar files would take longer than all else.
      await host.sh(['git', 'clone', '--quiet', '--config=pack.window=0', '--bare', folder, `${app}.git`])
      await client.call(setSource, { params: { app }, body: { url: `http://127.0.0.1:${port}/${app}.git` } })
      await operations.succeeded(await client.call(deploySource, { params: { app }, body: {} }))
    },
    /** The image of the newest release, as `docker save` writes it. */
    async 'image file'(app: string) {
      const file = join(dir, `${app}.tar`)
      const [newest] = await client.call(listReleases, { params: { app }, query: { limit: 1 } })
      await output(['/usr/bin/docker', 'save', '--output', file, newest?.image ?? ''])
      const bytes = createReadStream(file)
      const sent = await client.upload(deployImageFile, { params: { app } }, { type: 'application/x-tar', bytes })
      await operations.succeeded(sent)
    },
  }
  const kept = undo.move()
  return {
    berth,
    database,
    operations,
    ways,
    site: (app: string) => browse(berth.target(app)),
    async metadata(app: string, text: string) {
      await client.call(setMetadata, { params: { app }, body: { text } })
      await operations.succeeded(await client.call(deployMetadata, { params: { app }, body: {} }))
    },
    async setEnv(app: string, values: Record<string, string>) {
      const set = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]))
      await client.call(changeEnv, { params: { app }, query: {}, body: { set } })
    },
    async run(app: string, command: readonly string[]) {
      await operations.succeeded(await client.call(createRun, { params: { app }, body: { command: [...command] } }))
    },
    /** Of the newest build, from its kept source. */
    async rebuild(app: string) {
      const [{ number } = { number: 0 }] = await client.call(listBuilds, { params: { app }, query: { limit: 1 } })
      await operations.succeeded(await client.call(retryBuild, { params: { app, number } }))
    },
    async rollback(app: string) {
      await operations.succeeded(await client.call(rollback, { params: { app }, body: {} }))
    },
    /** The log of its newest operation. */
    async log(app: string) {
      const [newest] = await operations.all(app)
      return newest ? await operations.log(newest) : ''
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

export type DeployPlace = Awaited<ReturnType<typeof deployPlace>>
