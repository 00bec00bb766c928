import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { type Duplex, pipeline } from 'node:stream'
import { equal } from '../../lib/equal.ts'
import { Refusal } from '../../model/refusal.ts'
import { type Allowed, safeAddress } from './addresses.ts'

/**
 * The only way out for the HTTP of one fetch: a proxy on the loopback interface that looks each name up once, refuses
 * addresses inside, and connects to exactly the address it has looked at. So neither a redirect nor a name that changes
 * its address gets anywhere else.
 */
export type Egress = AsyncDisposable & {
  readonly url: URL
  /** Why something was not let through: better than what the client makes of it. */
  refused(): Refusal | undefined
}

type Limits = { readonly allowed: Allowed; readonly maxBytes: number }

export async function startEgress(limits: Limits): Promise<Egress> {
  const password = randomBytes(18).toString('hex')
  const ctx: Ctx = { ...limits, credentials: Buffer.from(`berth:${password}`).toString('base64'), received: 0 }
  const sockets = new Set<Duplex>()
  const server = createServer((incoming, response) => void forward(ctx, incoming, response))
  server.on('connection', (socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)))
  })
  server.on('connect', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    void tunnel(ctx, incoming, socket, head)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: new URL(`http://berth:${password}@127.0.0.1:${(server.address() as AddressInfo).port}`),
    refused: () => ctx.refusal,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

type Ctx = Limits & { readonly credentials: string; received: number; refusal?: Refusal }

function mayPass({ credentials }: Ctx, { headers }: IncomingMessage): boolean {
  return equal(headers['proxy-authorization'] ?? '', `Basic ${credentials}`)
}

const challenge = { 'proxy-authenticate': 'Basic realm="berth"' }

async function tunnel(ctx: Ctx, incoming: IncomingMessage, socket: Duplex, head: Buffer) {
  socket.on('error', () => socket.destroy())
  if (!mayPass(ctx, incoming)) {
    return void socket.end('HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm="berth"\r\nContent-Length: 0\r\n\r\n')
  }
  try {
    const target = new URL(`tcp://${incoming.url}`)
    const upstream = connect(Number(target.port), await safeAddress(target.hostname, ctx.allowed))
    upstream.once('error', () => socket.destroy())
    await once(upstream, 'connect')
    socket.write('HTTP/1.1 200 Connected\r\n\r\n')
    if (head.length > 0) upstream.write(head)
    upstream.on('data', (chunk: Buffer) => count(ctx, chunk.length, upstream))
    pipeline(socket, upstream, socket, () => upstream.destroy())
  } catch (error) {
    note(ctx, error)
    socket.end('HTTP/1.1 403 Refused\r\nContent-Length: 0\r\n\r\n')
  }
}

async function forward(ctx: Ctx, incoming: IncomingMessage, response: ServerResponse) {
  if (!mayPass(ctx, incoming)) return void response.writeHead(407, challenge).end()
  try {
    const target = new URL(incoming.url ?? '')
    const address = await safeAddress(target.hostname, ctx.allowed)
    const { 'proxy-authorization': _, 'proxy-connection': __, ...headers } = incoming.headers
    const upstream = request({
      host: address,
      port: target.port || 80,
      method: incoming.method,
      path: `${target.pathname}${target.search}`,
      headers: { ...headers, host: target.host },
    })
    upstream.once('error', () => response.destroy())
    upstream.once('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.on('data', (chunk: Buffer) => count(ctx, chunk.length, answer))
      pipeline(answer, response, () => undefined)
    })
    pipeline(incoming, upstream, () => undefined)
  } catch (error) {
    note(ctx, error)
    response.writeHead(403).end()
  }
}

function note(ctx: Ctx, error: unknown) {
  if (error instanceof Refusal) ctx.refusal ??= error
}

function count(ctx: Ctx, bytes: number, from: { destroy(): unknown }) {
  ctx.received += bytes
  if (ctx.received <= ctx.maxBytes) return
  ctx.refusal ??= new Refusal(
    'TOO_LARGE',
    `the repository is larger than the limit of ${Math.round(ctx.maxBytes / 2 ** 20)} MiB`,
  )
  from.destroy()
}
