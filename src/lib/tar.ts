import { open } from 'node:fs/promises'

export type TarEntry = {
  /** Relative, with / between the parts. */
  readonly path: string
  readonly mode: number
  readonly modifiedAt: Date
} & (
  | { readonly kind: 'file'; readonly size: number; readonly source: string }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'directory' }
)

const block = 512
const largest = 8 ** 11
const flags = { file: '0', link: '2', directory: '5' } as const

/** A tar stream: ustar, with a pax record in front of an entry whose names or size do not fit. */
export async function* tar(entries: AsyncIterable<TarEntry>): AsyncGenerator<Buffer> {
  for await (const entry of entries) {
    yield headersOf(entry)
    if (entry.kind === 'file') yield* contentOf(entry)
  }
  yield Buffer.alloc(2 * block)
}

/** Exactly as many bytes as the header says, or an error: a file may change while it is read. */
async function* contentOf({ path, source, size }: TarEntry & { kind: 'file' }): AsyncGenerator<Buffer> {
  await using file = await open(source)
  let left = size
  if (size > 0) {
    for await (const chunk of file.createReadStream({ autoClose: false, end: size - 1 }) as AsyncIterable<Buffer>) {
      left -= chunk.length
      yield chunk
    }
  }
  if (left !== 0) throw new Error(`${path} became shorter while it was read`)
  if (size % block !== 0) yield Buffer.alloc(block - (size % block))
}

function headersOf(entry: TarEntry): Buffer {
  const path = entry.kind === 'directory' ? `${entry.path}/` : entry.path
  const target = entry.kind === 'link' ? entry.target : ''
  const size = entry.kind === 'file' ? entry.size : 0
  const records = {
    ...(fits(path) ? {} : { path }),
    ...(fits(target) ? {} : { linkpath: target }),
    ...(size < largest ? {} : { size: String(size) }),
  }
  const main = header({ path, target, size, flag: flags[entry.kind], mode: entry.mode, modifiedAt: entry.modifiedAt })
  return Object.keys(records).length === 0 ? main : Buffer.concat([pax(records, entry.modifiedAt), main])
}

const fits = (name: string) => Buffer.byteLength(name) <= 100

function pax(records: Readonly<Record<string, string>>, modifiedAt: Date): Buffer {
  const body = Buffer.concat(Object.entries(records).map(([key, value]) => paxRecord(key, value)))
  const head = header({ path: 'pax', target: '', size: body.length, flag: 'x', mode: 0o644, modifiedAt })
  return Buffer.concat([head, body, Buffer.alloc((block - (body.length % block)) % block)])
}

/** "<length> <key>=<value>\n", where the length counts its own digits. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`)
  let length = rest.length
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length
  return Buffer.concat([Buffer.from(String(length)), rest])
}

type Header = {
  readonly path: string
  readonly target: string
  readonly size: number
  readonly flag: string
  readonly mode: number
  readonly modifiedAt: Date
}

function header({ path, target, size, flag, mode, modifiedAt }: Header): Buffer {
  const bytes = Buffer.alloc(block)
  bytes.set(Buffer.from(path).subarray(0, 100), 0)
  octal(bytes, mode & 0o7777, 100, 8)
  octal(bytes, 0, 108, 8)
  octal(bytes, 0, 116, 8)
  octal(bytes, size < largest ? size : 0, 124, 12)
  octal(bytes, Math.max(0, Math.floor(modifiedAt.getTime() / 1000)), 136, 12)
  bytes.write('        ', 148, 'latin1')
  bytes.write(flag, 156, 'latin1')
  bytes.set(Buffer.from(target).subarray(0, 100), 157)
  bytes.write('ustar\x0000', 257, 'latin1')
  octal(
    bytes,
    bytes.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  )
  return bytes
}

/** Digits and one NUL, as wide as the field. */
const octal = (bytes: Buffer, value: number, at: number, width: number) =>
  bytes.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1')
