import type { Wanted, WantedApp, WantedSet } from '../contract/link.ts'
import type { Check } from './health.ts'
import type { Sighting } from './inventory.ts'

/** What to find out about each running instance that somebody wants. */
export function checksFor(wanted: Wanted, instances: readonly Sighting[]): ReadonlyMap<string, Check> {
  const sets = new Map(wanted.apps.flatMap((app) => app.sets.map((set) => [set.id, { app, set }] as const)))
  return new Map(
    instances.flatMap((instance) => {
      const known = sets.get(instance.set)
      const check = known && instance.state === 'running' ? checkOf(known.app, known.set, instance) : undefined
      return check ? [[instance.id, check] as const] : []
    }),
  )
}

function checkOf(app: WantedApp, { port, health }: WantedSet, { address, startedAt }: Sighting): Check | undefined {
  const began = startedAt ? Date.parse(startedAt) : Date.now()
  if (port === null) return { kind: 'uptime', uptimeMs: health.uptimeMs, startedAt: began }
  if (address === null) return undefined
  const { path, declared, timeoutMs, deadlineMs } = health
  const host = app.hosts[0]?.replace(/^\*/, 'www') ?? app.app
  return { kind: 'probe', target: { address, port, host, path, declared, timeoutMs }, deadlineMs, startedAt: began }
}
