import { EventEmitter, once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Finished, output, run } from '../../src/lib/exec.ts'
import { parseSshKey } from '../../src/lib/sshKey.ts'
import { appName, label } from '../../src/model/names.ts'
import type { Outcome } from '../../src/model/operation.ts'
import { type GitFront, type GitFrontOptions, startGitFront } from '../../src/server/git/gitFront.ts'
import { OperationLogs } from '../../src/server/logs/operationLogs.ts'
import type { OperationRow } from '../../src/server/store/access.ts'
import { createApp } from '../../src/server/store/apps.ts'
import { cipherAt } from '../../src/server/store/cipher.ts'
import { endOperation, enterPhase, openOperations } from '../../src/server/store/operations.ts'
import { createTeam, createToken, createUser, setMember } from '../../src/server/store/people.ts'
import { openStore, type Store } from '../../src/server/store/store.ts'
import { freePort } from './haproxy.ts'
import { startSshd } from './sshd.ts'

/** Plays the release path: what it gives ends the operation; nothing means that it succeeded. */
export type Deploy = (operation: OperationRow, say: (line: string) => Promise<void>) => Promise<Outcome | undefined>

export const succeed: Deploy = async () => undefined

export type Person = { readonly key: string; readonly token: string; readonly name: string; readonly team: string }

export type GitPlace = Awaited<ReturnType<typeof gitPlace>>

/** A store, the git front, a real sshd, an HTTP server, and somebody who plays the deploys. */
export async function gitPlace(options: Partial<GitFrontOptions> = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'berth-git-'))
  await mkdir(join(dir, 'data'))
  for (const folder of [dir, join(dir, 'data')]) await chmod(folder, 0o711)
  const store = await openStore(
    join(dir, 'data', 'berth.sqlite'),
    cipherAt(join(dir, 'secret.key'), { mayCreate: true }),
  )
  const logs = new OperationLogs(join(dir, 'data', 'logs'))
  const sshPort = await freePort()
  const front = await startFront(store, logs, dir, sshPort, options)
  const sshd = await startSshd(join(dir, 'data', 'ssh', 'sshd_config'), sshPort)
  const web = await listen(front)
  const deployer = playDeploys(store, logs)
  const place = {
    dir,
    store,
    deployer,
    sshPort,
    sshUrl: (app: string) => `ssh://${options.user?.name ?? userInfo().username}@127.0.0.1:${sshPort}/${app}.git`,
    httpUrl: (app: string, password: string, name = 'any') =>
      `http://${name}:${password}@127.0.0.1:${web.port}/git/${app}.git`,
    httpPort: web.port,
    person: (name: string, team: string) => addPerson(store, dir, name, team),
    app: (name: string, team: string) => addApp(store, name, team),
    folder: (name: string) => newFolder(dir, name),
    git: (cwd: string, args: readonly string[], who?: Person) => git(dir, cwd, args, who),
    stopFront: () => front[Symbol.asyncDispose](),
    async [Symbol.asyncDispose]() {
      deployer.stop()
      web.close()
      sshd.kill('SIGTERM')
      await front[Symbol.asyncDispose]()
      await logs[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
      await rm(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
  return place
}

function startFront(store: Store, logs: OperationLogs, dir: string, port: number, options: Partial<GitFrontOptions>) {
  const data = (...parts: string[]) => join(dir, 'data', ...parts)
  const { username: name, uid, gid } = userInfo()
  return startGitFront({
    store,
    logs,
    config: {
      git: { dir: data('git'), socket: join(dir, 'run', 'git.sock') },
      ssh: { dir: data('ssh'), port, addresses: ['127.0.0.1'] },
      builds: { dir: data('builds') },
    },
    user: { name, uid, gid },
    urlOf: (app) => `http://${app}.localhost/`,
    ...options,
  })
}

async function listen(front: GitFront) {
  const server = createServer(async (request, response) => {
    if (!(await front.http(request, response))) response.writeHead(418).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { port: (server.address() as AddressInfo).port, close }
}

function playDeploys(store: Store, logs: OperationLogs) {
  const seen = new Set<string>()
  const deployed: OperationRow[] = []
  const player = { deploy: succeed, deployed, started: new EventEmitter(), stop: () => {} }
  const play = async (operation: OperationRow) => {
    await store.write('operations', (tx) => enterPhase(tx, operation, 'building'))
    player.started.emit('deploy')
    const outcome = await player.deploy(operation, (line) => logs.append(operation.id, line))
    await logs.finish(operation.id)
    await store.write('operations', async (tx) => {
      await tx
        .updateTable('operations')
        .set({ release_number: deployed.length + 1 })
        .where('id', '=', operation.id)
        .execute()
      await endOperation(tx, operation.id, outcome ? 'failed' : 'succeeded', outcome)
    })
    if (!outcome) deployed.push(operation)
  }
  const look = async () => {
    const open = await store.read((tx) => openOperations(tx))
    const busy = new Set(open.filter(({ id, state }) => seen.has(id) && state === 'running').map(({ app }) => app))
    for (const operation of open.filter(({ id, app }) => !seen.has(id) && !busy.has(app))) {
      seen.add(operation.id)
      busy.add(operation.app)
      void play(operation)
    }
  }
  player.stop = store.onChange(['operations'], () => void look())
  return player
}

async function addPerson(store: Store, dir: string, name: string, team: string): Promise<Person> {
  const key = join(dir, `key-${name}`)
  await output(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', key])
  const publicKey = (await readFile(`${key}.pub`, 'utf8')).trim()
  const token = await store.write('people', async (tx) => {
    const user = await createUser(tx, { name: label('user', name), role: 'member', passwordHash: 'x' })
    const found = await tx.selectFrom('teams').select('id').where('name', '=', team).executeTakeFirst()
    await setMember(tx, found?.id ?? (await createTeam(tx, label('team', team))), user.id, 'member')
    const fingerprint = parseSshKey(publicKey)?.fingerprint ?? ''
    const values = { id: `k${name}`, user_id: user.id, name, fingerprint, public_key: publicKey, created_at: 'now' }
    await tx.insertInto('keys').values(values).execute()
    return await createToken(tx, user.id, label('token', 'laptop'), null)
  })
  await sleep(50)
  return { key, token, name, team }
}

const addApp = (store: Store, name: string, team: string) =>
  store.write('apps', async (tx) => {
    const { id } = await tx.selectFrom('teams').select('id').where('name', '=', team).executeTakeFirstOrThrow()
    return await createApp(tx, appName(name), id)
  })

/** A working copy with one commit on main, and a way to make more. */
async function newFolder(dir: string, name: string) {
  const path = join(dir, name)
  await output(['git', 'init', '--quiet', '--initial-branch=main', path])
  const write = async (files: Readonly<Record<string, string>>, message = 'change') => {
    for (const [file, content] of Object.entries(files)) await writeFile(join(path, file), content)
    const added = await git(dir, path, ['add', '--all'])
    const done = await git(dir, path, ['commit', '--quiet', '--allow-empty', '--message', message])
    if (added.code !== 0 || done.code !== 0) throw new Error(added.stderr + done.stderr)
    return (await git(dir, path, ['rev-parse', 'HEAD'])).stdout.trim()
  }
  return { path, commit: write }
}

/** How a person's ssh is called. */
export function sshCommand(who?: Person): string {
  const quiet = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR', 'BatchMode=yes']
  const key = who ? ['-o', 'IdentitiesOnly=yes', '-i', who.key] : ['-o', 'IdentityFile=none']
  return ['ssh', '-F', '/dev/null', ...quiet.flatMap((option) => ['-o', option]), ...key].join(' ')
}

/** git as a person on another machine runs it. */
export function git(dir: string, cwd: string, args: readonly string[], who?: Person): Promise<Finished> {
  const env = {
    PATH: process.env.PATH,
    HOME: dir,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
    GIT_SSH_COMMAND: sshCommand(who),
  }
  return run(['git', ...args], { cwd, env, timeoutMs: 60_000 })
}
