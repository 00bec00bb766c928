import { inWords, judge, leastBytes, type Room, roomsAt, size, type Verdict } from '../lib/room.ts'
import type { Host } from './host.ts'

export type DiskState = Room & { readonly verdict: Verdict; readonly leastBytes: number }

/** The disks that builds fill: the Engine's and our own. */
export async function disksOf({ engine, config }: Host): Promise<DiskState[]> {
  const info = await engine.api.json<{ DockerRootDir: string }>({ path: '/info' }).catch(() => null)
  const rooms = await roomsAt([...(info ? [info.DockerRootDir] : []), config.dataDir, config.builds.cache])
  return rooms.map((room) => ({
    ...room,
    verdict: judge(room, config.builds.reserve),
    leastBytes: leastBytes(room, config.builds.reserve),
  }))
}

export const isTight = ({ verdict }: DiskState) => verdict !== 'fine'

/** `46.1 GB of 250.0 GB free on the disk of /var/lib/docker`, and what that means. */
export function diskInWords(disk: DiskState): string {
  const free = `${inWords(disk)} of ${size(disk.totalBytes)} free on the disk of ${disk.path}`
  const meaning = disk.verdict === 'low' ? 'soon nothing is built' : `nothing is built below ${size(disk.leastBytes)}`
  return isTight(disk) ? `${free}: ${meaning}` : free
}
