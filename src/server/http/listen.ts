import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Api, createApi } from './api.ts'
import type { ApiContext } from './context.ts'

export type Listening = AsyncDisposable & { readonly port: number }

/** Serves the API on the loopback interface; port 0 takes a free one. */
export async function listen(ctx: ApiContext, port: number): Promise<Listening> {
  const api = createApi(ctx)
  const server = serverOf(api)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** An hour for a large upload; ten seconds to say what is wanted. An offer of HTTP/2 is no upgrade, and passed over. */
function serverOf(api: Api) {
  const server = createServer({
    headersTimeout: 10_000,
    requestTimeout: 3_600_000,
    keepAliveTimeout: 65_000,
    shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
  })
  server.on('request', api.request)
  server.on('upgrade', api.upgrade)
  return server
}
