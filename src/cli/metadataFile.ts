import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { readMetadata } from '../model/definition/upaas/readMetadata.ts'
import { refuse } from '../model/refusal.ts'

/** The text of a file with metadata of uPaaS; a mistake in it is refused under the file's own name, before anything is sent. */
export async function metadataIn(cwd: string, file: string): Promise<string> {
  const path = resolve(cwd, file)
  const text = await readFile(path, 'utf8').catch(() => refuse('INVALID', file, 'no such file'))
  if (text.length > 65_536) refuse('TOO_LARGE', file, '64 KiB')
  readMetadata({ file: basename(path), text: text.replace(/^\uFEFF/, ''), warn: () => undefined })
  return text
}
