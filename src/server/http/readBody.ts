import type { IncomingMessage } from 'node:http'
import { refusal, refuse } from '../../model/refusal.ts'
import { strictJson } from './strictJson.ts'

const mostJsonBytes = 1_048_576

/** The JSON body of a request; none at all is an empty object. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const bytes = await bytesOf(request)
  if (bytes.length === 0) return {}
  const type = request.headers['content-type'] ?? ''
  if (!/^application\/json\s*(;|$)/i.test(type)) refuse('INVALID', 'content-type', 'must be application/json')
  return strictJson(textOf(bytes))
}

export async function bytesOf(request: IncomingMessage, mostBytes = mostJsonBytes): Promise<Buffer> {
  const tooLarge = () => refuse('TOO_LARGE', 'the body', `${mostBytes / 1_048_576} MiB`)
  const chunks: Buffer[] = []
  let size = 0
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) tooLarge()
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > mostBytes) tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Nothing where the request does not say how much will come. */
export function announcedBytes({ headers }: Pick<IncomingMessage, 'headers'>): number | undefined {
  const length = headers['content-length']
  return length === undefined ? undefined : Number(length)
}

/** Hangs up on who takes longer to send the body. */
export async function withinTime<T>(request: IncomingMessage, ms: number, read: () => Promise<T>): Promise<T> {
  const late = refusal('UNAVAILABLE', 'the answer', `the body did not come within ${ms / 1000} s`)
  const timer = setTimeout(() => request.destroy(late), ms)
  try {
    return await read()
  } finally {
    clearTimeout(timer)
  }
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return refuse('INVALID', 'body', 'is not UTF-8 text')
  }
}
