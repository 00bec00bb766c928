import type { Link, Wanted, WantedApp, WantedSet } from '../../contract/link.ts'
import { log } from '../../lib/log.ts'
import { Pulse } from '../../lib/pulse.ts'
import { retrying } from '../../lib/retrying.ts'
import type { LogLine } from '../../model/logLine.ts'
import { routedProcess } from '../../model/release.ts'
import { defaultHost } from '../store/apps.ts'
import { replaceSeen } from '../store/instances.ts'
import { formationOf } from '../store/releases.ts'
import { allSets } from '../store/sets.ts'
import type { ReadTx, Store } from '../store/store.ts'

type LogSink = {
  append(lines: readonly LogLine[]): Promise<void>
  lastTimes(): Promise<Readonly<Record<string, string>>>
}

/** The server's end of the link, for an agent in the same process. */
export function localLink(store: Store, logs: LogSink, domain: string): Link {
  let revision = Date.now()
  return {
    async *wanted(signal) {
      const changed = new Pulse()
      const ring = () => changed.ring()
      const unsubscribe = store.onChange(['sets', 'apps'], ring)
      signal.addEventListener('abort', ring)
      let last = ''
      try {
        while (!signal.aborted) {
          const next = changed.next()
          const read = () => store.read((tx) => wantedApps(tx, domain))
          const apps = await retrying({ link: 'wanted' }, read, signal)
          if (!apps) return
          const text = JSON.stringify(apps)
          if (text !== last) yield { revision: ++revision, apps } satisfies Wanted
          last = text
          await next
        }
      } finally {
        unsubscribe()
        signal.removeEventListener('abort', ring)
      }
    },
    report: (seen) =>
      store
        .write('instances', (tx) => replaceSeen(tx, seen.node, seen.instances, seen.router))
        .catch((error) => {
          log.error({ error, node: seen.node }, 'report not stored; the next one replaces it')
        }),
    logs: (lines) => logs.append(lines),
    lastLogTimes: () => logs.lastTimes(),
  }
}

async function wantedApps(tx: ReadTx, domain: string): Promise<WantedApp[]> {
  const apps = await tx.selectFrom('apps').select(['id', 'name']).orderBy('name').execute()
  const domains = await tx.selectFrom('domains').selectAll().orderBy('created_at').execute()
  const releases = await tx
    .selectFrom('releases')
    .selectAll()
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('sets')
          .select('sets.id')
          .whereRef('sets.app_id', '=', 'releases.app_id')
          .whereRef('sets.release_number', '=', 'releases.number'),
      ),
    )
    .execute()
  const formations = new Map(releases.map((release) => [`${release.app_id} ${release.number}`, formationOf(release)]))
  const setsByApp = Map.groupBy(await allSets(tx), ({ app_id }) => app_id)
  const domainsByApp = Map.groupBy(domains, ({ app_id }) => app_id)
  return apps.map(({ id, name }) => ({
    app: name,
    hosts: [defaultHost(name, domain), ...(domainsByApp.get(id) ?? []).map((row) => row.name)],
    sets: (setsByApp.get(id) ?? []).flatMap((set) => wantedSet(set, formations.get(`${id} ${set.release_number}`))),
  }))
}

type SetRow = Awaited<ReturnType<typeof allSets>>[number]

function wantedSet(set: SetRow, formation: ReturnType<typeof formationOf> | undefined): WantedSet[] {
  if (!formation || set.role === 'gone') return []
  const port = set.process === routedProcess ? formation.port : null
  return [{ id: set.id, process: set.process, role: set.role, port, health: formation.health }]
}
