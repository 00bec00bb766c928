import { connect } from '../client/client.ts'
import { listApps } from '../contract/apps.ts'
import { answers } from './dockerd.ts'
import { type Host, hostFrom } from './host.ts'
import { adminOf, loopbackUrl } from './login.ts'
import type { Part } from './parts.ts'
import type { Print, Told } from './print.ts'
import { wantsRegistry } from './registry.ts'
import { diskInWords, disksOf } from './room.ts'
import type { PartState } from './supervisor.ts'

type Seen = PartState & { readonly name: string; readonly byBerth: boolean }

/** How many apps are in which state; or why nobody can tell. */
type Apps = { readonly counts: Readonly<Record<string, number>> } | { readonly unknown: string }

/** A table of what must run here, and the apps in a line. */
export async function status(env: NodeJS.ProcessEnv, print: Print): Promise<boolean> {
  const { seen, apps, disks } = await look(hostFrom(env, print))
  for (const line of table([['PART', 'STATE', 'PID', 'SINCE', 'MEMORY'], ...seen.map(rowOf)])) print.line(line)
  print.line()
  print.line(`Apps: ${inWords(apps)}`)
  for (const disk of disks) print.line(`Disk: ${diskInWords(disk)}`)
  return true
}

/** The same for programs. */
export async function statusJson(env: NodeJS.ProcessEnv, aside: Print): Promise<Told> {
  const { seen, apps, disks } = await look(hostFrom(env, aside))
  return { ok: true, json: { parts: seen, apps, disks } }
}

async function look(host: Host) {
  return { seen: await partsOf(host), apps: await appsOf(host), disks: await disksOf(host) }
}

export const partsOf = (host: Host): Promise<Seen[]> =>
  Promise.all(
    Object.values(host.parts)
      .filter(({ name }) => name !== 'registry' || wantsRegistry(host))
      .map((part) => seenOf(host, part)),
  )

async function seenOf(host: Host, part: Part): Promise<Seen> {
  const state = await host.supervisor.state(part)
  const elsewhere = part.name === 'dockerd' && state.state === 'stopped' && (await answers(host))
  return { name: part.name, ...state, ...(elsewhere && { state: 'running' }), byBerth: !elsewhere }
}

const rowOf = ({ name, state, byBerth, pid, since, bytes }: Seen): string[] => [
  name,
  byBerth ? state : `${state} (not by Berth)`,
  pid === null ? '-' : String(pid),
  since === null ? '-' : `${since.toISOString().slice(0, 19)}Z`,
  bytes === null ? '-' : `${Math.round(bytes / 1_048_576)} MB`,
]

export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

async function appsOf(host: Host): Promise<Apps> {
  try {
    const apps = await connect({ url: loopbackUrl(host), token: adminOf(host).token }).call(listApps, {})
    const states = [...Map.groupBy(apps, (app) => app.state)]
    return { counts: Object.fromEntries(states.map(([state, of]) => [state, of.length])) }
  } catch (error) {
    return { unknown: error instanceof Error ? error.message : String(error) }
  }
}

function inWords(apps: Apps): string {
  if ('unknown' in apps) return `not known (${apps.unknown})`
  const counts = Object.entries(apps.counts).map(([state, count]) => `${count} ${state}`)
  return counts.join(', ') || 'none'
}
