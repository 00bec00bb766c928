import { openEngine } from '../../engine/engine.ts'
import { inWords, judge, leastBytes, type Reserve, type Room, roomAt, roomsAt, size } from '../../lib/room.ts'
import { refusal, refuse } from '../../model/refusal.ts'
import type { BuildSettings } from './request.ts'

export type Disks = {
  /** Fires when so little is left that what is under way has to stop. */
  readonly signal: AbortSignal
  /** Why it fired. */
  readonly reason: () => never
  readonly close: () => void
}

/** What says which disks builds fill, and what stays free there. */
type DiskSettings = Pick<BuildSettings, 'dockerSocket' | 'engineRoot' | 'cacheDir' | 'reserve'>

const lookEveryMs = 250
const nothing: Reserve = { mb: 0, percent: 0 }

/** Looks at the disks that builds fill, before one and during it. Throws DISK_LOW when none may begin. */
export async function watchDisks(settings: DiskSettings, log: (line: string) => void): Promise<Disks> {
  const reserve = settings.reserve ?? nothing
  const rooms = await roomsAt(await paths(settings))
  for (const room of rooms) {
    const verdict = judge(room, reserve)
    if (verdict === 'low')
      log(` !     Only ${inWords(room)} are free on the disk of ${room.path}: soon nothing is built here`)
    if (verdict === 'short' || verdict === 'out') refuseFor('no build can begin', room, reserve)
  }
  return watched(rooms, reserve)
}

/** Whether too little is left for a build. */
export const isShort = async (settings: DiskSettings): Promise<boolean> => (await shortRoom(settings)) !== undefined

/** Throws DISK_LOW. */
export async function needRoom(settings: DiskSettings, what: string): Promise<void> {
  const room = await shortRoom(settings)
  if (room) refuseFor(what, room, settings.reserve ?? nothing)
}

async function shortRoom(settings: DiskSettings): Promise<Room | undefined> {
  const rooms = await roomsAt(await paths(settings))
  return rooms.find((room) => ['short', 'out'].includes(judge(room, settings.reserve ?? nothing)))
}

function watched(rooms: readonly Room[], reserve: Reserve): Disks {
  const controller = new AbortController()
  let full: Room | undefined
  const look = async () => {
    const now = await Promise.all(rooms.map(({ path }) => roomAt(path)))
    full ??= now.find((room) => judge(room, reserve) === 'out')
    if (full) controller.abort()
  }
  const timer = setInterval(() => void look().catch(() => undefined), lookEveryMs)
  return {
    signal: controller.signal,
    reason: () => refuseFor('the build was stopped', full ?? rooms[0], reserve),
    close: () => clearInterval(timer),
  }
}

function refuseFor(what: string, room: Room | undefined, reserve: Reserve): never {
  if (!room) throw refusal('DISK_LOW', what, 'none', 'this machine', 'some')
  return refuse('DISK_LOW', what, inWords(room), room.path, size(leastBytes(room, reserve)))
}

const roots = new Map<string, Promise<string>>()

/** Its own, and where we keep what builds fetch. */
async function paths(settings: DiskSettings): Promise<string[]> {
  return [await engineRoot(settings), settings.cacheDir]
}

/** The folder that the Engine keeps layers in. */
export const engineRoot = async (settings: Pick<BuildSettings, 'engineRoot' | 'dockerSocket'>): Promise<string> =>
  settings.engineRoot ?? (await rootOf(settings.dockerSocket))

function rootOf(socket: string): Promise<string> {
  const known = roots.get(socket) ?? askedRoot(socket)
  roots.set(socket, known)
  known.catch(() => roots.delete(socket))
  return known
}

const askedRoot = async (socket: string) =>
  (await openEngine(socket).api.json<{ DockerRootDir: string }>({ path: '/info' })).DockerRootDir
