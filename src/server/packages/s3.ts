import { pipeline, Readable } from 'node:stream'
import { pipeline as whole } from 'node:stream/promises'
import { createZstdCompress, createZstdDecompress } from 'node:zlib'
import type { Engine } from '../../engine/engine.ts'
import { Refusal, refuse } from '../../model/refusal.ts'
import { bucketOf, type S3, type S3Place, s3Client } from './s3Client.ts'
import type { Kept, PackageImage, Put, Storage, Stored } from './storage.ts'

type Options = S3Place & {
  readonly engine: Engine
  /** What all names begin with: that of the operator, and that of this installation. */
  readonly folder: string
  readonly cluster: string
}

/** `docker save`, packed, as one object of a bucket; what it takes of memory does not grow with the image. */
export function s3Storage(options: Options): Storage {
  const { engine, cluster } = options
  const s3 = s3Client(options)
  const folder = options.folder === '' ? '' : `${options.folder}/`
  const unpacked = (stored: Pick<Stored, 'reference'>, signal: AbortSignal): Readable => {
    const tar = createZstdDecompress()
    pipeline(Readable.from(bytesOf(s3, stored.reference, signal)), tar, () => undefined)
    return tar
  }
  return {
    place: `${bucketOf(options)}/${folder}`,
    reference: ({ repository, image }: PackageImage) =>
      `${folder}${repository}/${image.replace('sha256:', '')}.tar.zst`,

    async put(image, put) {
      if (put.left) await s3.abort(put.reference, put.left)
      const there = await s3.size(put.reference, put.signal)
      if (there !== undefined) return { digest: null, bytes: there }
      return await sent(s3, () => engine.packages.save(`${image.repository}:${image.tag}`, put.signal), put)
    },

    async get(image, stored, signal) {
      await loaded(engine, unpacked(stored, signal), signal)
      await engine.packages.tag(image.image, image.repository, image.tag)
    },

    async remove({ reference, mark }) {
      if (mark) await s3.abort(reference, mark)
      await s3.remove(reference)
    },

    async check() {
      const key = `${folder}${cluster}/berth-check`
      await s3.put(key, 'Written and removed to see whether packages can be stored.\n')
      await s3.remove(key)
    },

    read: unpacked,
  }
}

/** Where the storage is the reason, the Engine knows only that what it was given ended. */
async function loaded(engine: Engine, tar: Readable, signal: AbortSignal): Promise<void> {
  await engine.registry.load(tar, signal).catch((error) => {
    throw tar.errored ?? error
  })
}

/** Two parts are on their way at once, and a third is filled. */
const partBytes = 8 * 1_048_576

async function sent(s3: S3, save: () => Promise<Readable>, { reference, signal, mark }: Put): Promise<Kept> {
  const id = await s3.begin(reference, signal)
  await mark(id)
  try {
    const bytes = await whole(await save(), createZstdCompress(), (packed) =>
      inParts(s3, packed, { reference, id, signal }),
    )
    return { digest: null, bytes }
  } catch (error) {
    await s3.abort(reference, id).catch(() => undefined)
    throw error
  }
}

type Upload = { readonly reference: string; readonly id: string; readonly signal: AbortSignal }

async function inParts(s3: S3, packed: AsyncIterable<Buffer>, { reference, id, signal }: Upload): Promise<number> {
  const tags: Promise<string>[] = []
  let bytes = 0
  for await (const body of pieces(packed)) {
    bytes += body.length
    const tag = s3.part(reference, { id, number: tags.length + 1, body, signal })
    tag.catch(() => undefined)
    tags.push(tag)
    await tags.at(-2)
  }
  await s3.complete(reference, id, await Promise.all(tags), signal)
  return bytes
}

async function* pieces(stream: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let piece = Buffer.allocUnsafe(partBytes)
  let filled = 0
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.length; ) {
      const copied = chunk.copy(piece, filled, at)
      at += copied
      filled += copied
      if (filled < partBytes) continue
      yield piece
      piece = Buffer.allocUnsafe(partBytes)
      filled = 0
    }
  }
  if (filled > 0) yield piece.subarray(0, filled)
}

const breaks = 5

/** A connection that breaks is taken up where it was, while bytes come. */
async function* bytesOf(s3: S3, key: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  let from = 0
  let tag = ''
  for (let broken = 0; ; ) {
    const response = await s3.get(key, { from, tag, signal })
    if (from > 0 && response.status !== 206) refuse('UNAVAILABLE', 'the package storage', 'it gives no part of a file')
    tag = response.headers.get('etag') ?? ''
    const end = from + Number(response.headers.get('content-length') ?? Number.NaN)
    try {
      for await (const chunk of response.body ?? []) {
        from += chunk.length
        yield chunk
      }
      if (Number.isNaN(end) || from === end) return
    } catch (error) {
      if (signal.aborted || error instanceof Refusal) throw error
    }
    if (++broken > breaks) refuse('UNAVAILABLE', 'the package storage', 'the connection to it breaks again and again')
  }
}
