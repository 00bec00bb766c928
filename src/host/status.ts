import { connect } from '../client/client.ts'
import { listApps } from '../contract/apps.ts'
import { answers } from './dockerd.ts'
import { type Host, hostFrom } from './host.ts'
import { adminOf, loopbackUrl } from './login.ts'
import type { Part } from './parts.ts'
import type { Print } from './print.ts'

/** A table of what must run here, and the apps in a line. */
export async function status(env: NodeJS.ProcessEnv, print: Print): Promise<boolean> {
  const host = hostFrom(env, print)
  const rows = await Promise.all(Object.values(host.parts).map((part) => rowOf(host, part)))
  for (const line of table([['PART', 'STATE', 'PID', 'SINCE', 'MEMORY'], ...rows])) print.line(line)
  print.line()
  print.line(await appsLine(host))
  return true
}

async function rowOf(host: Host, part: Part): Promise<string[]> {
  const { state, pid, since, bytes } = await host.supervisor.state(part)
  const elsewhere = part.name === 'dockerd' && state === 'stopped' && (await answers(host))
  return [
    part.name,
    elsewhere ? 'running (not by Berth)' : state,
    pid === null ? '-' : String(pid),
    since === null ? '-' : `${since.toISOString().slice(0, 19)}Z`,
    bytes === null ? '-' : `${Math.round(bytes / 1_048_576)} MB`,
  ]
}

export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

async function appsLine(host: Host): Promise<string> {
  try {
    const apps = await connect({ url: loopbackUrl(host), token: adminOf(host).token }).call(listApps, {})
    const states = Map.groupBy(apps, (app) => app.state)
    const counts = [...states].map(([state, of]) => `${of.length} ${state}`)
    return `Apps: ${apps.length === 0 ? 'none' : counts.join(', ')}`
  } catch (error) {
    return `Apps: not known (${error instanceof Error ? error.message : String(error)})`
  }
}
