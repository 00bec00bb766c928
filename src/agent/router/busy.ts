import type { RouterSettings } from './routes.ts'
import { ask, askMaster } from './socket.ts'

/** Connections in use per server of these backends, those of old workers included. */
export async function readBusy(
  settings: RouterSettings,
  backends: readonly string[],
  old: readonly number[],
): Promise<Map<string, number>> {
  const commands = backends.map((backend) => `show servers conn ${backend}`)
  const answers = await ask(settings.socket, commands)
  const lines = old.flatMap((pid) => commands.map((line) => `@!${pid} ${line}`))
  const older = await Promise.all(lines.map((line) => askMaster(settings.master, line).catch(() => '')))
  return sumConnections([...answers, ...older].join('\n'))
}

/** `show servers conn`: backend/server ids address port - purge_delay used_cur … */
export function sumConnections(text: string): Map<string, number> {
  const busy = new Map<string, number>()
  for (const line of text.split('\n')) {
    const [name = '', , , , , , used] = line.trim().split(' ')
    const id = /^b\d+\/(.+)$/.exec(name)?.[1]
    if (id) busy.set(id, (busy.get(id) ?? 0) + Number(used))
  }
  return busy
}
