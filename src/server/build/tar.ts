import { checksum, padded } from '../../lib/tarHeader.ts'
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
  if (!'xgLK'.includes(member.type)) return undefined
  if (member.size > mostExtended) refuse('SOURCE', 'a header in the tar file is too large')
  const content = await bytes.read(member.offset, member.size)
  if (member.type === 'L') return { ...before, path: text(content, 0, content.length) }
  if (member.type === 'K') return { ...before, target: text(content, 0, content.length) }
  const records = paxRecords(content)
  return member.type === 'g' ? before : { ...before, ...records }
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
