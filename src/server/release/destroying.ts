import { isAway } from '../../engine/api.ts'
import { log } from '../../lib/log.ts'
import { labels } from '../../model/instance.ts'
import { refusal, refuse } from '../../model/refusal.ts'
import { lookUntil } from '../store/lookUntil.ts'
import { endOperation, enterPhase, openOperations } from '../store/operations.ts'
import { hasSets, setRole, setsOfApp } from '../store/sets.ts'
import type { Run } from './parts.ts'

/** Draining and ending may take as long as an app says; a sick Engine takes for ever. */
const patienceMs = 15 * 60 * 1000

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
  await untilNothingRuns(run)
  if (run.signal.aborted) return
  await removeImages(run).catch((error) => log.warn({ error, app: operation.app }, 'images left to the reaper'))
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

/** What still runs would write logs of an app that is no more. */
async function untilNothingRuns(run: Run) {
  const deadline = Date.now() + patienceMs
  await lookUntil({ ...run, topics: ['sets'], everyMs: 500 }, async () => {
    if (await nothingRuns(run).catch(unlessAway)) return true
    if (Date.now() > deadline) refuse('UNAVAILABLE', 'the Docker Engine', 'it does not end all instances of the app')
    return false
  })
}

function unlessAway(error: unknown): false {
  if (isAway(error)) return false
  throw error
}

async function nothingRuns({ store, engine, cluster, operation, appId }: Run): Promise<boolean> {
  if (await store.read((tx) => hasSets(tx, appId))) return false
  const its = [`${labels.cluster}=${cluster}`, `${labels.app}=${operation.app}`]
  for (const id of await engine.containers.ids(...its, labels.operation)) await engine.containers.remove(id)
  return (await engine.containers.ids(...its)).length === 0
}

/** Only what carries our label and this app's name, and nothing that a container still uses. */
async function removeImages({ engine, cluster, operation }: Run) {
  const ours = await engine.images.list(`${labels.cluster}=${cluster}`)
  const prefix = `${cluster}/${operation.app}:`
  const tags = ours.flatMap(({ tags }) => tags).filter((tag) => tag.startsWith(prefix))
  for (const tag of tags) await engine.images.remove(tag)
}
