import { refuse } from '../model/refusal.ts'
import type { Host } from './host.ts'
import type { Part } from './parts.ts'
import { until } from './until.ts'

/** So many processes of a part may end before it counts as broken. */
const TRIES = 3

/** Starts a part and returns when it is ready; one that does not get ready is stopped again. */
export async function startAndWait(host: Host, part: Part, ready: () => Promise<boolean>, seconds: number) {
  const seen = new Set<number>()
  const failing = async () => {
    const { pid } = await host.supervisor.state(part)
    return pid !== null && seen.add(pid).size > TRIES
  }
  await host.supervisor.start(part)
  await until(async () => (await ready()) || (await failing()), seconds)
  if (await ready()) return
  const words = await lastWords(host, part)
  await host.supervisor.stop(part)
  refuse('UNAVAILABLE', `Berth's ${part.name}`, `it does not start. Its last words:\n${words}`)
}

async function lastWords(host: Host, part: Part): Promise<string> {
  const lines = (await host.supervisor.lastWords(part, 100)).split('\n')
  return lines
    .filter((line) => !line.includes('level=info'))
    .slice(-12)
    .join('\n')
}
