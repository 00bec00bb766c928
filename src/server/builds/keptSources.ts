import { createReadStream, createWriteStream } from 'node:fs'
import { copyFile, link, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { constants, createGunzip, createGzip } from 'node:zlib'
import { log } from '../../lib/log.ts'
import { buildName } from '../../model/build.ts'
import { refuse } from '../../model/refusal.ts'

export type KeptSources = ReturnType<typeof keptSources>

/** Sources of builds that may be built again: `<dir>/<app>/b<N>.tar.gz`, for a while without the `.gz`. */
export function keptSources(dir: string) {
  const packing = new Set<Promise<void>>()
  const pathOf = (app: string, number: number) => join(dir, app, `${buildName(number)}.tar`)
  const filesOf = (app: string): Promise<string[]> => readdir(join(dir, app)).catch(() => [])
  return {
    /** At once; packed afterwards, when nobody waits for it. */
    async keep(app: string, number: number, tar: string): Promise<void> {
      const path = pathOf(app, number)
      await mkdir(join(dir, app), { recursive: true, mode: 0o700 })
      await rm(path, { force: true })
      await link(tar, path).catch(() => copyFile(tar, path))
      const packed = pack(path)
        .catch((error) => log.warn({ error, path }, 'a kept source is not packed'))
        .finally(() => packing.delete(packed))
      packing.add(packed)
    },

    /** Writes it to `tar`, whole or not at all. */
    async unpack(app: string, number: number, tar: string): Promise<void> {
      const path = pathOf(app, number)
      const found = await filesOf(app)
      const packed = found.includes(`${buildName(number)}.tar.gz`)
      if (!packed && !found.includes(`${buildName(number)}.tar`)) refuse('SOURCE_GONE', buildName(number))
      if (packed) await pipeline(createReadStream(`${path}.gz`), createGunzip(), createWriteStream(`${tar}.next`))
      else await copyFile(path, `${tar}.next`)
      await rename(`${tar}.next`, tar)
    },

    /** All others of the app go. */
    async keepOnly(app: string, numbers: readonly number[]): Promise<void> {
      const kept = new Set(numbers.map((number) => `${buildName(number)}.tar`))
      const found = await filesOf(app)
      const others = found.filter((name) => !kept.has(name.replace(/(\.gz)?(\.next)?$/, '')))
      for (const name of others) await rm(join(dir, app, name), { force: true })
    },

    remove: (app: string) => rm(join(dir, app), { recursive: true, force: true, maxRetries: 5 }),

    async [Symbol.asyncDispose]() {
      await Promise.all(packing)
    },
  }
}

async function pack(path: string): Promise<void> {
  const gzip = createGzip({ level: constants.Z_BEST_SPEED })
  await pipeline(createReadStream(path), gzip, createWriteStream(`${path}.gz.next`, { mode: 0o600 }))
  await rename(`${path}.gz.next`, `${path}.gz`)
  await rm(path, { force: true })
}
