import { connect, type Socket } from 'node:net'
import { printable } from '../model/printable.ts'

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
    const answer = { text: '' }
    const timer = setTimeout(() => {
      resolve(answer.text ? judge(answer.text, target) : failed(silence(socket, target)))
      socket.destroy()
    }, target.timeoutMs)
    socket.once('connect', () => socket.write(requestText(target)))
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(failed(errorReason(error, target))))
    socket.once('close', () => {
      clearTimeout(timer)
      resolve(answer.text ? judge(answer.text, target) : failed('connection closed without an answer'))
    })
    keepAnswer(socket, answer, () => {
      const result = judge(answer.text, target)
      if (result.passed) resolve(result)
    })
  })
}

const silence = ({ connecting }: Socket, target: Target) =>
  connecting ? noConnection(target) : `no answer to GET ${target.path} in ${target.timeoutMs / 1000} s`

/** Reads on after the status, so that the app can finish its answer and what it says can be told, but not for ever. */
function keepAnswer(socket: Socket, answer: { text: string }, grown: () => void) {
  let total = 0
  socket.on('data', (chunk: Buffer) => {
    total += chunk.length
    if (total > readLimit) socket.destroy()
    if (answer.text.length >= 4096) return
    answer.text += chunk.toString('utf8')
    if (answer.text.length > 12) grown()
  })
}

function judge(answer: string, { path, declared }: Target): ProbeResult {
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1] ?? 0)
  if (status === 0) return failed('the answer is not HTTP/1')
  const passed = declared ? status >= 200 && status <= 399 : status >= 100 && status < 500
  return passed ? { passed } : failed(`HTTP ${status} from GET ${path}${excerpt(answer)}`)
}

/** The first words of an error page, without its markup. */
function excerpt(answer: string): string {
  const [, body = ''] = /\r\n\r\n(?:[0-9a-f]+\r\n)?(.*)$/is.exec(answer) ?? []
  const words = body
    .replace(/<(style|script)\b.*?<\/\1>/gis, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return words ? `: ${printable(words).slice(0, 160)}` : ''
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
