import type { IncomingMessage } from 'node:http'
import { refuse } from '../../model/refusal.ts'

/** Its path and query; a whole address of another place, as for a proxy, is none of ours. */
export function urlOf(request: IncomingMessage): URL {
  const url = URL.parse(request.url ?? '/', 'http://berth')
  return url?.origin === 'http://berth' ? url : refuse('INVALID', 'path', 'is not well formed')
}
