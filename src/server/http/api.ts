import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { definitionSchema } from '../../model/definition/schema.ts'
import { attachments } from './attachments.ts'
import type { ApiContext } from './context.ts'
import { openapi } from './openapi.ts'
import { sendJson } from './respond.ts'
import { respondWithError } from './respondWithError.ts'
import { type Router, routerOf } from './router.ts'
import { routes } from './routes.ts'
import { urlOf } from './urlOf.ts'
import { sendWelcome } from './welcome.ts'

export type Api = {
  request(request: IncomingMessage, response: ServerResponse): void
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

/** Everything that answers at berth.<domain>. */
export function createApi(ctx: ApiContext): Api {
  const router = routerOf(Object.values(routes))
  return {
    request: (request, response) => void answer(ctx, router, request, response),
    upgrade: attachments(ctx),
  }
}

async function answer(ctx: ApiContext, router: Router, request: IncomingMessage, response: ServerResponse) {
  try {
    await dispatch(ctx, router, request, response)
  } catch (error) {
    if (request.readableAborted) return
    respondWithError(error, response, `${request.method} ${pathOf(request)}`)
    giveUpReading(request)
  }
}

async function dispatch(ctx: ApiContext, router: Router, request: IncomingMessage, response: ServerResponse) {
  const { pathname, searchParams } = urlOf(request)
  if (ctx.git?.owns(pathname)) return void (await ctx.git.handle(request, response))
  if (pathname === '/' && request.method === 'GET') return sendWelcome(response)
  if (pathname === '/api/openapi.json' && request.method === 'GET') {
    return sendJson(response, 200, openapi(ctx.settings.version))
  }
  if (pathname === '/api/berth.schema.json' && request.method === 'GET')
    return sendJson(response, 200, definitionSchema)
  const { route, params } = router(request.method ?? '', pathname)
  await route.serve(ctx, { request, response, params, search: searchParams })
}

const pathOf = (request: IncomingMessage) => (request.url ?? '').split('?')[0]

const patienceMs = 10_000

/** Whoever still sends may read the refusal first, but not send for ever. */
function giveUpReading(request: IncomingMessage) {
  if (request.complete) return
  request.resume()
  const timer = setTimeout(() => request.destroy(), patienceMs).unref()
  request.once('close', () => clearTimeout(timer))
}
