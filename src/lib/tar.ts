import { open } from 'node:fs/promises'
import { encodeHeader, padding, type TarHeading, tarEnd } from './tarHeader.ts'

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

/** A tar stream: ustar, with a pax record in front of an entry whose names or size do not fit. */
export async function* tar(entries: AsyncIterable<TarEntry>): AsyncGenerator<Buffer> {
  for await (const entry of entries) {
    yield encodeHeader(headingOf(entry))
    if (entry.kind === 'file') yield* contentOf(entry)
  }
  yield tarEnd
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
  if (size > 0) yield padding(size)
}

function headingOf(entry: TarEntry): TarHeading {
  const common = { mode: entry.mode, mtime: entry.modifiedAt.getTime() / 1000 }
  if (entry.kind === 'directory') return { ...common, path: `${entry.path}/`, type: '5', size: 0 }
  if (entry.kind === 'link') return { ...common, path: entry.path, type: '2', size: 0, target: entry.target }
  return { ...common, path: entry.path, type: '0', size: entry.size }
}
