import { type Engine, openEngine } from '../../engine/engine.ts'
import { log } from '../../lib/log.ts'
import type { Built } from '../../model/release.ts'
import { buildImage } from './build.ts'
import { isShort } from './disk.ts'
import type { BuildRequest, BuildSettings } from './request.ts'

const mega = 1_048_576
const tidyEveryMs = 10 * 60 * 1000

type EngineBuilds = {
  build(request: BuildRequest): Promise<Built>
  /** Where too little is left, empties the cache. */
  makeRoom(): Promise<void>
}

/**
 * Builds, and between them keeps what the Engine keeps to build faster within its budget. That is the cache of builds
 * alone: layers that no image has, and the cache mounts. Images are never touched, and nothing is while a build runs.
 */
export function engineBuilds(settings: BuildSettings): EngineBuilds {
  const engine = openEngine(settings.dockerSocket)
  const budget = (settings.cacheMb ?? 0) * mega
  let running = 0
  let tidiedAt = 0
  let tidying: Promise<void> = Promise.resolve()

  const tidy = async () => {
    const short = await isShort(settings)
    if (budget === 0 || running > 0 || (!short && Date.now() - tidiedAt < tidyEveryMs)) return
    tidiedAt = Date.now()
    await prune(engine, short ? 0 : budget)
  }
  const begun = () => {
    tidying = tidying.then(tidy).catch((error: unknown) => log.warn({ error }, 'the cache of builds is not tidied'))
    return tidying
  }

  const makeRoom = async () => {
    if (running === 0 && (await isShort(settings))) await begun()
    await tidying
  }

  return {
    makeRoom,
    async build(request) {
      await makeRoom()
      running++
      try {
        return await buildImage(request, settings)
      } finally {
        running--
        if (running === 0) void begun()
      }
    },
  }
}

/** What was not used for longest goes first. */
async function prune({ api }: Engine, keepBytes: number): Promise<void> {
  const { SpaceReclaimed: bytes } = await api.json<{ SpaceReclaimed: number }>({
    method: 'POST',
    path: `/build/prune?keep-storage=${keepBytes}`,
  })
  if (bytes > 0) log.info({ bytes }, 'the cache of builds was over its budget, or the disk nearly full')
}
