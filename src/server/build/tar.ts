import { refuse } from '../../model/refusal.ts'

/** One member of a tar file, with extended headers already applied. */
export type Member = {
  readonly path: string
  readonly type: string
  readonly mode: number
  readonly size: number
  readonly mtime: number
  readonly target: string
  /** Where its content starts in the file. */
  readonly offset: number
}

/** Random access to the bytes of a tar file; shorter than asked at its end. */
export type Bytes = { read(offset: number, length: number): Promise<Buffer> }

const block = 512
const mostExtended = 1_048_576
type Extended = { path?: string; target?: string; size?: number }

/** Reads ustar, pax and GNU members in order. A broken file throws SOURCE. */
export async function* readTar(bytes: Bytes): AsyncGenerator<Member> {
  let offset = 0
  let extended: Extended = {}
  for (;;) {
    const header = await bytes.read(offset, block)
    if (header.length < block) return offset === 0 ? refuse('SOURCE', 'it is not a tar file') : undefined
    if (header.every((byte) => byte === 0)) return
    const member = parseHeader(header, offset + block)
    const known = await readExtended(bytes, member, extended)
    offset = member.offset + padded((known ? member.size : extended.size) ?? member.size)
    if (known) extended = known
    else {
      yield { ...member, ...extended }
      extended = {}
    }
  }
}

export const padded = (size: number) => Math.ceil(size / block) * block

function parseHeader(header: Buffer, offset: number): Member {
  if (number(header, 148, 8) !== checksum(header)) refuse('SOURCE', 'it is not a tar file, or a damaged one')
  const ustar = header.toString('latin1', 257, 262) === 'ustar'
  const prefix = ustar && header[263] === 0x30 ? text(header, 345, 155) : ''
  const name = text(header, 0, 100)
  return {
    path: prefix ? `${prefix}/${name}` : name,
    type: String.fromCharCode(header[156] || 0x30),
    mode: number(header, 100, 8),
    size: number(header, 124, 12),
    mtime: number(header, 136, 12),
    target: text(header, 157, 100),
    offset,
  }
}

/** What an extended header says about the next member; nothing when the member is an ordinary one. */
async function readExtended(bytes: Bytes, member: Member, before: Extended): Promise<Extended | undefined> {
  if (member.type === 'g') return before
  if (!'xLK'.includes(member.type)) return undefined
  if (member.size > mostExtended) refuse('SOURCE', 'a header in the tar file is too large')
  const content = await bytes.read(member.offset, member.size)
  if (member.type === 'L') return { ...before, path: text(content, 0, content.length) }
  if (member.type === 'K') return { ...before, target: text(content, 0, content.length) }
  return { ...before, ...paxRecords(content) }
}

/** `<length> <key>=<value>\n`, where the length counts bytes and includes itself. */
function paxRecords(content: Buffer): Extended {
  const found: Extended = {}
  let at = 0
  while (at < content.length) {
    const space = content.indexOf(0x20, at)
    const length = Number(content.toString('latin1', at, space))
    if (space < 0 || !Number.isInteger(length) || length < 5 || at + length > content.length) {
      refuse('SOURCE', 'a header in the tar file is damaged')
    }
    const record = decode(content.subarray(space + 1, at + length - 1))
    keep(found, record.slice(0, record.indexOf('=')), record.slice(record.indexOf('=') + 1))
    at += length
  }
  return found
}

function keep(found: Extended, key: string, value: string): void {
  if (key.startsWith('GNU.sparse')) refuse('SOURCE', 'it has sparse files; make the tar file without them')
  if (key === 'path') found.path = value
  if (key === 'linkpath') found.target = value
  if (key !== 'size') return
  if (!/^\d{1,15}$/.test(value)) refuse('SOURCE', 'a header in the tar file is damaged')
  found.size = Number(value)
}

/** Octal, or base 256 when the first bit is set. */
function number(header: Buffer, at: number, length: number): number {
  const field = header.subarray(at, at + length)
  if (((field[0] ?? 0) & 0x80) !== 0) return Number(field.readBigUInt64BE(length - 8) & 0x1fffffffffffffn)
  const digits = field
    .toString('latin1')
    .replace(/[\0 ]+$/, '')
    .trim()
  if (!/^[0-7]*$/.test(digits)) refuse('SOURCE', 'it is not a tar file, or a damaged one')
  return Number.parseInt(digits || '0', 8)
}

function checksum(header: Buffer): number {
  let sum = 8 * 0x20
  for (const [i, byte] of header.entries()) sum += i >= 148 && i < 156 ? 0 : byte
  return sum
}

function text(buffer: Buffer, at: number, length: number): string {
  const field = buffer.subarray(at, at + length)
  const end = field.indexOf(0)
  return decode(end < 0 ? field : field.subarray(0, end))
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decode(field: Buffer): string {
  try {
    return utf8.decode(field)
  } catch {
    return refuse('SOURCE', `the file name ${JSON.stringify(field.toString('latin1'))} is not UTF-8; rename it`)
  }
}

export type Heading = Pick<Member, 'path' | 'type' | 'mode' | 'size'> & {
  readonly mtime?: number
  readonly target?: string
}

/** The header blocks of one member; owner is always root. */
export function encodeHeader(member: Heading): Buffer {
  const { path, target = '' } = member
  const long = Buffer.byteLength(path) > 100 || Buffer.byteLength(target) > 100
  if (!long) return plainHeader(member)
  const records = Buffer.concat([paxRecord('path', path), ...(target ? [paxRecord('linkpath', target)] : [])])
  const extended = plainHeader({ path: 'extended', type: 'x', mode: 0o644, size: records.length })
  return Buffer.concat([
    extended,
    records,
    padding(records.length),
    plainHeader({ ...member, path: 'long', target: '' }),
  ])
}

export const padding = (size: number) => Buffer.alloc(padded(size) - size)
export const tarEnd = Buffer.alloc(2 * block)

function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`)
  let length = rest.length + 1
  while (String(length).length + rest.length !== length) length += 1
  return Buffer.concat([Buffer.from(String(length)), rest])
}

function plainHeader({ path, type, mode, size, mtime = 0, target = '' }: Heading): Buffer {
  const header = Buffer.alloc(block)
  const octal = (value: number, at: number, length: number) =>
    header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1')
  header.write(path, 0)
  octal(mode, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(Math.max(0, Math.floor(mtime)), 136, 12)
  header.write(type, 156, 'latin1')
  header.write(target, 157)
  header.write('ustar\x0000', 257, 'latin1')
  header.write(`${checksum(header).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return header
}
