import { createWriteStream } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { UploadType } from '../../contract/deploys.ts'
import type { Reserve } from '../../lib/room.ts'
import { ZipError } from '../../lib/zip.ts'
import { imageLimits, uploadLimits } from '../../model/limits.ts'
import { Refusal, refusal, refuse } from '../../model/refusal.ts'
import { tarOfZip } from './tarOfZip.ts'
import { whileRoom } from './uploadRoom.ts'

const mb = 1_048_576

/** What the body says that it is. */
export function typeOf(contentType: string | undefined): UploadType {
  const [, name = ''] = /^application\/([\w-]+)\s*(?:;|$)/i.exec(contentType ?? '') ?? []
  const known: Readonly<Record<string, UploadType>> = {
    zip: 'zip',
    'x-zip-compressed': 'zip',
    gzip: 'gzip',
    'x-gzip': 'gzip',
  }
  if (['x-tar', 'tar', 'octet-stream'].includes(name.toLowerCase())) return 'tar'
  const type = known[name.toLowerCase()]
  return type ?? refuse('INVALID', 'content-type', 'must be application/x-tar, application/gzip or application/zip')
}

/** What a tar file is for: its name in the folder of a deploy, and how large it may be. */
export type Purpose = { readonly name: string; readonly packedMb: number; readonly unpackedMb: number }
type Limits = Purpose & { readonly reserve: Reserve }
export const forSource: Purpose = { name: 'source.tar', ...uploadLimits }
export const forImage: Purpose = { name: 'image.tar', ...imageLimits }

/** Keeps the files in the body as a tar file in the folder, whatever they came packed in; nothing of it stays on failure. */
export async function receiveTar(request: IncomingMessage, dir: string, limits: Limits): Promise<void> {
  const type = typeOf(request.headers['content-type'])
  const { packedMb } = limits
  if (Number(request.headers['content-length'] ?? 0) > packedMb * mb) throw tooLarge(packedMb)
  await keepTar(request, type, dir, limits)
}

/** The same for what has come by whatever way. */
export async function keepTar(input: Readable, type: UploadType, dir: string, limits: Limits): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  try {
    const path = join(dir, limits.name)
    await write[type](input, path, limits)
    await mustBeTar(path)
  } catch (error) {
    await rm(dir, { recursive: true, force: true })
    throw understood(error)
  }
}

const fileAt = (path: string) => createWriteStream(path, { mode: 0o600, flags: 'wx' })

/** Larger than Node's own, for there may be gigabytes. */
const piece = 262_144

type Writer = (input: Readable, path: string, limits: Limits) => Promise<void>

const write: Readonly<Record<UploadType, Writer>> = {
  tar: (input, path, { packedMb, reserve }) =>
    pipeline(input, atMost(packedMb), whileRoom(path, reserve), fileAt(path)),
  gzip: (input, path, { packedMb, unpackedMb, reserve }) =>
    pipeline(
      input,
      atMost(packedMb),
      createGunzip({ chunkSize: piece }),
      atMost(unpackedMb),
      whileRoom(path, reserve),
      fileAt(path),
    ),
  /** Its directory stands at the end, so all of it has to be here first. */
  async zip(input, path, { packedMb, reserve }) {
    const packed = `${path}.zip`
    await pipeline(input, atMost(packedMb), whileRoom(path, reserve), fileAt(packed))
    await using file = await open(packed)
    await pipeline(Readable.from(tarOfZip(file)), whileRoom(path, reserve), fileAt(path))
    await rm(packed)
  },
}

const tooLarge = (limitMb: number) => refusal('TOO_LARGE', 'the source', `${limitMb} MiB`)

function atMost(limitMb: number): Transform {
  let size = 0
  return new Transform({
    transform(chunk: Buffer, _, done) {
      size += chunk.length
      if (size > limitMb * mb) done(tooLarge(limitMb))
      else done(null, chunk)
    },
  })
}

/** Far enough to tell a mistake at once; every member is checked before anything of it is used. */
async function mustBeTar(path: string): Promise<void> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(512), position: 0 })
  if (bytesRead < 512 || !checksumMatches(buffer)) refuse('SOURCE', 'the body is not a tar file')
}

/** Of the header, with the field of the sum itself taken as blanks. */
function checksumMatches(header: Buffer): boolean {
  const stated = Number.parseInt(header.toString('latin1', 148, 156), 8)
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0)
  return stated === sum
}

function understood(error: unknown): unknown {
  if (error instanceof ZipError) return refusal('SOURCE', error.message)
  if (error instanceof Refusal || !(error instanceof Error)) return error
  const code = 'code' in error ? String(error.code) : ''
  if (code.startsWith('Z_')) return refusal('SOURCE', 'the body is not a whole gzip file')
  if (code === 'ENOSPC' || code === 'EDQUOT') return refusal('UNAVAILABLE', 'the disk of the server', 'it is full')
  if (code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET') return refusal('SOURCE', 'the upload was cut off')
  return error
}
