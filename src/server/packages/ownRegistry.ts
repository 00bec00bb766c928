import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { log } from '../../lib/log.ts'
import { pause } from '../../lib/pulse.ts'
import { gate } from './gate.ts'
import type { Storage } from './storage.ts'

type Options = {
  /** With its settings, its data and its process id. */
  readonly dir: string
  /** How long garbage lies before it is collected. */
  readonly restMs?: number
  /** How long the registry may be away while it collects. */
  readonly patienceMs?: number
}

const minuteMs = 60_000

/**
 * The registry that Berth runs on this machine. What is removed from a registry stays on its disk until its garbage is
 * collected, which must not happen while anybody writes. So nobody is let in meanwhile, and the registry itself is ended:
 * whoever keeps it running starts libexec/registry again, which collects before it serves.
 */
export function ownRegistry(registry: Storage, options: Options): Storage {
  const { dir, restMs = 10 * minuteMs, patienceMs = 15 * minuteMs } = options
  const door = gate()
  const garbage = join(dir, 'garbage')
  const collect = join(dir, 'collect')
  const noteGarbage = () => writeFile(garbage, '', { flag: 'wx' }).catch(() => undefined)

  return {
    ...registry,
    put: (image, put) =>
      door.with(async () => {
        try {
          return await registry.put(image, put)
        } catch (error) {
          await noteGarbage()
          throw error
        }
      }, put.signal),
    get: (image, stored, signal) => door.with(() => registry.get(image, stored, signal), signal),
    remove: (stored) =>
      door.with(async () => {
        await registry.remove(stored)
        await noteGarbage()
      }),
    check: () => door.with(() => registry.check()),

    async tidy(signal) {
      const since = (await timeOf(collect)) ?? (await timeOf(garbage))
      if (since === undefined || Date.now() - since < restMs) return
      await door.whenEmpty(async () => {
        const pid = await pidIn(dir)
        if (pid === undefined) return
        await rename(garbage, collect).catch(() => undefined)
        process.kill(pid, 'SIGTERM')
        await restarted({ dir, pid, registry, signal, patienceMs })
      })
    },
  }
}

const timeOf = (path: string) =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  )

/** Its process; undefined when there is none, or another program has its number now. */
async function pidIn(dir: string): Promise<number | undefined> {
  const pid = Number(await readFile(join(dir, 'pid'), 'utf8').catch(() => ''))
  const command = pid > 0 ? await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '') : ''
  return command.includes(dir) ? pid : undefined
}

type Restart = {
  readonly dir: string
  readonly pid: number
  readonly registry: Storage
  readonly signal: AbortSignal
  readonly patienceMs: number
}

async function restarted({ dir, pid, registry, signal, patienceMs }: Restart): Promise<void> {
  const began = Date.now()
  while (!signal.aborted && Date.now() - began < patienceMs) {
    await pause(200, signal)
    const now = await pidIn(dir)
    if (now === undefined || now === pid || (await timeOf(join(dir, 'collect'))) !== undefined) continue
    const serves = await registry.check().then(
      () => true,
      () => false,
    )
    if (serves) return log.info({ ms: Date.now() - began }, 'garbage of the package registry collected')
  }
  if (!signal.aborted) log.error({ dir }, 'the package registry did not come back after collecting its garbage')
}
