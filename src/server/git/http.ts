import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Readable, Transform } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type Attempts, attempts } from '../../lib/attempts.ts'
import type { Actor } from '../../model/policy.ts'
import { type Code, Refusal, refuse } from '../../model/refusal.ts'
import { actorByToken } from '../store/people.ts'
import { basicAuth } from './basicAuth.ts'
import type { GitContext } from './context.ts'
import { reasonOf } from './reason.ts'
import { openFor, type Request, serve, takePlace } from './service.ts'
import { appOfPath, type Service } from './sshCommand.ts'

/** False when the path is not git's; otherwise it has answered. */
export type GitHttpHandler = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>

type Web = {
  readonly ctx: GitContext
  readonly tries: Attempts
  readonly addressOf: (request: IncomingMessage) => string
}

/** git's smart protocol: /<app>.git/… and /git/<app>.git/…, a token as the password of any user name. */
export function gitHttpHandler(
  ctx: GitContext,
  addressOf = (request: IncomingMessage) => request.socket.remoteAddress ?? '',
): GitHttpHandler {
  const web = { ctx, tries: attempts({ limit: 10, windowMs: 60_000 }), addressOf }
  return async (request, response) => {
    const [pathname = '', query] = (request.url ?? '').split('?')
    const [, path, resource = ''] = /^\/((?:git\/)?[^/]+\.git)\/(.*)$/.exec(pathname) ?? []
    if (path === undefined) return false
    await answer(request, response, { path, resource, service: new URLSearchParams(query).get('service') }, web)
    return true
  }
}

type Wanted = { readonly path: string; readonly resource: string; readonly service: string | null }

async function answer(request: IncomingMessage, response: ServerResponse, wanted: Wanted, web: Web) {
  for (const [name, value] of noCache) response.setHeader(name, value)
  try {
    const actor = await whoAsks(request, web)
    const { service, flags } = whatIsAsked(request, wanted)
    const from = `http ${web.addressOf(request)}`
    const protocol = String(request.headers['git-protocol'] ?? '')
    const asked = { service, flags, app: appOfPath(wanted.path), actor, from, protocol }
    await exchange(request, response, asked, web.ctx)
  } catch (error) {
    respondWithRefusal(request, response, error)
  }
}

const noCache = [
  ['Cache-Control', 'no-cache, max-age=0, must-revalidate'],
  ['Expires', 'Fri, 01 Jan 1980 00:00:00 GMT'],
  ['Pragma', 'no-cache'],
] as const

async function whoAsks(request: IncomingMessage, { ctx, tries, addressOf }: Web): Promise<Actor> {
  const given = basicAuth(request.headers.authorization)
  if (!given) throw noToken()
  const key = `${addressOf(request)} ${given.name}`.slice(0, 200)
  const seconds = tries.wait(key)
  if (seconds > 0) refuse('TOO_MANY_ATTEMPTS', seconds)
  const actor = await ctx.store.read((tx) => actorByToken(tx, given.password))
  if (actor) tries.succeeded(key)
  else tries.failed(key)
  if (!actor) throw noToken()
  return actor
}

const noToken = () =>
  new Refusal(
    'UNAUTHENTICATED',
    'no valid token: give one as the password, with any user name (berth token create --name git)',
  )

/** The old protocol of plain files would pass by every check, so it does not exist here. */
function whatIsAsked(
  { method, headers }: IncomingMessage,
  { resource, service }: Wanted,
): Pick<Request, 'service' | 'flags'> {
  const advertised = serviceOf(service ?? '')
  if (method === 'GET' && resource === 'info/refs' && advertised) return { service: advertised, flags: advertising }
  const called = serviceOf(resource)
  const type = `application/x-git-${called}-request`
  if (method === 'POST' && called && headers['content-type'] === type) return { service: called, flags: answering }
  return refuse('NOT_FOUND', 'git resource', resource)
}

const answering = ['--stateless-rpc']
const advertising = [...answering, '--advertise-refs']

const serviceOf = (name: string): Service | undefined =>
  name === 'git-upload-pack' || name === 'git-receive-pack' ? (name.slice(4) as Service) : undefined

async function exchange(request: IncomingMessage, response: ServerResponse, asked: Request, ctx: GitContext) {
  const repository = await openFor(asked, ctx)
  using _place = takePlace(asked, ctx)
  const kind = asked.flags === advertising ? 'advertisement' : 'result'
  response.writeHead(200, { 'Content-Type': `application/x-git-${asked.service}-${kind}` })
  if (asked.flags === advertising && !speaksVersion2(asked)) response.write(announcement(asked.service))
  response.flushHeaders()
  const input = bodyOf(request, asked.service, ctx)
  await serve(asked, repository, { input, output: response, error: () => undefined }, ctx)
  response.end()
  request.resume()
}

const speaksVersion2 = ({ service, protocol }: Request) => service === 'upload-pack' && protocol === 'version=2'

/** A line in git's framing, its length in front, and a flush. */
function announcement(service: Service): string {
  const line = `# service=git-${service}\n`
  return `${(line.length + 4).toString(16).padStart(4, '0')}${line}0000`
}

const mostQuestionBytes = 32 * 2 ** 20

function bodyOf(request: IncomingMessage, service: Service, { limits }: GitContext): Readable {
  const limited = atMost(service === 'upload-pack' ? mostQuestionBytes : limits.maxPackBytes + mostQuestionBytes)
  request.on('aborted', () => limited.destroy())
  if (request.headers['content-encoding'] !== 'gzip') return request.pipe(limited)
  const unzipped = createGunzip().on('error', () => limited.destroy())
  request.pipe(unzipped).pipe(limited)
  return limited
}

/** More than that ends the stream, which git takes for a client that went away. */
function atMost(bytes: number): Transform {
  let seen = 0
  return new Transform({
    transform(chunk: Buffer, _, done) {
      seen += chunk.length
      done(seen > bytes ? new Error('the request is too large') : null, chunk)
    },
  })
}

const statusOf: Partial<Record<Code, number>> = {
  INVALID: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  TOO_MANY_ATTEMPTS: 429,
  UNAVAILABLE: 503,
}

function respondWithRefusal(request: IncomingMessage, response: ServerResponse, error: unknown) {
  const status = error instanceof Refusal ? (statusOf[error.code] ?? 400) : 500
  const text = `${reasonOf(error)}\n`
  if (response.headersSent) return void response.destroy()
  if (status === 401) response.setHeader('WWW-Authenticate', 'Basic realm="Berth", charset="UTF-8"')
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(text)
  request.resume()
}
