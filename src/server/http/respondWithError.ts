import type { ServerResponse } from 'node:http'
import { log } from '../../lib/log.ts'
import { type Code, Refusal, refusal } from '../../model/refusal.ts'
import { randomId } from '../store/ids.ts'
import { sendJson } from './respond.ts'

/** The only place where a refusal meets a status; a new code does not compile without one. */
export const statusOf: Readonly<Record<Code, number>> = {
  INVALID: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  BAD_SIGNATURE: 401,
  TOO_MANY_ATTEMPTS: 429,
  NOT_FOUND: 404,
  NAME_TAKEN: 409,
  DOMAIN_TAKEN: 409,
  CONFIRM_NEEDED: 400,
  NOTHING_DEPLOYED: 409,
  STATE: 409,
  TOO_LARGE: 413,
  DEFINITION: 422,
  NO_RECIPE: 422,
  SOURCE: 422,
  FETCH_FAILED: 422,
  BUILD_FAILED: 422,
  BUILD_TIMEOUT: 422,
  DISK_LOW: 507,
  STEP_TIMEOUT: 422,
  SOURCE_GONE: 410,
  RELEASE_COMMAND_FAILED: 422,
  POSTDEPLOY_FAILED: 422,
  COMMAND_FAILED: 422,
  NOT_HEALTHY: 422,
  SUPERSEDED: 409,
  CANCELLED: 409,
  INTERRUPTED: 503,
  IMAGE_GONE: 410,
  UNAVAILABLE: 503,
  UNEXPECTED: 500,
}

export function respondWithError(error: unknown, response: ServerResponse, where: string): void {
  const refused = asRefusal(error, where)
  if (response.headersSent) return void response.destroy()
  const challenge = refused.code === 'UNAUTHENTICATED' ? { 'www-authenticate': 'Bearer realm="berth"' } : {}
  sendJson(response, statusOf[refused.code], errorBody(refused), challenge)
}

export const errorBody = ({ code, message }: Refusal) => ({ error: { code, message } })

/** What we did not foresee is told by a reference only; the rest stands in the server's log. */
export function asRefusal(error: unknown, where: string): Refusal {
  if (error instanceof Refusal) return error
  const reference = randomId(8)
  log.error({ error, reference, where }, 'unexpected')
  return refusal('UNEXPECTED', reference)
}
