import { stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What is left of the file system that a path is on. */
export type Room = {
  readonly path: string
  readonly freeBytes: number
  readonly totalBytes: number
  /** Share of files that can still be made, 0 to 1. */
  readonly freeFiles: number
}

/** What has to stay free: whichever is more. */
export type Reserve = { readonly mb: number; readonly percent: number }

/** low: soon none. short: nothing new is begun. out: what is under way is stopped. */
export type Verdict = 'fine' | 'low' | 'short' | 'out'

const mega = 1_048_576
/** Of the files that a file system can hold; some have no such limit and say 0 of 0. */
const leastFiles = 0.02

export async function roomAt(path: string): Promise<Room> {
  const { bavail, bsize, blocks, files, ffree } = await statfs(await existing(path))
  return {
    path,
    freeBytes: bavail * bsize,
    totalBytes: blocks * bsize,
    freeFiles: files === 0 ? 1 : ffree / files,
  }
}

/** One of those on the same file system. */
export async function roomsAt(paths: readonly string[]): Promise<Room[]> {
  const devices = new Map<number, string>()
  for (const path of paths) {
    const { dev } = await stat(await existing(path))
    if (!devices.has(dev)) devices.set(dev, path)
  }
  return Promise.all([...devices.values()].map(roomAt))
}

export const leastBytes = ({ totalBytes }: Room, { mb, percent }: Reserve): number =>
  Math.max(mb * mega, (totalBytes * percent) / 100)

export function judge(room: Room, reserve: Reserve): Verdict {
  const least = leastBytes(room, reserve)
  const times = Math.min(least > 0 ? room.freeBytes / least : 2, room.freeFiles / leastFiles)
  if (times >= 2) return 'fine'
  if (times >= 1) return 'low'
  return times >= 0.5 ? 'short' : 'out'
}

/** `1.2 GB`, or what is scarcer. */
export function inWords(room: Room): string {
  const scarce = room.freeFiles < leastFiles * 2
  return scarce ? `${(room.freeFiles * 100).toFixed(1)} % of the files` : size(room.freeBytes)
}

export const size = (bytes: number): string =>
  bytes < 1_000 * mega ? `${Math.round(bytes / mega)} MB` : `${(bytes / mega / 1_024).toFixed(1)} GB`

async function existing(path: string): Promise<string> {
  const found = await stat(path).then(
    () => true,
    () => false,
  )
  return found || path === '/' ? path : existing(dirname(path))
}
