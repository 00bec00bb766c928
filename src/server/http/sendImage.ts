import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { headers } from './respond.ts'

export type SentImage = {
  readonly tar: Readable
  readonly name: string
  /** About how much it is: what a tar file takes beyond its content is not known before. */
  readonly bytes: number | null
}

const beatMs = 15_000

/** A connection that is cut tells that it is not whole; each while it is asked whether the reader still may. */
export async function sendImage(
  response: ServerResponse,
  { tar, name, bytes }: SentImage,
  allowed: () => Promise<void>,
): Promise<void> {
  response.writeHead(200, {
    ...headers,
    'content-type': 'application/x-tar',
    'content-disposition': `attachment; filename="${name}"`,
    ...(bytes !== null && { 'x-berth-image-bytes': String(bytes) }),
  })
  const beat = setInterval(() => void allowed().catch((error) => tar.destroy(error)), beatMs)
  try {
    await pipeline(tar, response)
  } catch {
    response.destroy()
  } finally {
    clearInterval(beat)
  }
}
