import { createReadStream } from 'node:fs'
import { mkdir, open, rm, stat } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { z } from 'zod'
import type { Upload } from '../../contract/uploads.ts'
import { refuse } from '../../model/refusal.ts'
import type { UploadRow } from '../store/uploads.ts'
import type { Settings } from './context.ts'
import { roomGuard } from './uploadRoom.ts'

type Guard = ReturnType<typeof roomGuard>

/** The bytes of uploads that may be interrupted: the length of the file is how far it has come. */
const pathOf = ({ uploadsDir }: Settings, { id }: Pick<UploadRow, 'id'>) => join(uploadsDir, id)

export async function makeUploadFile(settings: Settings, row: UploadRow): Promise<void> {
  await mkdir(settings.uploadsDir, { recursive: true, mode: 0o700 })
  await (await open(pathOf(settings, row), 'wx', 0o600)).close()
}

export async function uploadView(settings: Settings, row: UploadRow): Promise<z.input<typeof Upload>> {
  const { size: offset } = await stat(pathOf(settings, row)).catch(() => refuse('NOT_FOUND', 'upload', row.id))
  const { id, size, created_at: createdAt } = row
  return { id, size, offset, type: row.type as z.input<typeof Upload>['type'], createdAt }
}

/** Who writes into one at the moment: two at once would mix. */
const writing = new Set<string>()

/** Adds the bytes of the request behind those that are there; what came before a break stays. */
export async function appendTo(settings: Settings, row: UploadRow, offset: number, request: IncomingMessage) {
  if (writing.has(row.id)) refuse('STATE', `upload ${row.id}`, 'go on with', 'being sent at this moment', 'at rest')
  writing.add(row.id)
  try {
    const { offset: known } = await uploadView(settings, row)
    if (offset !== known) refuse('INVALID', 'offset', `is ${offset}, and ${known} bytes have come; go on from there`)
    const guard = roomGuard(settings.uploadsDir, settings.reserve)
    await append(pathOf(settings, row), request, row.size - known, guard)
  } finally {
    writing.delete(row.id)
  }
}

async function append(path: string, request: IncomingMessage, most: number, guard: Guard) {
  await using file = await open(path, 'a')
  let left = most
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    left -= chunk.length
    if (left < 0) refuse('TOO_LARGE', 'the upload', 'the size that it was begun with')
    await guard(chunk.length)
    await file.appendFile(chunk)
  }
}

export async function wholeUpload(settings: Settings, row: UploadRow) {
  const { offset } = await uploadView(settings, row)
  if (offset !== row.size) refuse('STATE', `upload ${row.id}`, 'deploy', `${offset} of ${row.size} bytes here`, 'whole')
  return createReadStream(pathOf(settings, row))
}

export const removeUploadFile = (settings: Settings, row: Pick<UploadRow, 'id'>) =>
  rm(pathOf(settings, row), { force: true })
