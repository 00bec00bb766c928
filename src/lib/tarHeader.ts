const block = 512
const largest = 8 ** 11

/** One member of a tar file as it is written; the owner is always root. */
export type TarHeading = {
  readonly path: string
  /** '0' file, '2' symbolic link, '5' folder, 'x' extended header. */
  readonly type: string
  readonly mode: number
  readonly size: number
  /** Unix seconds. */
  readonly mtime?: number
  readonly target?: string
}

/** The header blocks of one member: ustar, behind a pax record where names or the size do not fit. */
export function encodeHeader(member: TarHeading): Buffer {
  const records = recordsOf(member)
  if (records.length === 0) return plainHeader(member)
  const body = Buffer.concat(records)
  return Buffer.concat([
    plainHeader({ path: 'extended', type: 'x', mode: 0o644, size: body.length }),
    body,
    padding(body.length),
    plainHeader({ ...member, path: 'long', target: '' }),
  ])
}

export const padded = (size: number) => Math.ceil(size / block) * block
export const padding = (size: number) => Buffer.alloc(padded(size) - size)
export const tarEnd = Buffer.alloc(2 * block)

/** Sum of a header's bytes, its own field taken as blanks. */
export const checksum = (header: Buffer) =>
  header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0)

function recordsOf({ path, target = '', size }: TarHeading): Buffer[] {
  const long = Buffer.byteLength(path) > 100 || Buffer.byteLength(target) > 100
  return [
    ...(long ? [paxRecord('path', path)] : []),
    ...(long && target ? [paxRecord('linkpath', target)] : []),
    ...(size >= largest ? [paxRecord('size', String(size))] : []),
  ]
}

/** "<length> <key>=<value>\n", where the length counts its own digits. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`)
  let length = rest.length + 1
  while (String(length).length + rest.length !== length) length += 1
  return Buffer.concat([Buffer.from(String(length)), rest])
}

function plainHeader({ path, type, mode, size, mtime = 0, target = '' }: TarHeading): Buffer {
  const header = Buffer.alloc(block)
  const octal = (value: number, at: number, length: number) =>
    header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1')
  header.write(path, 0)
  octal(mode & 0o7777, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size < largest ? size : 0, 124, 12)
  octal(Math.max(0, Math.floor(mtime)), 136, 12)
  header.write(type, 156, 'latin1')
  header.write(target, 157)
  header.write('ustar\x0000', 257, 'latin1')
  header.write(`${checksum(header).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return header
}
