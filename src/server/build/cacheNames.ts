import { createHmac } from 'node:crypto'
import type { BuildRequest, BuildSettings } from './request.ts'

/** What the names of cache mounts start with. */
export type CacheNames = {
  /** Of this app alone. */
  readonly own: string
  /** Of the distribution's packages, which all apps' builds fetch. */
  readonly shared: string
}

/**
 * The Engine gives a cache to every build that knows its name, an inherited ONBUILD of an image from elsewhere included.
 * So nobody can guess these without the key.
 */
export function cacheNames(key: string, { team, app }: BuildRequest, { cluster }: BuildSettings): CacheNames {
  const secret = (...words: string[]) =>
    createHmac('sha256', key).update(JSON.stringify(words)).digest('hex').slice(0, 32)
  return { own: `${cluster}/${app}/${secret(cluster, team, app)}`, shared: `berth/${secret('shared')}` }
}
