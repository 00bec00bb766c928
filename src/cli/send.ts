import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DirectClient } from '../client/direct.ts'
import type { UploadType } from '../contract/deploys.ts'
import { Refusal, refuse } from '../model/refusal.ts'
import type { Operation } from './follow.ts'
import { complain } from './print.ts'
import { Progress } from './progress.ts'
import { counted } from './upload.ts'

/** Up to here it is one request; beyond, an upload that goes on after a break. */
const wholeBytes = 64 * 2 ** 20

export type Sent = {
  readonly client: DirectClient
  readonly app: string
  readonly type: UploadType
  readonly message?: string
  readonly fresh?: boolean
  /** They are an image, not a source. */
  readonly image?: boolean
}

const types = { tar: 'application/x-tar', gzip: 'application/gzip', zip: 'application/zip' } as const

/** Sends what a stream holds, however much that is. */
export async function sendStream(sent: Sent, stream: AsyncIterable<Uint8Array>): Promise<Operation> {
  const first: Uint8Array[] = []
  let size = 0
  const rest = stream[Symbol.asyncIterator]()
  for (let next = await rest.next(); !next.done; next = await rest.next()) {
    first.push(next.value)
    size += next.value.length
    if (size > wholeBytes) return await throughFile(sent, first, rest)
  }
  return await sendWhole(sent, Readable.from(first))
}

async function throughFile(sent: Sent, first: Uint8Array[], rest: AsyncIterator<Uint8Array>): Promise<Operation> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-send-'))
  try {
    const path = join(folder, 'packed')
    await pipeline(Readable.from(joined(first, rest)), createWriteStream(path))
    return await sendFile(sent, path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function* joined(first: Uint8Array[], rest: AsyncIterator<Uint8Array>) {
  yield* first.splice(0)
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}

export async function sendFile(sent: Sent, path: string): Promise<Operation> {
  const { size } = await stat(path).catch(() => refuse('INVALID', path, 'cannot be read'))
  return size <= wholeBytes ? await sendWhole(sent, createReadStream(path)) : await sendParts(sent, path, size)
}

function sendWhole({ client, app, type, message, fresh, image }: Sent, bytes: Readable): Promise<Operation> {
  const upload = { type: types[type], bytes: counted(bytes) }
  if (image) return client.upload('deployImageFile', { params: { app } }, upload)
  const query = { ...(message !== undefined && { message }), ...(fresh && { fresh: 'true' as const }) }
  return client.upload('deploy', { params: { app }, query }, upload)
}

async function sendParts(sent: Sent, path: string, size: number): Promise<Operation> {
  const { client, app, type, message, fresh, image } = sent
  const { id: upload } = await client.call('createUpload', { params: { app }, body: { size, type } })
  const params = { app, upload }
  {
    using progress = new Progress('uploading')
    await untilSent(client, params, path, size, (offset) => progress.label(`uploading ${percent(offset, size)}`))
  }
  const body = { ...(message !== undefined && { message }), ...(fresh && { fresh }), ...(image && { image }) }
  return await client.call('deployUpload', { params, body })
}

const percent = (offset: number, size: number) =>
  `${(size / 1_000_000).toFixed(0)} MB, ${Math.floor((offset / size) * 100)} %`

type Params = { readonly app: string; readonly upload: string }

const mostBreaks = 20

/** Asks after each break how far it came; gives up when nothing moves any more. */
async function untilSent(
  client: DirectClient,
  params: Params,
  path: string,
  size: number,
  at: (offset: number) => void,
) {
  for (let offset = 0, breaks = 0; offset < size; ) {
    const before = offset
    try {
      const bytes = createReadStream(path, { start: offset, end: Math.min(offset + wholeBytes, size) - 1 })
      const upload = { type: 'application/octet-stream', bytes } as const
      offset = (await client.upload('continueUpload', { params, query: { offset: String(offset) } }, upload)).offset
    } catch (error) {
      if (!isBreak(error) || ++breaks > mostBreaks) throw error
      complain(`the upload broke off (${(error as Error).message}); going on`)
      await sleep(Math.min(500 * breaks, 5_000))
      offset = await client.call('showUpload', { params }).then(
        (known) => known.offset,
        (failure) => (isBreak(failure) ? offset : Promise.reject(failure)),
      )
    }
    if (offset > before) breaks = 0
    at(offset)
  }
}

/** Not that the server said no, but that it was not there; or that it has not heard yet of the break itself. */
const isBreak = (error: unknown): boolean =>
  error instanceof Refusal ? ['UNAVAILABLE', 'STATE'].includes(error.code) : error instanceof Error
