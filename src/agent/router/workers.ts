import { setTimeout as sleep } from 'node:timers/promises'
import type { RouterSettings } from './routes.ts'
import { readInfo } from './running.ts'
import { ask, askMaster, Silent } from './socket.ts'

const reloadLimitMs = 30_000

/** Has the master start a new worker with the file as it is now; resolves when that one answers. */
export async function reload(settings: RouterSettings, oldPid: number): Promise<void> {
  await askMaster(settings.master, 'reload').catch(unlessSilent)
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

/** Those of these workers that still finish the connections they have. */
export async function stillThere({ master }: RouterSettings, pids: readonly number[]): Promise<readonly number[]> {
  const text = await askMaster(master, 'show proc').catch(() => undefined)
  if (text === undefined) return pids
  const old = readOldWorkers(text)
  return pids.filter((pid) => old.includes(pid))
}

export function readOldWorkers(text: string): number[] {
  const section = /^# old workers$([\s\S]*?)(?=^#|(?![\s\S]))/m.exec(text)?.[1] ?? ''
  return [...section.matchAll(/^(\d+)\s+worker\b/gm)].map(([, pid]) => Number(pid))
}

/** Best effort: old workers take what they understand (they know fewer backends), and nobody waits for them. */
export async function tellOldWorkers({ master }: RouterSettings, pids: readonly number[], commands: readonly string[]) {
  const lines = pids.flatMap((pid) => commands.map((line) => `@!${pid} ${line}`))
  for (const line of lines) await askMaster(master, line).catch(() => undefined)
}

function unlessSilent(error: unknown) {
  if (!(error instanceof Silent)) throw error
}
