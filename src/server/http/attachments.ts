import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { attachRun } from '../../contract/runs.ts'
import { refuse } from '../../model/refusal.ts'
import { liveRelease } from '../store/releases.ts'
import { attended } from './attended.ts'
import { authenticate } from './authenticate.ts'
import { authorizedApp } from './authorized.ts'
import { type Call, writer } from './call.ts'
import { clientAddress } from './clientAddress.ts'
import type { ApiContext } from './context.ts'
import { parseInput } from './parseInput.ts'
import { headers } from './respond.ts'
import { asRefusal, errorBody, statusOf } from './respondWithError.ts'
import { routerOf } from './router.ts'
import { urlOf } from './urlOf.ts'

type AttachCall = Call<typeof attachRun>

/** The doors of the endpoints that are WebSockets: the same credentials and the same policy as every other. */
export function attachments(ctx: ApiContext) {
  const server = new WebSocketServer({ noServer: true, maxPayload: 1_048_576, perMessageDeflate: false })
  const router = routerOf([{ endpoint: attachRun, serve: async () => undefined }])
  return (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy())
    const enter = async () => {
      const { params } = router(request.method ?? '', urlOf(request).pathname)
      const call = await callOf(ctx, request, params)
      server.handleUpgrade(request, socket, head, (webSocket: WebSocket) => void attended(ctx, call, webSocket))
    }
    enter().catch((error) => turnAway(socket, error))
  }
}

async function callOf(
  ctx: ApiContext,
  request: IncomingMessage,
  path: Readonly<Record<string, string>>,
): Promise<AttachCall & { appRow: Awaited<ReturnType<typeof authorizedApp>> }> {
  refuseForeignOrigin(request)
  const session = await authenticate(ctx.store, request)
  const call = {
    endpoint: attachRun,
    params: parseInput(attachRun.params, path, 'path'),
    query: {},
    body: {},
    session,
    actor: session.actor,
    address: clientAddress(request),
    request,
    signal: new AbortController().signal,
    subject: { target: session.actor.name, teamId: null },
  }
  const appRow = await ctx.store.read(async (tx) => {
    const app = await authorizedApp(tx, call)
    return (await liveRelease(tx, app.id)) ? app : refuse('NOTHING_DEPLOYED', app.name)
  })
  return { ...call, appRow, write: writer(ctx.store, call) }
}

/** A browser tells where the page came from that opens the socket; pages of others may not. */
function refuseForeignOrigin({ headers: { origin, host } }: IncomingMessage): void {
  if (origin === undefined) return
  if (URL.parse(origin)?.host !== host) refuse('FORBIDDEN', 'open a socket from a page of another origin')
}

function turnAway(socket: Duplex, error: unknown): void {
  const refused = asRefusal(error, 'upgrade')
  const body = `${JSON.stringify(errorBody(refused))}\n`
  const status = statusOf[refused.code]
  const lines = Object.entries({
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'))
}
