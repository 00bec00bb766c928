import { createWriteStream } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { uploadLimits } from '../../contract/deploys.ts'
import { Refusal, refusal, refuse } from '../../model/refusal.ts'

const types = /^application\/(x-tar|tar|gzip|x-gzip|octet-stream)\s*(;|$)/i
const mb = 1_048_576

/** Keeps the tar file of the body as `<dir>/source.tar`, unpacked if it was gzipped; nothing of it stays on failure. */
export async function receiveSource(request: IncomingMessage, dir: string): Promise<void> {
  if (!types.test(request.headers['content-type'] ?? '')) {
    refuse('INVALID', 'content-type', 'must be application/x-tar or application/gzip')
  }
  if (Number(request.headers['content-length'] ?? 0) > uploadLimits.packedMb * mb) throw tooLarge(uploadLimits.packedMb)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  try {
    const path = join(dir, 'source.tar')
    await write(request, path)
    await mustBeTar(path)
  } catch (error) {
    await rm(dir, { recursive: true, force: true })
    throw understood(error)
  }
}

async function write(request: IncomingMessage, path: string): Promise<void> {
  const file = createWriteStream(path, { mode: 0o600, flags: 'wx' })
  const packed = atMost(uploadLimits.packedMb)
  const gzipped = /gzip/i.test(request.headers['content-type'] ?? '')
  if (gzipped) await pipeline(request, packed, createGunzip(), atMost(uploadLimits.unpackedMb), file)
  else await pipeline(request, packed, file)
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
  if (error instanceof Refusal || !(error instanceof Error)) return error
  const code = 'code' in error ? String(error.code) : ''
  if (code.startsWith('Z_')) return refusal('SOURCE', 'the body is not a whole gzip file')
  if (code === 'ENOSPC' || code === 'EDQUOT') return refusal('UNAVAILABLE', 'the disk of the server', 'it is full')
  if (code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET') return refusal('SOURCE', 'the upload was cut off')
  return error
}
