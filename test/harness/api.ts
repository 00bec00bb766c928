import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { basePath } from '../../src/contract/endpoint.ts'
import { attempts } from '../../src/lib/attempts.ts'
import { defaultHealth } from '../../src/model/health.ts'
import { appName, hostName, label } from '../../src/model/names.ts'
import type { Formation } from '../../src/model/release.ts'
import { runtimesIn } from '../../src/runtime/known.ts'
import { hookDoor } from '../../src/server/hooks/door.ts'
import type { ApiContext, Runs } from '../../src/server/http/context.ts'
import { listen } from '../../src/server/http/listen.ts'
import { AppLogs } from '../../src/server/logs/appLogs.ts'
import { OperationLogs } from '../../src/server/logs/operationLogs.ts'
import type { OperationRow } from '../../src/server/store/access.ts'
import { addDomain, createApp } from '../../src/server/store/apps.ts'
import { noteSteps, succeedBuild, takeBuild } from '../../src/server/store/buildQueue.ts'
import { ensureBuild } from '../../src/server/store/builds.ts'
import { cipherAt } from '../../src/server/store/cipher.ts'
import { replaceVariables } from '../../src/server/store/env.ts'
import { endOperation, requestOperation } from '../../src/server/store/operations.ts'
import { createTeam, createToken, createUser, hashPassword, setMember } from '../../src/server/store/people.ts'
import { createRelease, makeLive } from '../../src/server/store/releases.ts'
import { openStore, type WriteTx } from '../../src/server/store/store.ts'
import { stacksIn } from '../../src/stack/known.ts'

export type Role = 'stranger' | 'member' | 'admin' | 'operator'
export const roles: readonly Role[] = ['stranger', 'member', 'admin', 'operator']
export const password = 'correct horse battery'

export type Asked = {
  readonly token?: string
  readonly body?: unknown
  /** A body as it is. */
  readonly raw?: string | Uint8Array<ArrayBuffer>
  readonly headers?: Record<string, string>
}

export type Answered = {
  readonly status: number
  readonly text: string
  readonly headers: Headers
  readonly json: Json
}
// biome-ignore lint/suspicious/noExplicitAny: a test looks into what the schemas have checked
type Json = any

export type TestApi = Awaited<ReturnType<typeof startApi>>

/** The real API on a port of its own and a store in a temporary folder; team alpha with admin and member, team beta with a stranger. */
export async function startApi(overrides: Partial<ApiContext> = {}) {
  await using undo = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 'berth-api-'))
  undo.defer(() => rm(dir, { recursive: true, force: true }))
  const store = undo.use(
    await openStore(join(dir, 'berth.sqlite'), cipherAt(join(dir, 'secret.key'), { mayCreate: true })),
  )
  const appLogs = undo.use(new AppLogs(join(dir, 'logs')))
  const operationLogs = undo.use(new OperationLogs(join(dir, 'logs')))
  const people = await makePeople(store)
  const ctx: ApiContext = {
    store,
    settings: {
      version: '0.0.0-test',
      startedAt: new Date().toISOString(),
      domain: 'test.localhost',
      httpPort: 8080,
      sshPort: 2222,
      buildsDir: join(dir, 'builds'),
      uploadsDir: join(dir, 'uploads'),
      reserve: { mb: 0, percent: 0 },
      buildLimits: { builds: 2, memoryMb: 2_048, cpu: 2, pids: 2_048, ioMb: 100, seconds: 1_200 },
    },
    appLogs,
    operationLogs,
    runs: { attached: async () => 0 } satisfies Runs,
    logins: attempts({ limit: 5, windowMs: 60_000 }),
    runtimes: () => runtimesIn(),
    stacks: async () => stacksIn().listed.map((file) => ({ name: file.value.name, isDefault: false, file })),
    hooks: hookDoor(store),
    packages: { open: async () => Readable.from('a tar file'), look: async () => ({ place: null, problem: null }) },
    sources: {
      mayFetch: async () => undefined,
      newKey: async () => ({ publicKey: 'ssh-ed25519 AAAA berth', privateKey: 'private' }),
      forget: async () => undefined,
    },
    ...overrides,
  }
  const server = undo.use(await listen(ctx, 0))
  const url = `http://127.0.0.1:${server.port}`
  const kept = undo.move()
  let count = 0
  const next = (word: string) => `${word}${++count}`
  return {
    url,
    dir,
    store,
    ctx,
    appLogs,
    operationLogs,
    people,
    next,
    ask: (method: string, path: string, asked?: Asked) => ask(url, method, path, asked),
    /** A fresh token of somebody in that role. */
    token: (role: Role, expiresAt: string | null = null) =>
      store.write('people', (tx) => createToken(tx, people[role].id, label('name', next('token')), expiresAt)),
    /** A deployed app of team alpha. */
    app: (name = next('app')) => deployed(store, people.alpha, name),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** For a whole file of tests: the API, and requests to it by somebody in that role, unless they bring another token. */
export async function apiAs(role: Role) {
  const api = await startApi()
  const token = await api.token(role)
  const ask = (method: string, path: string, asked: Asked = {}) =>
    api.ask(method, `${basePath}${path}`, { token, ...asked })
  return {
    api,
    token,
    ask,
    get: async (path: string) => (await ask('GET', path)).json,
    codeOf: async (answer: Promise<Answered>): Promise<string> => (await answer).json.error.code,
    stop: () => api[Symbol.asyncDispose](),
  }
}

type Store = ApiContext['store']

async function makePeople(store: Store) {
  const passwordHash = await hashPassword(password)
  return await store.write('people', async (tx) => {
    const user = (name: string, role: 'admin' | 'member') =>
      createUser(tx, { name: label('name', name), role, passwordHash })
    const alpha = await createTeam(tx, label('name', 'alpha'))
    const beta = await createTeam(tx, label('name', 'beta'))
    const [operator, admin] = [await user('olga', 'admin'), await user('ada', 'member')]
    const [member, stranger] = [await user('max', 'member'), await user('eve', 'member')]
    await setMember(tx, alpha, admin.id, 'admin')
    await setMember(tx, alpha, member.id, 'member')
    await setMember(tx, beta, stranger.id, 'admin')
    return { alpha, beta, operator, admin, member, stranger }
  })
}

const formation: Formation = {
  processes: [
    { name: 'web', command: ['node', 'server.js'] },
    { name: 'worker', command: ['node', 'worker.js'] },
  ],
  port: 8080,
  health: defaultHealth,
  stopGraceMs: 10_000,
  drainMs: 30_000,
  scale: {},
  env: {},
}

/** As the release path leaves it: two releases, the second live, nothing under way. */
const deployed = (store: Store, teamId: string, name: string) =>
  store.write(['apps', 'operations'], async (tx) => {
    const app = await createApp(tx, appName(name), teamId)
    const variables = { GREETING: { value: 'hello', scope: 'run' as const } }
    await replaceVariables(tx, store.cipher, app.id, variables)
    await addDomain(tx, app.id, hostName(`${name}.example.com`))
    const input = { kind: 'deploy', source: { kind: 'git' }, commit: 'a'.repeat(40), message: 'first' } as const
    const operation = await requestOperation(tx, app, input, 'max')
    for (const [at, reason] of ['deploy one', 'deploy two'].entries()) {
      const build = await builtBuild(tx, store, { ...operation, id: `${operation.id}${at}` }, `test/${name}:1`)
      const release = await createRelease(tx, store.cipher, {
        appId: app.id,
        image: `test/${name}:1`,
        formation,
        variables,
        commit: 'a'.repeat(40),
        reason,
        author: 'max',
        operationId: operation.id,
        build,
      })
      await makeLive(tx, release)
    }
    await endOperation(tx, operation.id, 'succeeded')
    return { ...app, operation: operation.id }
  })

/** One that succeeded; gives its number. */
async function builtBuild(tx: WriteTx, store: Store, operation: OperationRow, image: string): Promise<number> {
  const found = { revision: 'a'.repeat(40), author: 'Max', message: 'first', changelog: ['first'] }
  const row = await ensureBuild(tx, operation, { source: { kind: 'git' }, ...found })
  await takeBuild(tx, row, { owner: 'test', until: new Date(Date.now() + 60_000).toISOString() })
  await noteSteps(tx, row.id, [{ title: 'Install', ms: 1_200 }])
  const built = { image, recipe: 'node', formation, generated: {}, required: [] }
  await succeedBuild(tx, store.cipher, row.id, 'test', { built, imageBytes: 1_000_000 })
  return row.number
}

async function ask(url: string, method: string, path: string, asked: Asked = {}): Promise<Answered> {
  const headers = new Headers(asked.headers)
  if (asked.token) headers.set('authorization', `Bearer ${asked.token}`)
  if (asked.body !== undefined) headers.set('content-type', 'application/json')
  const body = asked.raw ?? (asked.body === undefined ? undefined : JSON.stringify(asked.body))
  const response = await fetch(`${url}${path}`, { method, headers, ...(body !== undefined && { body }) })
  const text = await response.text()
  return { status: response.status, text, headers: response.headers, json: jsonOf(text) }
}

function jsonOf(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A tar file with one small file in it. */
export function tinyTar(): Buffer<ArrayBuffer> {
  const header = Buffer.alloc(512)
  header.write('index.html')
  header.write('0000644\0', 100)
  header.write('00000000002\0', 124)
  header.write('00000000000\0', 136)
  header.write('        ', 148)
  header.write('0', 156)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const content = Buffer.alloc(512)
  content.write('hi')
  return Buffer.concat([header, content, Buffer.alloc(1024)])
}
