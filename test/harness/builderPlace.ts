import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEngine } from '../../src/engine/engine.ts'
import { defaultHealth } from '../../src/model/health.ts'
import { appName, label } from '../../src/model/names.ts'
import type { Built } from '../../src/model/release.ts'
import { fetchWith, noFetchers } from '../../src/server/builds/fetch.ts'
import { keptSources } from '../../src/server/builds/keptSources.ts'
import type { BuilderParts, BuildOrder } from '../../src/server/builds/parts.ts'
import { runBuilds } from '../../src/server/builds/queue.ts'
import { OperationLogs } from '../../src/server/logs/operationLogs.ts'
import { createApp } from '../../src/server/store/apps.ts'
import { type BuildRow, buildById, ensureBuild } from '../../src/server/store/builds.ts'
import { cipherAt } from '../../src/server/store/cipher.ts'
import { enterPhase, operationById, requestCancel, requestOperation } from '../../src/server/store/operations.ts'
import { createTeam } from '../../src/server/store/people.ts'
import { openStore } from '../../src/server/store/store.ts'
import { until } from './wait.ts'

export type BuilderPlace = Awaited<ReturnType<typeof builderPlace>>

const formation = { processes: [], port: 80, health: defaultHealth, stopGraceMs: 1, drainMs: 1, scale: {}, env: {} }
export const result: Built = { image: 'sha256:x', recipe: 'test', formation, generated: {}, required: [] }

/** A real store, log and queue; what would reach Docker is played by the test, and so is the Engine. */
export async function builderPlace(changes: Partial<Pick<BuilderParts, 'queue' | 'times'>> = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'berth-builder-'))
  const cipher = cipherAt(join(dir, 'key'), { mayCreate: true })
  const store = await openStore(join(dir, 'db.sqlite'), cipher)
  const operationLogs = new OperationLogs(join(dir, 'logs'))
  const engine = await playEngine(join(dir, 'docker.sock'))
  const sourceOf = (id: string) => join(dir, 'builds', id, 'source.tar')
  const kept = keptSources(join(dir, 'sources'))
  const play = {
    build: async (_: BuildOrder): Promise<Built> => result,
    store: async (_: AbortSignal): Promise<void> => undefined,
  }
  const parts: BuilderParts = {
    store,
    engine: openEngine(join(dir, 'docker.sock')),
    domain: 'test.localhost',
    operationLogs,
    sourceOf,
    keptSources: kept,
    fetchSource: fetchWith(noFetchers, kept),
    build: (order) => play.build(order),
    storePackage: async ({ signal }) => {
      await play.store(signal)
      return { bytes: 1_000 }
    },
    queue: { total: 2, perTeam: 2 },
    times: { leaseMs: 60_000, fetchMs: 60_000, storeMs: 60_000, engineMs: 20_000 },
    ...changes,
  }
  const builders: { stop: () => Promise<void> }[] = []
  let count = 0

  async function newApp(team = `team${++count}`) {
    return await store.write('apps', async (tx) => {
      const found = await tx.selectFrom('teams').select('id').where('name', '=', team).executeTakeFirst()
      const teamId = found?.id ?? (await createTeam(tx, label('team', team)))
      return await createApp(tx, appName(`app${++count}`), teamId)
    })
  }

  const operationOf = (id: string) => store.read((tx) => operationById(tx, id))
  const row = async ({ id }: { id: string }): Promise<BuildRow> => {
    const found = await store.read((tx) => buildById(tx, id))
    if (!found) throw new Error('no such build')
    return found
  }
  return {
    dir,
    store,
    play,
    engine,
    kept,
    sourceOf,
    newApp,
    /** Of the app that the build is of. */
    appNameOf: async ({ app_id }: BuildRow) =>
      (await store.read((tx) => tx.selectFrom('apps').select('name').where('id', '=', app_id).executeTakeFirst()))
        ?.name,
    row,
    /** A deploy whose build is in the queue. */
    async queued(app: Awaited<ReturnType<typeof newApp>>): Promise<BuildRow> {
      const source = { kind: 'upload' } as const
      const { build, operation } = await store.write(['operations', 'builds'], async (tx) => {
        const operation = await requestOperation(tx, app, { kind: 'deploy', source, commit: null, message: 'x' }, 'ada')
        await enterPhase(tx, operation, 'building')
        const found = { source, revision: null, author: null, message: 'x', changelog: [] }
        return { build: await ensureBuild(tx, operation, found), operation }
      })
      await mkdir(join(dir, 'builds', operation.id), { recursive: true })
      await writeFile(sourceOf(operation.id), `source of ${operation.id}`)
      return build
    },
    async cancel({ operation_id }: BuildRow) {
      const operation = await operationOf(operation_id)
      if (operation) await store.write('operations', (tx) => requestCancel(tx, operation, 'max'))
    },
    /** Begins a builder, as a server does. `die` leaves its work behind as a kill would. */
    begin() {
      const over = new AbortController()
      const dead = { is: false }
      const write: typeof store.write = (topics, work) =>
        dead.is ? new Promise(() => undefined) : store.write(topics, work)
      const done = runBuilds({ ...parts, store: { ...store, write } }, over.signal)
      const stop = async () => {
        over.abort()
        if (!dead.is) await done
      }
      builders.push({ stop })
      return {
        stop,
        die() {
          dead.is = true
          over.abort()
        },
      }
    },
    over: (build: BuildRow) =>
      until(`build ${build.number} to be over`, async () => {
        const now = await row(build)
        return now.finished_at !== null && now
      }),
    inState: (build: BuildRow, state: BuildRow['state']) =>
      until(`build ${build.number} to be ${state}`, async () => (await row(build)).state === state),
    log: ({ operation_id }: BuildRow) => operationLogs.read(operation_id),
    async [Symbol.asyncDispose]() {
      for (const { stop } of builders) await stop()
      await kept[Symbol.asyncDispose]()
      await engine.stop()
      await operationLogs[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Holds streams of events open, and says its version. */
async function playEngine(path: string) {
  const streams = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    if (!request.url?.includes('/events')) return void response.end('{}')
    response.flushHeaders()
    streams.add(response)
    response.on('close', () => streams.delete(response))
  })
  const start = async () => {
    server.listen(path)
    await once(server, 'listening')
  }
  const stop = async () => {
    server.closeAllConnections()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  }
  await start()
  return { start, stop }
}
