import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { crc32, createInflateRaw } from 'node:zlib'

/** Why a zip file is not taken, in words for whoever sent it. */
export class ZipError extends Error {
  override readonly name = 'ZipError'
}

export type ZipEntry = {
  readonly path: string
  readonly kind: 'file' | 'directory'
  readonly executable: boolean
  readonly size: number
  readonly modifiedAt: Date
  /** Exactly `size` bytes, or a ZipError. */
  content(): AsyncGenerator<Buffer>
}

export type ZipLimits = { readonly entries: number; readonly bytes: number }

const most = { directory: 64 * 1_048_576, comment: 65_535 } as const

/**
 * The files of a zip file, from its central directory. Only plain files and folders with plain relative names; what is
 * said to unpack to more than the limit is not begun, and what unpacks to more than it said is an error.
 */
export async function zipEntries(file: FileHandle, limits: ZipLimits): Promise<ZipEntry[]> {
  const { offset, size, count } = await directoryOf(file)
  if (count > limits.entries) throw new ZipError(`it has more than ${limits.entries} files`)
  if (size > most.directory) throw new ZipError('its directory is too large')
  const entries = parseDirectory(file, await read(file, offset, size), count)
  const total = entries.reduce((sum, entry) => sum + entry.size, 0)
  if (total > limits.bytes)
    throw new ZipError(`its files are larger than ${Math.round(limits.bytes / 1_048_576)} MiB together`)
  return entries
}

async function read(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, offset + filled)
    if (bytesRead === 0) throw new ZipError('it ends too early')
    filled += bytesRead
  }
  return buffer
}

type Directory = { readonly offset: number; readonly size: number; readonly count: number }

async function directoryOf(file: FileHandle): Promise<Directory> {
  const { size } = await file.stat()
  const length = Math.min(size, most.comment + 22 + 20)
  const tail = await read(file, size - length, length)
  const at = tail.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  if (at < 0 || at + 22 > tail.length) throw new ZipError('it is no zip file, or not a whole one')
  const plain = {
    count: tail.readUInt16LE(at + 10),
    size: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
  }
  const isLarge = plain.count === 0xffff || plain.size === 0xffffffff || plain.offset === 0xffffffff
  const found = isLarge && at >= 20 ? await largeDirectory(file, tail.subarray(at - 20, at)) : plain
  if (found.offset + found.size > size) throw new ZipError('it ends too early')
  return found
}

async function largeDirectory(file: FileHandle, locator: Buffer): Promise<Directory> {
  if (locator.toString('latin1', 0, 4) !== 'PK\x06\x07') throw new ZipError('its directory is damaged')
  const record = await read(file, number(locator, 8), 56)
  if (record.toString('latin1', 0, 4) !== 'PK\x06\x06') throw new ZipError('its directory is damaged')
  return { count: number(record, 32), size: number(record, 40), offset: number(record, 48) }
}

function number(buffer: Buffer, at: number): number {
  const value = buffer.readBigUInt64LE(at)
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new ZipError('its directory is damaged')
  return Number(value)
}

function parseDirectory(file: FileHandle, bytes: Buffer, count: number): ZipEntry[] {
  const entries: ZipEntry[] = []
  for (let at = 0; entries.length < count; ) {
    if (at + 46 > bytes.length || bytes.toString('latin1', at, at + 4) !== 'PK\x01\x02')
      throw new ZipError('its directory is damaged')
    const lengths = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field)) as [number, number, number]
    const end = at + 46 + lengths[0] + lengths[1] + lengths[2]
    if (end > bytes.length) throw new ZipError('its directory is damaged')
    entries.push(parseEntry(file, bytes.subarray(at, end), lengths))
    at = end
  }
  return entries
}

type Stored = {
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly size: number
  readonly offset: number
}

function parseEntry(file: FileHandle, header: Buffer, [nameLength, extraLength]: [number, number, number]): ZipEntry {
  const raw = nameOf(header.subarray(46, 46 + nameLength))
  const path = safeName(raw)
  const mode = modeOf(header, path)
  const extra = header.subarray(46 + nameLength, 46 + nameLength + extraLength)
  const stored = { method: header.readUInt16LE(10), crc: header.readUInt32LE(16), ...sizesOf(header, extra) }
  if ((header.readUInt16LE(8) & 1) !== 0) throw new ZipError(`${show(path)} is encrypted`)
  if (stored.method !== 0 && stored.method !== 8)
    throw new ZipError(`${show(path)} is packed by a method that is not known here; use deflate`)
  const isFolder = raw.endsWith('/')
  return {
    path,
    kind: isFolder ? 'directory' : 'file',
    executable: (mode & 0o111) !== 0,
    size: isFolder ? 0 : stored.size,
    modifiedAt: dateOf(header.readUInt16LE(14), header.readUInt16LE(12)),
    content: () => contentOf(file, path, stored),
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function nameOf(bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new ZipError(`the file name ${JSON.stringify(bytes.toString('latin1'))} is not UTF-8; rename it`)
  }
}

const show = (path: string) => JSON.stringify(path.slice(0, 200))

function safeName(raw: string): string {
  if (raw.includes('\\')) throw new ZipError(`${show(raw)} has a backslash; pack it with / between folders`)
  if (/\p{Cc}/u.test(raw)) throw new ZipError(`the file name ${show(raw)} has a control character; rename it`)
  if (raw.startsWith('/') || /^[a-z]:/i.test(raw)) throw new ZipError(`${show(raw)} is an absolute path`)
  const parts = raw.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw new ZipError(`${show(raw)} leads out of it`)
  if (parts.length === 0 || raw.length > 1_024) throw new ZipError(`${show(raw)} is no name of a file`)
  return parts.join('/')
}

const types: Readonly<Record<number, string>> = {
  1: 'a named pipe',
  2: 'a device',
  6: 'a device',
  10: 'a link',
  12: 'a socket',
}

/** Written on Unix, its upper half is the mode of the file. */
function modeOf(header: Buffer, path: string): number {
  const isUnix = header[5] === 3 || header[5] === 19
  const mode = isUnix ? header.readUInt32LE(38) >>> 16 : 0
  const special = types[mode >>> 12]
  if (special) throw new ZipError(`${show(path)} is ${special}; only files and folders are taken`)
  return mode
}

/** Sizes that do not fit stand in an extra field, in this order and only those. */
function sizesOf(header: Buffer, extra: Buffer): Pick<Stored, 'packed' | 'size' | 'offset'> {
  const values = { size: header.readUInt32LE(24), packed: header.readUInt32LE(20), offset: header.readUInt32LE(42) }
  const large = largeField(extra)
  let at = 0
  for (const name of ['size', 'packed', 'offset'] as const) {
    if (values[name] !== 0xffffffff) continue
    if (!large || at + 8 > large.length) throw new ZipError('its directory is damaged')
    values[name] = number(large, at)
    at += 8
  }
  return values
}

function largeField(extra: Buffer): Buffer | undefined {
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = extra.readUInt16LE(at + 2)
    if (extra.readUInt16LE(at) === 1) return extra.subarray(at + 4, at + 4 + length)
    at += 4 + length
  }
  return undefined
}

const dateOf = (date: number, time: number) =>
  new Date(
    Date.UTC(1980 + (date >> 9), ((date >> 5) & 15) - 1, date & 31, time >> 11, (time >> 5) & 63, (time & 31) * 2),
  )

async function* contentOf(file: FileHandle, path: string, stored: Stored): AsyncGenerator<Buffer> {
  const raw = Readable.from(packed(file, stored))
  const plain = stored.method === 0 ? raw : inflated(raw)
  let [left, sum] = [stored.size, 0]
  try {
    for await (const chunk of plain as AsyncIterable<Buffer>) {
      left -= chunk.length
      if (left < 0) throw new ZipError(`${show(path)} unpacks to more than it says`)
      sum = crc32(chunk, sum)
      yield chunk
    }
  } catch (error) {
    throw error instanceof ZipError ? error : new ZipError(`${show(path)} is damaged`)
  } finally {
    raw.destroy()
    plain.destroy()
  }
  if (left !== 0 || sum !== stored.crc) throw new ZipError(`${show(path)} is damaged`)
}

function inflated(raw: Readable) {
  const inflate = createInflateRaw()
  raw.on('error', (error) => inflate.destroy(error))
  return raw.pipe(inflate)
}

const piece = 262_144

async function* packed(file: FileHandle, { offset, packed: size }: Stored): AsyncGenerator<Buffer> {
  const local = await read(file, offset, 30)
  if (local.toString('latin1', 0, 4) !== 'PK\x03\x04') throw new ZipError('one of its files is not where it says')
  const start = offset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28)
  for (let at = 0; at < size; at += piece) yield await read(file, start + at, Math.min(piece, size - at))
}
