import { connect, type Socket } from 'node:net'

export type Target = {
  readonly address: string
  readonly port: number
  /** Sent as the Host header. */
  readonly host: string
  readonly path: string
  readonly declared: boolean
  readonly timeoutMs: number
}

/** An empty reason means that it passed. */
export type ProbeResult = { readonly passed: true } | { readonly passed: false; readonly reason: string }

const readLimit = 65_536

/**
 * One GET on a connection of its own, as the router would make it. A socket and one line of text instead of an HTTP
 * client: it costs a third, and there are many of these.
 */
export function probe(target: Target, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = connect({ host: target.address, port: target.port, signal })
    const timer = setTimeout(() => {
      resolve(
        failed(
          socket.connecting ? noConnection(target) : `no answer to GET ${target.path} in ${target.timeoutMs / 1000} s`,
        ),
      )
      socket.destroy()
    }, target.timeoutMs)
    socket.once('connect', () => socket.write(requestText(target)))
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(failed(errorReason(error, target))))
    socket.once('close', () => {
      clearTimeout(timer)
      resolve(failed('connection closed without an answer'))
    })
    readStatus(socket, (status) => resolve(judge(status, target)))
  })
}

/** Reads on after the status, so that the app can finish its answer, but not for ever. */
function readStatus(socket: Socket, found: (status: number) => void) {
  let text = ''
  let total = 0
  socket.on('data', (chunk: Buffer) => {
    total += chunk.length
    if (total > readLimit) socket.destroy()
    if (text.length >= 4096) return
    text += chunk.toString('latin1')
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1]
    if (status) found(Number(status))
    else if (text.length > 12) found(0)
  })
}

function judge(status: number, { path, declared }: Target): ProbeResult {
  if (status === 0) return failed('the answer is not HTTP/1')
  const passed = declared ? status >= 200 && status <= 399 : status >= 100 && status < 500
  return passed ? { passed } : failed(`HTTP ${status} from GET ${path}`)
}

function requestText({ path, host }: Target): string {
  const oneLine = path.replace(/[^\x21-\x7e]/g, encodeURIComponent)
  const headers = [
    `Host: ${host}`,
    'User-Agent: berth-probe',
    'Accept: */*',
    'X-Forwarded-Proto: http',
    'Connection: close',
  ]
  return [`GET ${oneLine} HTTP/1.1`, ...headers, '', ''].join('\r\n')
}

function errorReason(error: NodeJS.ErrnoException, target: Target): string {
  if (error.code === 'ECONNREFUSED')
    return `connection refused on port ${target.port} (is the app listening on $PORT and on 0.0.0.0?)`
  if (error.code === 'ECONNRESET') return 'connection reset before an answer'
  return `${noConnection(target)}: ${error.code ?? error.message}`
}

const noConnection = ({ port, timeoutMs }: Target) => `no connection to port ${port} in ${timeoutMs / 1000} s`

const failed = (reason: string): ProbeResult => ({ passed: false, reason })
