import { setTimeout as sleep } from 'node:timers/promises'
import { log } from '../../lib/log.ts'
import type { RouterSettings } from './routes.ts'
import { readInfo } from './running.ts'
import { ask, askMaster } from './socket.ts'

const reloadLimitMs = 30_000

/** Has the master start a new worker with the file as it is now; resolves when that one answers. */
export async function reload(settings: RouterSettings, oldPid: number): Promise<void> {
  await askMaster(settings.master, 'reload')
  for (const until = Date.now() + reloadLimitMs; Date.now() < until; ) {
    const pid = await workerPid(settings)
    if (pid !== undefined && pid !== oldPid) return
    await sleep(20)
  }
  throw new Error('HAProxy did not finish its reload')
}

/** Undefined while none answers. */
export async function workerPid({ socket }: Pick<RouterSettings, 'socket'>): Promise<number | undefined> {
  const [info = ''] = await ask(socket, ['show info']).catch(() => [])
  const { pid } = readInfo(info)
  return Number.isNaN(pid) ? undefined : pid
}

/** Workers from before a reload, which finish the connections they have. */
export async function oldWorkers({ master }: RouterSettings): Promise<number[]> {
  return readOldWorkers(await askMaster(master, 'show proc'))
}

export function readOldWorkers(text: string): number[] {
  const section = /^# old workers$([\s\S]*?)(?=^#|(?![\s\S]))/m.exec(text)?.[1] ?? ''
  return [...section.matchAll(/^(\d+)\s+worker\b/gm)].map(([, pid]) => Number(pid))
}

/** Best effort: old workers take what they understand (they know fewer backends), and nobody waits for them. */
export async function tellOldWorkers(settings: RouterSettings, pids: readonly number[], commands: readonly string[]) {
  for (const pid of pids) {
    for (const line of commands) {
      await askMaster(settings.master, `@!${pid} ${line}`).catch((error: unknown) =>
        log.warn({ error, pid }, 'old worker not told'),
      )
    }
  }
}
