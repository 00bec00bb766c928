import { chmod, chown, mkdir, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { refuse } from '../../model/refusal.ts'
import { actorByKey } from '../store/people.ts'
import type { GitContext } from './context.ts'
import type { GitUser } from './gitProcess.ts'
import { reasonOf } from './reason.ts'
import { receivePush } from './receivePush.ts'
import { openFor, type Request, serve, takePlace } from './service.ts'
import { parseSshCommand } from './sshCommand.ts'
import { alarm, safeTerminal } from './terminal.ts'
import { type Header, type Reply, readHeader, replyTo } from './wire.ts'

/** Takes what libexec/git-relay brings: sessions of sshd and hooks of git. */
export async function listenForRelays(ctx: GitContext): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => void answer(socket, ctx))
  await listen(server, ctx.socket)
  await restrict(ctx.socket, ctx.user)
  return server
}

async function listen(server: Server, path: string) {
  if (Buffer.byteLength(path) > 107) refuse('INVALID', 'run directory', 'its path is too long for a socket')
  await mkdir(dirname(path), { recursive: true, mode: 0o755 })
  await rm(path, { force: true })
  await new Promise<void>((resolve, reject) => void server.once('error', reject).listen(path, resolve))
}

/** Whoever can connect can claim a key; so: root, and who sshd's sessions run as. */
async function restrict(path: string, { gid }: GitUser) {
  if (process.getuid?.() === 0) await chown(path, 0, gid)
  await chmod(path, 0o660)
}

async function answer(socket: Socket, ctx: GitContext): Promise<void> {
  socket.on('error', () => undefined)
  const reply = replyTo(socket)
  try {
    const header = await readHeader(socket)
    await reply.exit(
      header.kind === 'hook' ? await hook(header, socket, reply, ctx) : await session(header, socket, reply, ctx),
    )
  } catch (error) {
    sayNo(error, reply)
    await reply.exit(1)
  }
}

async function session(header: Header, socket: Socket, reply: Reply, ctx: GitContext): Promise<number> {
  const request = await requestOf(header, ctx)
  const repository = await openFor(request, ctx)
  using _place = takePlace(request, ctx)
  return await serve(request, repository, { input: socket, output: reply.output, error: reply.error }, ctx)
}

async function requestOf(
  { key = '', command = '', protocol = '', client = '' }: Header,
  { store }: GitContext,
): Promise<Request> {
  const actor = await store.read((tx) => actorByKey(tx, key))
  if (!actor) return refuse('UNAUTHENTICATED')
  if (command === '')
    return refuse('INVALID', 'session', `hello ${actor.name}; there is no shell here, only git push and fetch`)
  return { ...parseSshCommand(command), actor, from: `ssh ${client.split(' ')[0]}`.trim(), protocol, flags: [] }
}

/** Gives 0 when git may move the refs. */
async function hook(
  { push: token = '', quarantine = '' }: Header,
  socket: Socket,
  reply: Reply,
  ctx: GitContext,
): Promise<number> {
  const push = ctx.pushes.find(token)
  if (!push) return refuse('FORBIDDEN', 'run this hook outside a push')
  const terminal = safeTerminal((line) => reply.output.write(line))
  await receivePush(
    push,
    { updates: await updatesFrom(socket), quarantine, terminal, accept: () => reply.exit(0) },
    ctx,
  )
  return 0
}

const mostUpdateBytes = 8 * 2 ** 20

async function updatesFrom(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > mostUpdateBytes) refuse('TOO_LARGE', 'the list of refs in this push', '8 MiB')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function sayNo(error: unknown, reply: Reply) {
  const terminal = safeTerminal((line) => reply.error(line))
  for (const line of reasonOf(error).split('\n')) terminal.line(alarm(line))
}
