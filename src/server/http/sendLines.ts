import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { Refusal } from '../../model/refusal.ts'
import { headers } from './respond.ts'
import { asRefusal, errorBody } from './respondWithError.ts'

const beatMs = 15_000

/**
 * One JSON value per line. Empty lines keep the connection awake, and each time it is asked whether the reader still may.
 * What goes wrong on the way is the last line.
 */
export async function sendLines(response: ServerResponse, lines: AsyncIterable<unknown>, allowed: () => Promise<void>) {
  const type = { 'content-type': 'application/x-ndjson; charset=utf-8', 'x-accel-buffering': 'no' }
  response.writeHead(200, { ...headers, ...type })
  response.flushHeaders()
  const beat = setInterval(() => void keepAwake(response, allowed), beatMs)
  try {
    for await (const line of lines) {
      if (response.closed || response.writableEnded) return
      if (!response.write(`${JSON.stringify(line)}\n`)) await roomOrEnd(response)
    }
  } catch (error) {
    if (!response.closed) response.write(`${JSON.stringify(errorBody(asRefusal(error, 'lines')))}\n`)
  } finally {
    clearInterval(beat)
    response.end()
  }
}

async function keepAwake(response: ServerResponse, allowed: () => Promise<void>): Promise<void> {
  try {
    await allowed()
    response.write('\n')
  } catch (error) {
    if (error instanceof Refusal) response.write(`${JSON.stringify(errorBody(error))}\n`)
    response.end()
  }
}

async function roomOrEnd(response: ServerResponse): Promise<void> {
  const over = new AbortController()
  const end = () => over.abort()
  response.once('close', end)
  await once(response, 'drain', { signal: over.signal }).catch(() => undefined)
  response.off('close', end)
}
