import { Transform } from 'node:stream'
import { inWords, judge, leastBytes, type Reserve, roomAt, size } from '../../lib/room.ts'
import { refuse } from '../../model/refusal.ts'

const everyBytes = 16 * 1_048_576

/** Is told of bytes before they are written. Throws DISK_LOW: no upload, nor what it unpacks to, may fill the disk. */
export function roomGuard(dir: string, reserve: Reserve): (bytes: number) => Promise<void> {
  let untilLook = 0
  return async (bytes) => {
    untilLook -= bytes
    if (untilLook >= 0) return
    untilLook = everyBytes
    const room = await roomAt(dir)
    if (!['short', 'out'].includes(judge(room, reserve))) return
    refuse('DISK_LOW', 'the upload was refused', inWords(room), room.path, size(leastBytes(room, reserve)))
  }
}

/** Passes bytes on while there is room for them. */
export function whileRoom(dir: string, reserve: Reserve): Transform {
  const guard = roomGuard(dir, reserve)
  return new Transform({
    transform: (chunk: Buffer, _, done) => void guard(chunk.length).then(() => done(null, chunk), done),
  })
}
