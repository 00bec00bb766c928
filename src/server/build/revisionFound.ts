import { basename } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { Engine } from '../../engine/engine.ts'
import { type RevisionPart, revisionParts } from '../../model/definition/upaas/metadata.ts'
import { labels } from '../../model/instance.ts'
import { printable } from '../../model/printable.ts'
import type { RevisionFound } from '../../model/release.ts'
import { revisionFolder } from './metadataScripts.ts'
import { readTar } from './tar.ts'

const mostLines = 200

/** What a build by metadata found out about the code that it fetched; read out of a container that is never started. */
export async function revisionFound(engine: Engine, image: string): Promise<RevisionFound | undefined> {
  const parts = await partsIn(engine, image)
  const id = firstLine(parts.id).slice(0, 80)
  if (id === '') return undefined
  const lines = (parts.changelog ?? '').split('\n').map((line) => printable(line).trimEnd())
  const changelog = lines.filter((line) => line !== '').slice(0, mostLines)
  return { id, author: firstLine(parts.author), description: firstLine(parts.description), changelog }
}

const firstLine = (text = '') => printable(text.trim().split('\n', 1)[0] ?? '').slice(0, 200)

type Found = Partial<Record<RevisionPart, string>>

async function partsIn({ api, containers }: Engine, image: string): Promise<Found> {
  const body = { Image: image, Cmd: ['true'], Labels: { [labels.owned]: 'true' } }
  const { Id } = await api.json<{ Id: string }>({ method: 'POST', path: '/containers/create', body })
  try {
    return await textsIn(
      await api.stream({ path: `/containers/${Id}/archive`, query: { path: revisionFolder } }).then(buffer),
    )
  } finally {
    await containers.remove(Id)
  }
}

async function textsIn(tar: Buffer): Promise<Found> {
  const found: Found = {}
  const bytes = { read: async (offset: number, length: number) => tar.subarray(offset, offset + length) }
  for await (const { path, offset, size } of readTar(bytes)) {
    const part = revisionParts.find((name) => name === basename(path))
    if (part) found[part] = tar.toString('utf8', offset, offset + size)
  }
  return found
}
