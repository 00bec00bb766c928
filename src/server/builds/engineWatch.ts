import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine } from '../../engine/engine.ts'
import { pause } from '../../lib/pulse.ts'
import { Refusal } from '../../model/refusal.ts'

/** The Engine went away under a build, which is no fault of the build. */
export class EngineGone extends Error {
  override readonly name = 'EngineGone'
}

/** How long after the failure of a client the Engine's own end may be seen. */
const lateMs = 5_000

/** Does the work, and throws EngineGone where it failed because the Engine did: a stream of it broke meanwhile. */
export async function withEngine<T>({ api }: Engine, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const over = new AbortController()
  const filters = { type: ['plugin'] }
  const stream = await api.stream({ path: '/events', query: { filters }, signal: over.signal })
  const broken = brokenOf(stream)
  try {
    return await work()
  } catch (error) {
    if (signal.aborted) throw error
    if (await Promise.race([broken, sleep(looksCut(error) ? lateMs : 0, false)])) throw new EngineGone()
    throw error
  } finally {
    over.abort()
  }
}

/** Answers when the stream has ended; nothing else ends it but the Engine, while the work goes on. */
function brokenOf(stream: IncomingMessage): Promise<true> {
  const broken = Promise.withResolvers<true>()
  stream.on('error', () => broken.resolve(true)).on('close', () => broken.resolve(true))
  stream.resume()
  return broken.promise
}

/** A failure that sounds like a connection that broke, or like a command that was killed: an Engine that ends kills its steps. */
const looksCut = (error: unknown) =>
  !(error instanceof Refusal) ||
  (error.code === 'BUILD_FAILED' &&
    (isKill.test(error.message) ||
      (!error.message.includes('exit code') &&
        /cancell?ed|unavailable|EOF|connect|transport|daemon|without a word/i.test(error.message))))

const isKill = /: killed\b|exit code 1(?:37|43)\b/

/** Whether the Engine answers before the time is up or the signal fires. */
export async function answersWithin(engine: Engine, ms: number, signal: AbortSignal): Promise<boolean> {
  const deadline = Date.now() + ms
  while (!signal.aborted && Date.now() < deadline) {
    const answers = await engine.version().then(
      () => true,
      () => false,
    )
    if (answers) return true
    await pause(500, signal)
  }
  return false
}
