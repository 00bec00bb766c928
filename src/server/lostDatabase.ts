import { existsSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import { isAway } from '../engine/api.ts'
import type { Engine } from '../engine/engine.ts'
import { labels } from '../model/instance.ts'
import { refuse } from '../model/refusal.ts'

/**
 * A data folder whose disk is not mounted looks like a first start, and an empty database wants nothing: every app would
 * be stopped. So a first start needs an Engine in which nothing of this installation runs.
 */
export async function refuseLostDatabase(
  { db, cluster }: Pick<Config, 'db' | 'cluster'>,
  { services }: Pick<Engine, 'services'>,
): Promise<void> {
  if (existsSync(db.path)) return
  const filter = `${labels.cluster}=${cluster}`
  const running = await services.list(filter).catch(unknown)
  if (running.length === 0) return
  refuse(
    'UNAVAILABLE',
    `the database ${db.path}`,
    `it is gone, and ${running.length} services of it run, which are left as they are. Restore the data folder (is its ` +
      `disk mounted?); or begin anew: docker service rm $(docker service ls -q --filter label=${filter})`,
  )
}

function unknown(error: unknown): never {
  if (!isAway(error)) throw error
  return refuse('UNAVAILABLE', 'the Docker Engine', 'it does not answer, and a first start needs it')
}
