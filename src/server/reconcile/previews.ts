import { log } from '../../lib/log.ts'
import { record } from '../store/events.ts'
import { requestDestroy } from '../store/operations.ts'
import { endedPreviews, forgetOldWaiting } from '../store/previews.ts'
import type { Store } from '../store/store.ts'
import type { Reconciler } from './keep.ts'

/** Destroys previews that nobody has deployed for as long as they may stay, and those of apps that are gone. */
export const previews = (store: Store): Reconciler => ({
  name: 'previews',
  topics: ['apps'],
  everyMs: 60_000,
  async pass() {
    const at = new Date().toISOString()
    const ended = await store.read((tx) => endedPreviews(tx, at))
    for (const { app, reason } of ended) {
      await store.write(['operations', 'apps'], async (tx) => {
        const still = (await endedPreviews(tx, at)).some((one) => one.app.id === app.id)
        if (!still) return
        const actor = { name: 'previews' }
        await requestDestroy(tx, app, actor.name)
        const audit = { action: 'removePreview', target: `app ${app.name}`, teamId: app.team_id, source: reason }
        await record(tx, actor, { ...audit, result: 'ok' })
      })
      log.info({ app: app.name, reason }, 'preview destroyed')
    }
    await store.write([], (tx) => forgetOldWaiting(tx, at))
  },
})
