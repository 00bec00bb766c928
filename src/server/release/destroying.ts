import { firstOf, Pulse } from '../../lib/pulse.ts'
import { labels } from '../../model/instance.ts'
import { refusal } from '../../model/refusal.ts'
import { endOperation, enterPhase, openOperations } from '../store/operations.ts'
import { everySetOfApp, setRole, setsOfApp } from '../store/sets.ts'
import type { Run } from './parts.ts'

/** Out of the router first, then the services, then what is on disk, then the row: resumable at each step. */
export async function destroying(run: Run): Promise<void> {
  const { store, operation } = run
  await store.write(['operations', 'sets', 'apps'], async (tx) => {
    await enterPhase(tx, operation, 'swapping')
    await tx.updateTable('apps').set({ destroying: 1 }).where('id', '=', run.appId).execute()
    const sets = await setsOfApp(tx, run.appId)
    await setRole(
      tx,
      sets.filter(({ role }) => role !== 'draining').map(({ id }) => id),
      'draining',
    )
  })
  await run.say('-----> Draining and stopping all instances')
  await untilNoSets(run)
  if (run.signal.aborted) return
  await removeImages(run)
  await run.appLogs.remove(operation.app)
  await run.removeFiles(operation.app)
  await store.write(['operations', 'apps'], async (tx) => {
    const waiting = (await openOperations(tx)).filter(({ app_id, id }) => app_id === run.appId && id !== operation.id)
    for (const { id } of waiting) await endOperation(tx, id, 'cancelled', cancelledBy(operation.author))
    await tx.deleteFrom('apps').where('id', '=', run.appId).execute()
    await endOperation(tx, operation.id, 'succeeded')
  })
}

function cancelledBy(author: string) {
  const { code, message } = refusal('CANCELLED', `${author}, who destroyed the app`)
  return { code, message }
}

async function untilNoSets(run: Run) {
  const changed = new Pulse()
  const unsubscribe = run.store.onChange(['sets'], () => changed.ring())
  try {
    while (!run.signal.aborted) {
      const next = changed.next()
      const sets = await run.store.read((tx) => everySetOfApp(tx, run.appId))
      if (sets.length === 0) return
      await firstOf(next, 1_000, run.signal)
    }
  } finally {
    unsubscribe()
  }
}

/** Only what carries our label and this app's name, and nothing that a container still uses. */
async function removeImages({ engine, cluster, operation }: Run) {
  const ours = await engine.images.list(`${labels.cluster}=${cluster}`)
  const prefix = `${cluster}/${operation.app}:`
  const tags = ours.flatMap(({ tags }) => tags).filter((tag) => tag.startsWith(prefix))
  for (const tag of tags) await engine.images.remove(tag)
}
