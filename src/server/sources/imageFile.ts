import { open } from 'node:fs/promises'
import { posix } from 'node:path'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { z } from 'zod'
import { encodeHeader, padding, tarEnd } from '../../lib/tarHeader.ts'
import { imageLimits } from '../../model/limits.ts'
import { printable } from '../../model/printable.ts'
import { Refusal, refuse } from '../../model/refusal.ts'
import { type Bytes, type Member, readTar } from '../build/tar.ts'
import { checkLayer } from './layer.ts'

const Manifest = z
  .array(
    z.object({
      Config: z.string().min(1),
      RepoTags: z.array(z.string()).nullish(),
      Layers: z.array(z.string().min(1)).max(500),
    }),
  )
  .length(1)

const most = {
  manifest: 1_048_576,
  config: 4 * 1_048_576,
  members: 20_000,
  unpacked: imageLimits.unpackedMb * 1_048_576,
  files: 1_000_000,
} as const

export type RepackedImage = AsyncDisposable & {
  /** What it was called where it was saved. */
  readonly name: string
  /** The image alone: its configuration, its layers, and a name that we choose. */
  tar(): Readable
}

/**
 * A file as `docker save` writes it, read and written anew: whatever it calls its images, and whatever else is in it, the
 * Engine gets to see one image under one name. Throws SOURCE, TOO_LARGE.
 */
export async function repackedImage(path: string, tag: string): Promise<RepackedImage> {
  const handle = await open(path, 'r').catch(() =>
    refuse('SOURCE', 'its file is no longer on this machine; send it again'),
  )
  try {
    const bytes: Bytes = {
      async read(offset, length) {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset)
        return buffer.subarray(0, bytesRead)
      },
    }
    const members = await membersOf(bytes)
    const image = await imageIn(bytes, members)
    const config = found(members, image.Config, 'configuration')
    if (config.size > most.config) refuse('TOO_LARGE', 'the configuration of the image', '4 MiB')
    const layers = image.Layers.map((name) => found(members, name, 'layer'))
    await refuseBombs(bytes, layers)
    return {
      name: printable(image.RepoTags?.[0] ?? 'an image without a name').slice(0, 200),
      tar: () => Readable.from(repack(bytes, config, layers, tag)),
      [Symbol.asyncDispose]: () => handle.close(),
    }
  } catch (error) {
    await handle.close()
    throw error
  }
}

type Members = ReadonlyMap<string, Member>

async function membersOf(bytes: Bytes): Promise<Members> {
  const members = new Map<string, Member>()
  for await (const member of readTar(bytes)) {
    members.set(posix.normalize(member.path), member)
    if (members.size > most.members) refuse('TOO_LARGE', 'the number of files in it', String(most.members))
  }
  return members
}

async function imageIn(bytes: Bytes, members: Members) {
  const file = members.get('manifest.json')
  if (!file || file.size > most.manifest)
    refuse('SOURCE', 'it is no image as "docker save" writes it: it has no manifest.json')
  const parsed = Manifest.safeParse(jsonOf(await bytes.read(file.offset, file.size)))
  const [image] = parsed.data ?? []
  return image ?? refuse('SOURCE', 'its manifest.json does not name exactly one image; save one image only')
}

function jsonOf(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString('utf8'))
  } catch {
    return undefined
  }
}

/** The same layer twice is saved as a link to the first; one step is followed, inside only. */
function found(members: Members, name: string, what: string): Member {
  const member = members.get(posix.normalize(name))
  const file =
    member?.type === '2' ? members.get(posix.join(posix.dirname(posix.normalize(name)), member.target)) : member
  return file?.type === '0' ? file : refuse('SOURCE', `its ${what} ${printable(name).slice(0, 100)} is not in it`)
}

/** Whatever they hold, the Engine would unpack it. */
async function refuseBombs(bytes: Bytes, layers: readonly Member[]) {
  const budget = { bytes: most.unpacked, files: most.files }
  for (const layer of layers) {
    const magic = (await bytes.read(layer.offset, 2)).toString('hex')
    await checkLayer(magic === '1f8b' ? unpacked(bytes, layer) : contentOf(bytes, layer), budget)
  }
}

async function* unpacked(bytes: Bytes, layer: Member): AsyncGenerator<Buffer> {
  const gunzip = createGunzip()
  const source = Readable.from(contentOf(bytes, layer)).on('error', (error) => gunzip.destroy(error))
  try {
    yield* source.pipe(gunzip) as AsyncIterable<Buffer>
  } catch (error) {
    if (error instanceof Refusal) throw error
    refuse('SOURCE', 'one of its layers is damaged')
  } finally {
    source.destroy()
    gunzip.destroy()
  }
}

const piece = 1_048_576

async function* contentOf(bytes: Bytes, { offset, size }: Member): AsyncGenerator<Buffer> {
  for (let at = 0; at < size; at += piece) {
    const length = Math.min(piece, size - at)
    const chunk = await bytes.read(offset + at, length)
    if (chunk.length < length) refuse('SOURCE', 'it ends too early')
    yield chunk
  }
}

async function* repack(bytes: Bytes, config: Member, layers: readonly Member[], tag: string): AsyncGenerator<Buffer> {
  const names = layers.map((_, at) => `layer-${at}.tar`)
  yield* member('config.json', bytes, config)
  for (const [at, layer] of layers.entries()) yield* member(names[at] ?? '', bytes, layer)
  const manifest = Buffer.from(JSON.stringify([{ Config: 'config.json', RepoTags: [tag], Layers: names }]))
  yield Buffer.concat([
    encodeHeader({ path: 'manifest.json', type: '0', mode: 0o644, size: manifest.length }),
    manifest,
    padding(manifest.length),
  ])
  yield tarEnd
}

async function* member(path: string, bytes: Bytes, from: Member): AsyncGenerator<Buffer> {
  yield encodeHeader({ path, type: '0', mode: 0o644, size: from.size })
  yield* contentOf(bytes, from)
  yield padding(from.size)
}
